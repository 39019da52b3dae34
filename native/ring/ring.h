// One producer, one consumer, fixed memory in a memfd. The reader thread produces; the daemon's event loop consumes
// through src/ring, which reads the same memory (layout.h). Builds without Node.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>

#include "layout.h"

namespace audit {

class Ring {
 public:
  // A new ring in a new memfd. Null with errno set: EINVAL for a size that is no power of two within
  // kMinTextBytes..kMaxTextBytes, else what memfd_create, ftruncate or mmap said.
  static std::unique_ptr<Ring> Create(uint32_t text_bytes) noexcept;

  // The ring that another process left in `memfd`, which then belongs to the result. Null with errno set, and the
  // descriptor stays the caller's: EPROTO when the memory is no ring of a known layout, EBADMSG when it contradicts
  // itself, ELOOP when kMostRecoveries processes in a row attached to it and died.
  static std::unique_ptr<Ring> Attach(int memfd) noexcept;
  static constexpr uint32_t kMostRecoveries = 100;
  // This process has come up: the next that attaches is the first.
  void CameUp() noexcept { header_->recoveries.store(0, std::memory_order_relaxed); }

  ~Ring();
  Ring(const Ring&) = delete;
  Ring& operator=(const Ring&) = delete;

  // --- Producer: one thread, never blocks, never allocates. ---

  // Room for one line of at most `bytes` bytes and its newline, or null while the ring is full. Nothing is taken yet.
  char* Reserve(size_t bytes) noexcept;

  struct Record {
    uint16_t type = 0;
    uint16_t flags = 0;
    uint32_t serial = 0;
    uint64_t milliseconds = 0;
  };
  // The line of `length` bytes that was written where Reserve() pointed becomes a record. The newline is added here.
  void Commit(const Record& record, uint32_t length) noexcept;
  // A record that only plugins get: an entry without text. Needs room as Reserve(0) says.
  void CommitDispatchOnly(const Record& record) noexcept;

  // --- The slots that messages are received into, so that what a dead process had received is still there. ---

  // False in a ring of layout 1, and the three below must not be called.
  bool has_staging() const noexcept { return header_->layout_version > 1; }
  uint8_t* slot_headers() const noexcept { return memory_ + kStagingOffset; }
  char* slots() const noexcept { return reinterpret_cast<char*>(memory_) + kStagingOffset + kSlotHeadersBytes; }
  // The next Commit() makes a record of this slot's message. Slots are done in order.
  void Stage(int slot) noexcept { StoreStaged(head_, slot); }
  // This slot's message becomes no record.
  void Unstage(int slot) noexcept { StoreStaged(head_ - 1, slot); }
  // Every slot is empty.
  void ClearStaged() noexcept {
    header_->staged.store(0, std::memory_order_release);
    header_->staged_copy.store(0, std::memory_order_release);
  }
  // The first slot whose message has not become a record.
  int FirstUnstaged() const noexcept;
  Header& header() noexcept { return *header_; }
  // The keys are not needed any more: their memory goes back to the system.
  void DropKeys() noexcept;

  // Shows everything committed since the last call to the consumer: once per batch, as each store takes the cache
  // line from the consumer.
  void Publish() noexcept;

  // Between two rounds: keeps the ring resident only as far as it is in use. Pages that the consumer is done with go
  // back to the system in steps of kGiveBackBytes; and when nothing waits, writing goes on at the start of the text,
  // so that a consumer that keeps pace makes both sides use the same few pages over and over. True when the consumer
  // still has work, so that another call later has something to do.
  bool Settle() noexcept;

  Counters& counters() noexcept { return header_->counters; }

  // --- Either side. ---
  // The whole mapping: header, index, text, text again. Lives as long as the ring.
  uint8_t* memory() const noexcept { return memory_; }
  size_t memory_bytes() const noexcept { return memory_bytes_; }
  int memfd() const noexcept { return memfd_; }

  static constexpr uint32_t kGiveBackBytes = 1u << 20;
  static constexpr uint32_t kRewindBytes = 1u << 18;

 private:
  Ring() = default;
  bool Map() noexcept;
  bool CountRecovery() noexcept;
  bool Recover() noexcept;
  bool FollowFrom(uint32_t tail, uint32_t text_tail) noexcept;
  void StoreStaged(uint32_t entry, int slot) noexcept {
    const uint64_t word = StagedWord(entry, static_cast<uint8_t>(slot + 1));
    header_->staged.store(word, std::memory_order_release);
    header_->staged_copy.store(word, std::memory_order_release);
  }
  void Append(const Record& record, uint32_t length) noexcept;
  uint32_t TextTail() const noexcept;
  void Rewind() noexcept;
  void GiveBackText(uint32_t until) noexcept;
  void GiveBackIndex(uint32_t tail) noexcept;
  Entry& At(uint32_t number) const noexcept { return index_[number & (header_->index_entries - 1)]; }

  int memfd_ = -1;
  uint8_t* memory_ = nullptr;
  size_t memory_bytes_ = 0;
  Header* header_ = nullptr;
  Entry* index_ = nullptr;
  char* text_ = nullptr;
  uint32_t index_offset_ = kIndexOffset;
  uint32_t text_bytes_ = 0;
  uint32_t index_entries_ = 0;

  // The producer's own: what is committed but perhaps not yet published, and how far pages were given back.
  uint32_t head_ = 0;
  uint32_t text_head_ = 0;
  uint32_t lines_ = 0;
  uint32_t text_floor_ = 0;  // the consumer is done with everything before it, whatever text_tail says yet
  uint32_t returned_text_ = 0;
  uint32_t returned_entries_ = 0;
};

}  // namespace audit
