// Puts records together to events and decides when, and in which order, events are handed on. Two sets of rules, which
// give what the reference's programs and its library give, in time that does not depend on how many events are open.
//
// One thread at a time. Memory is bounded: see GroupLimits.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "block.h"
#include "record.h"

namespace audit {

// A record belongs to the event under construction with its seconds, milliseconds, serial and node; an EOE without one
// is dropped. Of all events held, complete or not, the one with the smallest (seconds, milliseconds, serial) comes
// first, on a tie the one in the lowest slot; slots are used again, the lowest free one first.
// When an event is started, events are handed on from the first as long as they are complete. They become complete
enum class GroupRules : uint8_t {
  // ausearch, aureport: when an event is started, if their first record is final or they are `timeout` older than it.
  kTool,
  // auparse: with each record that was taken, if their last record is final or they are `timeout` older than it.
  kLibrary,
};

enum class GroupEnd : uint8_t {
  kCompleteAll,    // what is still open is complete
  kCompleteFinal,  // only what has a record of a final type; the rest is left for a later run (checkpoints)
};

struct GroupLimits {
  // Memory that open events may keep; it is exceeded by an eighth before anything is done. Above it the first in order
  // is completed early, and counted.
  size_t open_bytes = size_t{96} << 20;
  // An event that has so many records, or a sixteenth of open_bytes in lines, is completed early too.
  uint32_t event_records = 16384;
};

struct GroupStats {
  uint64_t events = 0;           // handed on
  uint64_t dropped_eoe = 0;      // EOE records without an event
  uint64_t dropped_records = 0;  // kLibrary: without any field and without an event
  uint64_t left_open = 0;        // events, with GroupEnd::kCompleteFinal
  uint64_t early_events = 0;     // completed because of GroupLimits
  uint64_t early_matters = 0;    // events that started at or before one of those: there the reference may differ
};

// Complete events in order, and what keeps them alive.
struct EventBatch {
  std::vector<Event> events;
  std::vector<BlockRef> blocks;
  std::vector<std::unique_ptr<Record[]>> gathered;  // records of events whose lines were not neighbours
  size_t cost = 0;                                  // bytes of both

  void Clear() {
    events.clear();
    blocks.clear();
    gathered.clear();
    cost = 0;
  }
};

class Grouper {
 public:
  Grouper(GroupRules rules, uint32_t timeout_seconds, GroupLimits limits = {});
  ~Grouper();
  Grouper(const Grouper&) = delete;
  Grouper& operator=(const Grouper&) = delete;

  // Takes block->records[index]; events that are to be handed on now go to the end of `batch`.
  void Add(const BlockRef& block, uint32_t index, EventBatch* batch);
  // kLibrary: what the next request would give, before it reads on.
  void HandOnComplete(EventBatch* batch);
  // Completes what is `timeout` older than `now`, in seconds, and hands on from the first as long as it is complete.
  void Age(int64_t now, EventBatch* batch);
  // The input ended, or a live one has paused: what is open is completed and handed on in order. True: `batch` has
  // `most` events now and more are to come with the next call.
  bool Finish(GroupEnd end, EventBatch* batch, size_t most = SIZE_MAX);

  // Only events with a record that is a candidate go to batches; the others are counted.
  void KeepOnlyCandidates(bool only) noexcept { only_candidates_ = only; }
  // A batch that has so many events gets no more: HandOnComplete() gives the others. One line may complete all events
  // of a second, and in a flood those are tens of thousands.
  void LimitBatches(size_t events) noexcept { batch_events_ = events; }

  // Memory that open events keep.
  size_t HeldBytes() const noexcept { return held_bytes_; }
  size_t OpenEvents() const noexcept { return order_.size(); }
  // Of those, the ones that are complete: they wait for one that comes before them, or for the next request.
  size_t CompleteEvents() const noexcept;
  // Places for open events: how many there have been at once.
  size_t Slots() const noexcept;
  const GroupStats& Stats() const noexcept { return stats_; }
  // The last event that was handed on, candidate or not; its type is that of the first record. False: none yet.
  bool LastEvent(Stamp* stamp, bool* has_node, std::string_view* node, int32_t* type) const noexcept;

 private:
  static constexpr uint32_t kNoSlot = UINT32_MAX;

  struct Run {
    Block* block;
    uint32_t first;
    uint32_t count;
  };
  struct Open;
  struct Place {  // in order_
    Stamp stamp;
    uint32_t slot;
  };
  struct Due {  // in due_
    int64_t seconds;
    uint32_t slot;
    uint32_t generation;
  };

  static size_t RunBytes(const Run& run) noexcept;
  uint32_t Hash(const Record& record) const noexcept;
  bool Belongs(const Record& record, const Open& open) const noexcept;
  // The slot of the event under construction; kNoSlot: there is none.
  uint32_t FindBuilding(const Record& record, uint32_t hash) const noexcept;
  uint32_t Start(const Record& record, uint32_t hash);
  void Append(Open* open, Block* block, uint32_t index);
  void CompleteDue(int64_t now) noexcept;
  void Complete(uint32_t slot) noexcept;
  void CountEarly(const Stamp& stamp) noexcept;
  void HandOnFirst(EventBatch* batch);
  uint32_t TakeFirst() noexcept;
  void Release(uint32_t slot);
  void Pin(Block* block, size_t bytes) noexcept;
  void Unpin(Block* block, size_t bytes) noexcept;
  void KeepWithinLimits(EventBatch* batch);
  void Compact();
  void InsertBuilding(uint32_t slot, uint32_t hash);
  void EraseBuilding(uint32_t slot, uint32_t hash) noexcept;

  const GroupRules rules_;
  const int64_t timeout_seconds_;
  const GroupLimits limits_;
  bool only_candidates_ = false;
  size_t batch_events_ = SIZE_MAX;
  std::deque<Open> slots_;
  std::vector<uint32_t> free_slots_;  // heap, lowest first
  std::vector<Place> order_;          // heap of all open events
  std::vector<Due> due_;              // heap of building events by seconds; may hold events that are gone
  std::vector<uint32_t> building_;    // open addressing: slot + 1, 0 is free
  size_t building_count_ = 0;
  uint32_t last_slot_ = 0;  // of the event that got the last record
  uint32_t reading_ = 0;    // the input of the last record
  size_t held_bytes_ = 0;
  size_t compact_at_;
  bool has_early_ = false;
  Stamp last_early_;
  std::shared_ptr<BlockPool> copies_;
  GroupStats stats_;
  bool has_last_ = false;
  Stamp last_stamp_;
  bool last_has_node_ = false;
  std::string last_node_;
  int32_t last_type_ = 0;
};

}  // namespace audit
