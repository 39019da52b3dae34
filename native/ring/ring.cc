#include "ring.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <new>

namespace audit {

namespace {

constexpr uint32_t kPage = 4096;  // alignment for giving back; a larger system page makes the kernel round inwards

bool IsPowerOfTwo(uint32_t value) { return value != 0 && (value & (value - 1)) == 0; }

size_t IndexBytes(uint32_t index_entries) { return static_cast<size_t>(index_entries) * kEntryBytes; }

// Punches [from, to) of a cyclic area of `size` bytes at `base` of the file. Both are free-running byte counters.
void PunchCyclic(int fd, size_t base, size_t size, uint64_t from, uint64_t to) noexcept {
  while (from < to) {
    const size_t start = from % size;
    const size_t length = to - from < size - start ? to - from : size - start;
    // Best effort: what stays resident is memory, not records.
    fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, static_cast<off_t>(base + start),
              static_cast<off_t>(length));
    from += length;
  }
}

}  // namespace

std::unique_ptr<Ring> Ring::Create(uint32_t text_bytes) noexcept {
  if (!IsPowerOfTwo(text_bytes) || text_bytes < kMinTextBytes || text_bytes > kMaxTextBytes) {
    errno = EINVAL;
    return nullptr;
  }
  std::unique_ptr<Ring> ring(new (std::nothrow) Ring());
  if (!ring) {
    errno = ENOMEM;
    return nullptr;
  }
  ring->text_bytes_ = text_bytes;
  ring->index_entries_ = text_bytes / kTextBytesPerEntry;
  ring->memfd_ = memfd_create("auditd-ring", MFD_CLOEXEC);
  if (ring->memfd_ < 0) return nullptr;
  const size_t bytes = kIndexOffset + IndexBytes(ring->index_entries_) + text_bytes;
  if (ftruncate(ring->memfd_, static_cast<off_t>(bytes)) != 0 || !ring->Map()) return nullptr;

  Header* header = ring->header_;  // a new memfd is zeroed: cursors and counters start at 0
  header->layout_version = kLayoutVersion;
  header->index_offset = kIndexOffset;
  header->entry_bytes = kEntryBytes;
  header->index_entries = ring->index_entries_;
  header->text_bytes = text_bytes;
  header->magic = kRingMagic;
  return ring;
}

std::unique_ptr<Ring> Ring::Attach(int memfd) noexcept {
  struct stat info;
  if (fstat(memfd, &info) != 0) return nullptr;
  const auto size = static_cast<uint64_t>(info.st_size);
  void* page = size < kHeaderBytes ? nullptr : mmap(nullptr, kHeaderBytes, PROT_READ, MAP_SHARED, memfd, 0);
  if (page == MAP_FAILED) return nullptr;
  bool usable = false;
  uint32_t text_bytes = 0;
  uint32_t index_entries = 0;
  uint32_t index_offset = 0;
  if (page != nullptr) {
    const auto* header = static_cast<const Header*>(page);
    text_bytes = header->text_bytes;
    index_entries = header->index_entries;
    index_offset = header->index_offset;
    const uint32_t version = header->layout_version;
    usable = header->magic == kRingMagic && version >= kFirstLayoutVersion && version <= kLayoutVersion &&
             index_offset == (version == 1 ? kHeaderBytes : kIndexOffset) && header->entry_bytes == kEntryBytes &&
             IsPowerOfTwo(text_bytes) && text_bytes >= kMinTextBytes && text_bytes <= kMaxTextBytes &&
             index_entries == text_bytes / kTextBytesPerEntry &&
             size == index_offset + IndexBytes(index_entries) + text_bytes;
    munmap(page, kHeaderBytes);
  }
  if (!usable) {
    errno = EPROTO;
    return nullptr;
  }
  std::unique_ptr<Ring> ring(new (std::nothrow) Ring());
  if (!ring) {
    errno = ENOMEM;
    return nullptr;
  }
  ring->text_bytes_ = text_bytes;
  ring->index_entries_ = index_entries;
  ring->index_offset_ = index_offset;
  ring->memfd_ = memfd;
  int reason = 0;
  if (!ring->Map()) {
    reason = errno;
  } else if (!ring->CountRecovery()) {
    reason = ELOOP;
  } else if (!ring->Recover()) {
    reason = EBADMSG;
  }
  if (reason == 0) return ring;
  ring->memfd_ = -1;
  errno = reason;
  return nullptr;
}

// A count that no process made is a damaged one, and no reason to give up what the ring holds.
bool Ring::CountRecovery() noexcept {
  const uint32_t before = header_->recoveries.load(std::memory_order_relaxed);
  if (before == kMostRecoveries) return false;
  header_->recoveries.store(before < kMostRecoveries ? before + 1 : 1, std::memory_order_relaxed);
  return true;
}

// Takes up the cursors that a dead process left. The consumer may have died between its two stores, or a byte may be
// damaged: then the copy tells. False when neither fits the entries.
bool Ring::Recover() noexcept {
  const uint32_t tail = header_->tail.load(std::memory_order_acquire);
  const uint32_t text_tail = header_->text_tail.load(std::memory_order_acquire);
  const uint32_t tail_copy = header_->tail_copy.load(std::memory_order_acquire);
  const uint32_t text_tail_copy = header_->text_tail_copy.load(std::memory_order_acquire);
  if (FollowFrom(tail, text_tail)) return true;
  // Layout 1 has no copy.
  return has_staging() && FollowFrom(tail_copy, text_tail_copy);
}

// Everything from `tail` on that is whole and follows on what is before it, published or not: the writer may have died
// inside a batch. The marks alone tell where it ends; the head follows them.
bool Ring::FollowFrom(uint32_t tail, uint32_t text_tail) noexcept {
  const Entry& released = At(tail - 1);
  if (released.mark.load(std::memory_order_acquire) == MarkOf(tail - 1) && released.text_end != text_tail) return false;
  uint32_t text_end = text_tail;
  if (At(tail).mark.load(std::memory_order_acquire) == MarkOf(tail)) {
    text_end = At(tail).text_end - At(tail).length;  // not text_tail: see Rewind()
    // A rewind moves to the next lap's start, and no further.
    const uint32_t jump = text_end - text_tail;
    if (jump != 0 && (jump > text_bytes_ || (text_end & (text_bytes_ - 1)) != 0)) return false;
  }
  const uint32_t text_start = text_end;
  uint32_t number = tail;
  uint32_t lines = released.lines;
  for (; number - tail < index_entries_; number++) {
    const Entry& entry = At(number);
    if (entry.mark.load(std::memory_order_acquire) != MarkOf(number)) break;
    if (entry.length > text_bytes_ || entry.text_end != text_end + entry.length) return false;
    text_end = entry.text_end;
    lines = entry.lines;
    if (text_end - text_start > text_bytes_) return false;
    if (entry.length > 0 && text_[(text_end - 1) & (text_bytes_ - 1)] != '\n') return false;
  }
  // A head elsewhere than where the marks end is damaged, or the tail or an entry is: told apart by the tail's copy,
  // and by what stands where the marks end, which is of an earlier lap unless it is damaged.
  const uint32_t head = header_->head.load(std::memory_order_acquire);
  if (number - head > kSlots) {
    const bool is_confirmed = has_staging() && header_->tail_copy.load(std::memory_order_relaxed) == tail &&
                              header_->text_tail_copy.load(std::memory_order_relaxed) == text_tail;
    const uint32_t mark = At(number).mark.load(std::memory_order_relaxed);
    const bool is_end = number - tail == index_entries_ || mark == 0 || mark == MarkOf(number - index_entries_);
    if (!is_confirmed || !is_end) return false;
  }
  head_ = number;
  text_head_ = text_end;
  lines_ = lines;
  text_floor_ = text_start;
  returned_text_ = text_start & ~(kPage - 1);
  returned_entries_ = tail;
  header_->text_tail.store(text_tail, std::memory_order_relaxed);
  header_->tail.store(tail, std::memory_order_release);
  if (has_staging()) {
    header_->text_tail_copy.store(text_tail, std::memory_order_relaxed);
    header_->tail_copy.store(tail, std::memory_order_release);
  }
  Publish();
  return true;
}

int Ring::FirstUnstaged() const noexcept {
  for (const std::atomic<uint64_t>* word : {&header_->staged, &header_->staged_copy}) {
    const uint64_t staged = word->load(std::memory_order_acquire);
    const auto entry = static_cast<uint32_t>(staged >> 32);
    const auto done = static_cast<uint8_t>(staged);
    if (staged == 0) return 0;
    if (done == 0 || done > kSlots || staged != StagedWord(entry, done)) continue;
    return static_cast<int32_t>(head_ - entry) <= 0 ? done - 1 : done;  // its record was never committed
  }
  return 0;
}

void Ring::DropKeys() noexcept {
  header_->keys.store(0, std::memory_order_relaxed);
  header_->is_window_open.store(0, std::memory_order_relaxed);
  fallocate(memfd_, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, kKeysOffset, off_t{kKeys} * 8);
}

bool Ring::Map() noexcept {
  const size_t fixed = index_offset_ + IndexBytes(index_entries_);
  memory_bytes_ = fixed + 2 * static_cast<size_t>(text_bytes_);
  // One reservation, so that both copies of the text lie side by side.
  void* base = mmap(nullptr, memory_bytes_, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (base == MAP_FAILED) return false;
  memory_ = static_cast<uint8_t*>(base);
  const int access = PROT_READ | PROT_WRITE;
  const auto text_offset = static_cast<off_t>(fixed);
  if (mmap(memory_, fixed + text_bytes_, access, MAP_SHARED | MAP_FIXED, memfd_, 0) == MAP_FAILED ||
      mmap(memory_ + fixed + text_bytes_, text_bytes_, access, MAP_SHARED | MAP_FIXED, memfd_, text_offset) ==
          MAP_FAILED) {
    return false;
  }
  // A crash dump must hold neither the records (they may be secret) nor hundreds of megabytes.
  madvise(memory_, memory_bytes_, MADV_DONTDUMP);
  header_ = reinterpret_cast<Header*>(memory_);
  index_ = reinterpret_cast<Entry*>(memory_ + index_offset_);
  text_ = reinterpret_cast<char*>(memory_ + fixed);
  return true;
}

Ring::~Ring() {
  if (memory_ != nullptr) munmap(memory_, memory_bytes_);
  if (memfd_ >= 0) close(memfd_);
}

char* Ring::Reserve(size_t bytes) noexcept {
  const uint32_t tail = header_->tail.load(std::memory_order_acquire);  // space before it is ours again
  if (head_ - tail >= index_entries_) return nullptr;
  const uint32_t free = text_bytes_ - (text_head_ - TextTail());
  if (bytes + 1 > free) return nullptr;
  return text_ + (text_head_ & (text_bytes_ - 1));
}

void Ring::Commit(const Record& record, uint32_t length) noexcept {
  text_[(text_head_ & (text_bytes_ - 1)) + length] = '\n';  // the second mapping takes what runs over the end
  lines_++;
  Append(record, length + 1);
}

void Ring::CommitDispatchOnly(const Record& record) noexcept {
  Record marked = record;
  marked.flags |= kEntryDispatchOnly;
  Append(marked, 0);
}

void Ring::Append(const Record& record, uint32_t length) noexcept {
  text_head_ += length;
  Entry& entry = At(head_);
  entry.type = record.type;
  entry.flags = record.flags;
  entry.length = length;
  entry.text_end = text_head_;
  entry.lines = lines_;
  entry.serial = record.serial;
  entry.milliseconds = record.milliseconds;
  entry.mark.store(MarkOf(head_), std::memory_order_release);  // last: a record is whole before it is marked
  head_++;
}

void Ring::Publish() noexcept {
  const uint32_t waiting = text_head_ - TextTail();
  if (waiting > counters().high_water_bytes.load(std::memory_order_relaxed)) {
    counters().high_water_bytes.store(waiting, std::memory_order_relaxed);
  }
  header_->head.store(head_, std::memory_order_release);
}

uint32_t Ring::TextTail() const noexcept {
  const uint32_t tail = header_->text_tail.load(std::memory_order_acquire);
  return static_cast<int32_t>(text_floor_ - tail) > 0 ? text_floor_ : tail;
}

bool Ring::Settle() noexcept {
  const uint32_t tail = header_->tail.load(std::memory_order_acquire);
  if (tail - returned_entries_ >= kGiveBackBytes / kEntryBytes) GiveBackIndex(tail);
  if (tail == head_) {
    if ((text_head_ & (text_bytes_ - 1)) >= kRewindBytes) Rewind();
    return false;
  }
  const uint32_t text_tail = TextTail();
  if (text_tail - returned_text_ >= kGiveBackBytes) GiveBackText(text_tail & ~(kGiveBackBytes - 1));
  return true;
}

// Nothing waits. The text cursor jumps to the next multiple of the capacity, which lies at the start of the text; the
// first entry after the jump tells the consumer where its text begins.
void Ring::Rewind() noexcept {
  const uint32_t capacity_mask = text_bytes_ - 1;
  const uint32_t lap_start = text_head_ & ~capacity_mask;
  // A short lap leaves its pages, which the next one uses at once. After a burst the pages left are elsewhere.
  if (returned_text_ != lap_start) GiveBackText((text_head_ + kPage - 1) & ~(kPage - 1));
  text_head_ = lap_start + text_bytes_;
  text_floor_ = text_head_;
  returned_text_ = text_head_;
}

// Gives back [returned_text_, until), which the consumer is done with, but for what this side has written anew since.
void Ring::GiveBackText(uint32_t until) noexcept {
  const uint32_t reused_until = (text_head_ - text_bytes_ + kPage - 1) & ~(kPage - 1);
  if (static_cast<int32_t>(reused_until - returned_text_) > 0) returned_text_ = reused_until;
  const uint32_t bytes = until - returned_text_;
  if (static_cast<int32_t>(bytes) > 0) {
    const size_t base = index_offset_ + IndexBytes(index_entries_);
    PunchCyclic(memfd_, base, text_bytes_, returned_text_, static_cast<uint64_t>(returned_text_) + bytes);
    returned_text_ = until;
  }
}

void Ring::GiveBackIndex(uint32_t tail) noexcept {
  constexpr uint32_t kEntriesPerPage = kPage / kEntryBytes;
  const uint32_t until = tail & ~(kEntriesPerPage - 1);
  const uint32_t reused_until = (head_ - index_entries_ + kEntriesPerPage - 1) & ~(kEntriesPerPage - 1);
  if (static_cast<int32_t>(reused_until - returned_entries_) > 0) returned_entries_ = reused_until;
  const uint32_t entries = until - returned_entries_;
  if (static_cast<int32_t>(entries) > 0) {
    const uint64_t from = static_cast<uint64_t>(returned_entries_) * kEntryBytes;
    PunchCyclic(memfd_, index_offset_, IndexBytes(index_entries_), from,
                from + static_cast<uint64_t>(entries) * kEntryBytes);
    returned_entries_ = until;
  }
}

}  // namespace audit
