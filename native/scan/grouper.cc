#include "grouper.h"

#include <algorithm>
#include <cstring>
#include <functional>

#include "header.h"

namespace audit {

struct Grouper::Open {
  enum class State : uint8_t { kFree, kBuilding, kComplete };

  Stamp stamp;
  uint32_t hash = 0;
  uint32_t generation = 0;
  uint32_t count = 0;
  size_t bytes = 0;  // of its lines
  int32_t first_type = 0;
  int32_t last_type = 0;
  State state = State::kFree;
  bool has_node = false;
  bool has_final = false;
  bool is_candidate = false;
  Run first{};
  std::unique_ptr<std::vector<Run>> more;  // null: the records are neighbours

  // Whoever looks at an event looks at its first record: nothing is kept twice.
  std::string_view Node() const noexcept { return first.block->records[first.first].node; }
  template <typename Visit>
  void EachRun(Visit visit) const {
    visit(first);
    if (more == nullptr) return;
    for (const Run& run : *more) visit(run);
  }
};

namespace {

constexpr int32_t kEoe = 1320;
constexpr size_t kSlotCost = 144;  // of a slot, with its places in the heaps and the table; slots are never given back
constexpr size_t kMostOfLimit = 16;  // one event may have one part of so many
constexpr size_t kMinimumBuckets = 1024;
constexpr size_t kUsualLine = 256;  // bytes

bool Before(const Stamp& left, const Stamp& right) noexcept {
  if (left.seconds != right.seconds) return left.seconds < right.seconds;
  if (left.milliseconds != right.milliseconds) return left.milliseconds < right.milliseconds;
  return left.serial < right.serial;
}

bool Same(const Stamp& left, const Stamp& right) noexcept {
  return left.seconds == right.seconds && left.serial == right.serial && left.milliseconds == right.milliseconds;
}

// Heaps of the standard library have the greatest first.
constexpr auto kLaterPlace = [](const auto& left, const auto& right) {
  return Before(right.stamp, left.stamp) || (!Before(left.stamp, right.stamp) && right.slot < left.slot);
};
constexpr auto kLaterDue = [](const auto& left, const auto& right) { return right.seconds < left.seconds; };

size_t LineBytes(const Record& record) noexcept {
  return record.text.size() + (record.has_interpretation ? 1 + record.interpretation.size() : 0);
}

// Appends a record and its line to a block that has room for both.
void CopyRecord(Record record, Block* to) {
  char* const start = to->bytes.get() + to->size;
  const char* const from = record.text.data();
  const size_t bytes = LineBytes(record);
  std::memcpy(start, from, bytes);
  to->size += bytes;
  const auto move = [start, from](std::string_view* view) {
    *view = view->empty() ? std::string_view() : std::string_view(start + (view->data() - from), view->size());
  };
  move(&record.node);
  move(&record.type_name);
  move(&record.interpretation);
  move(&record.text);
  to->records.push_back(record);
}

}  // namespace

size_t Grouper::RunBytes(const Run& run) noexcept {
  size_t bytes = 0;
  for (uint32_t index = run.first; index < run.first + run.count; index++)
    bytes += LineBytes(run.block->records[index]);
  return bytes;
}

Grouper::Grouper(GroupRules rules, uint32_t timeout_seconds, GroupLimits limits)
    : rules_(rules),
      timeout_seconds_(timeout_seconds),
      limits_(limits),
      building_(kMinimumBuckets, 0),
      compact_at_(limits.open_bytes / 2),
      copies_(BlockPool::New()) {}

Grouper::~Grouper() {
  for (const Place& place : order_) Release(place.slot);
}

uint32_t Grouper::Hash(const Record& record) const noexcept {
  uint64_t hash = static_cast<uint64_t>(record.stamp.seconds) * 1000 + record.stamp.milliseconds;
  hash ^= static_cast<uint64_t>(record.stamp.serial) << 32;
  if (record.has_node) hash ^= std::hash<std::string_view>()(record.node) | 1;
  hash *= 0x9E3779B97F4A7C15u;
  return static_cast<uint32_t>(hash >> 32);
}

bool Grouper::Belongs(const Record& record, const Open& open) const noexcept {
  return Same(record.stamp, open.stamp) && record.has_node == open.has_node &&
         (!record.has_node || record.node == open.Node());
}

uint32_t Grouper::FindBuilding(const Record& record, uint32_t hash) const noexcept {
  const size_t mask = building_.size() - 1;
  for (size_t bucket = hash & mask; building_[bucket] != 0; bucket = (bucket + 1) & mask) {
    const uint32_t slot = building_[bucket] - 1;
    if (slots_[slot].hash == hash && Belongs(record, slots_[slot])) return slot;
  }
  return kNoSlot;
}

void Grouper::InsertBuilding(uint32_t slot, uint32_t hash) {
  if ((building_count_ + 1) * 2 > building_.size()) {
    std::vector<uint32_t> larger(building_.size() * 2, 0);
    const size_t mask = larger.size() - 1;
    for (const uint32_t entry : building_) {
      if (entry == 0) continue;
      size_t bucket = slots_[entry - 1].hash & mask;
      while (larger[bucket] != 0) bucket = (bucket + 1) & mask;
      larger[bucket] = entry;
    }
    building_.swap(larger);
  }
  const size_t mask = building_.size() - 1;
  size_t bucket = hash & mask;
  while (building_[bucket] != 0) bucket = (bucket + 1) & mask;
  building_[bucket] = slot + 1;
  ++building_count_;
}

void Grouper::EraseBuilding(uint32_t slot, uint32_t hash) noexcept {
  const size_t mask = building_.size() - 1;
  size_t hole = hash & mask;
  while (building_[hole] != slot + 1) hole = (hole + 1) & mask;
  // Without tombstones: what a later probe would reach over the hole moves into it.
  for (size_t at = (hole + 1) & mask; building_[at] != 0; at = (at + 1) & mask) {
    const size_t home = slots_[building_[at] - 1].hash & mask;
    if (((at - home) & mask) < ((at - hole) & mask)) continue;
    building_[hole] = building_[at];
    hole = at;
  }
  building_[hole] = 0;
  --building_count_;
}

uint32_t Grouper::Start(const Record& record, uint32_t hash) {
  uint32_t slot;
  if (free_slots_.empty()) {
    slot = static_cast<uint32_t>(slots_.size());
    slots_.emplace_back();
    held_bytes_ += kSlotCost;
  } else {
    std::pop_heap(free_slots_.begin(), free_slots_.end(), std::greater<>());
    slot = free_slots_.back();
    free_slots_.pop_back();
  }
  Open& open = slots_[slot];
  open.stamp = record.stamp;
  open.has_node = record.has_node;
  open.hash = hash;
  open.first_type = record.type;
  open.state = Open::State::kBuilding;
  open.has_final = false;
  open.is_candidate = false;
  open.count = 0;
  open.bytes = 0;
  ++open.generation;
  order_.push_back({record.stamp, slot});
  std::push_heap(order_.begin(), order_.end(), kLaterPlace);
  if (has_early_ && !Before(last_early_, record.stamp)) ++stats_.early_matters;
  InsertBuilding(slot, hash);
  return slot;
}

void Grouper::Append(Open* open, Block* block, uint32_t index) {
  const Record& record = block->records[index];
  open->last_type = record.type;
  if (IsFinalType(record.type)) open->has_final = true;
  if (!block->is_candidate.empty() && block->is_candidate[index] != 0) open->is_candidate = true;
  Run* const last = open->more == nullptr ? &open->first : &open->more->back();
  const size_t bytes = LineBytes(record);
  if (open->count != 0 && last->block == block && last->first + last->count == index) {
    ++last->count;
    block->open_bytes_ += bytes;
  } else {
    if (open->count == 0) {
      open->first = {block, index, 1};
    } else {
      if (open->more == nullptr) open->more.reset(new std::vector<Run>);
      open->more->push_back({block, index, 1});
      held_bytes_ += sizeof(Run);
    }
    Pin(block, bytes);
  }
  ++open->count;
  open->bytes += bytes;
}

void Grouper::Pin(Block* block, size_t bytes) noexcept {
  block->references_.fetch_add(1, std::memory_order_relaxed);
  if (block->open_runs_++ == 0) held_bytes_ += block->Cost();
  block->open_bytes_ += bytes;
}

void Grouper::Unpin(Block* block, size_t bytes) noexcept {
  block->open_bytes_ -= bytes;
  if (--block->open_runs_ == 0) held_bytes_ -= block->Cost();
  BlockRef dropped;
  dropped.block_ = block;
}

void Grouper::Complete(uint32_t slot) noexcept {
  slots_[slot].state = Open::State::kComplete;
  EraseBuilding(slot, slots_[slot].hash);
}

void Grouper::CountEarly(const Stamp& stamp) noexcept {
  if (!has_early_ || Before(last_early_, stamp)) last_early_ = stamp;
  has_early_ = true;
  ++stats_.early_events;
}

void Grouper::CompleteDue(int64_t now) noexcept {
  while (!due_.empty() && due_.front().seconds + timeout_seconds_ <= now) {
    Open& open = slots_[due_.front().slot];
    if (open.generation == due_.front().generation && open.state == Open::State::kBuilding) {
      Complete(due_.front().slot);
    }
    std::pop_heap(due_.begin(), due_.end(), kLaterDue);
    due_.pop_back();
  }
}

void Grouper::Add(const BlockRef& ref, uint32_t index, EventBatch* batch) {
  Block* const block = ref.get();
  const Record& record = block->records[index];
  reading_ = record.file;
  uint32_t slot = kNoSlot;
  // Records of an event mostly follow one another.
  if (last_slot_ < slots_.size() && slots_[last_slot_].state == Open::State::kBuilding &&
      Belongs(record, slots_[last_slot_])) {
    slot = last_slot_;
  }
  bool starts = false;
  if (slot == kNoSlot) {
    const uint32_t hash = Hash(record);
    slot = FindBuilding(record, hash);
    if (slot == kNoSlot) {
      if (record.type == kEoe) {
        ++stats_.dropped_eoe;
        return;
      }
      if (!block->no_field.empty() && block->no_field[index] != 0) {
        ++stats_.dropped_records;
        return;
      }
      slot = Start(record, hash);
      starts = true;
    }
    last_slot_ = slot;
  }
  Open& open = slots_[slot];
  Append(&open, block, index);
  if (starts || rules_ == GroupRules::kLibrary) {
    CompleteDue(record.stamp.seconds);
    if (IsFinalType(record.type) && open.state == Open::State::kBuilding) Complete(slot);
  }
  if ((open.count >= limits_.event_records || open.bytes > limits_.open_bytes / kMostOfLimit) &&
      open.state == Open::State::kBuilding) {
    CountEarly(open.stamp);
    Complete(slot);
  }
  if (starts && open.state == Open::State::kBuilding) {
    due_.push_back({open.stamp.seconds, slot, open.generation});
    std::push_heap(due_.begin(), due_.end(), kLaterDue);
  }
  if (starts) HandOnComplete(batch);
  if (held_bytes_ > compact_at_) KeepWithinLimits(batch);
}

void Grouper::HandOnComplete(EventBatch* batch) {
  while (!order_.empty() && slots_[order_.front().slot].state == Open::State::kComplete &&
         batch->events.size() < batch_events_) {
    HandOnFirst(batch);
  }
}

void Grouper::Age(int64_t now, EventBatch* batch) {
  CompleteDue(now);
  HandOnComplete(batch);
}

size_t Grouper::Slots() const noexcept { return slots_.size(); }

size_t Grouper::CompleteEvents() const noexcept {
  const auto is_complete = [this](const Place& place) { return slots_[place.slot].state == Open::State::kComplete; };
  return static_cast<size_t>(std::count_if(order_.begin(), order_.end(), is_complete));
}

uint32_t Grouper::TakeFirst() noexcept {
  const uint32_t slot = order_.front().slot;
  std::pop_heap(order_.begin(), order_.end(), kLaterPlace);
  order_.pop_back();
  return slot;
}

void Grouper::HandOnFirst(EventBatch* batch) {
  const uint32_t slot = TakeFirst();
  const Open& open = slots_[slot];
  const uint64_t order = stats_.events++;
  has_last_ = true;
  last_stamp_ = open.stamp;
  last_has_node_ = open.has_node;
  last_node_.assign(open.Node());
  last_type_ = open.first_type;
  if (!only_candidates_ || open.is_candidate) {
    Event event;
    event.stamp = open.stamp;
    event.order = order;
    event.reading = reading_;
    event.has_node = open.has_node;
    event.node = open.Node();
    event.count = open.count;
    event.records = &open.first.block->records[open.first.first];
    open.EachRun([batch](const Run& run) {
      if (batch->blocks.empty() || batch->blocks.back().get() != run.block)
        batch->blocks.push_back(BlockRef(run.block));
    });
    if (open.more != nullptr) {
      std::unique_ptr<Record[]> gathered(new Record[open.count]);
      Record* to = gathered.get();
      open.EachRun([&to](const Run& run) { to = std::copy_n(&run.block->records[run.first], run.count, to); });
      event.records = gathered.get();
      batch->cost += open.count * sizeof(Record);
      batch->gathered.push_back(std::move(gathered));
    }
    batch->events.push_back(event);
  }
  Release(slot);
}

void Grouper::Release(uint32_t slot) {
  Open& open = slots_[slot];
  if (open.state == Open::State::kBuilding) EraseBuilding(slot, open.hash);
  open.state = Open::State::kFree;
  open.EachRun([this](const Run& run) { Unpin(run.block, RunBytes(run)); });
  if (open.more != nullptr) held_bytes_ -= open.more->size() * sizeof(Run);
  open.more.reset();
  free_slots_.push_back(slot);
  std::push_heap(free_slots_.begin(), free_slots_.end(), std::greater<>());
}

bool Grouper::Finish(GroupEnd end, EventBatch* batch, size_t most) {
  while (!order_.empty()) {
    if (batch->events.size() >= most) return true;
    const Open& first = slots_[order_.front().slot];
    if (end == GroupEnd::kCompleteAll || first.has_final || first.state == Open::State::kComplete) {
      HandOnFirst(batch);
    } else {
      ++stats_.left_open;
      Release(TakeFirst());
    }
  }
  due_.clear();
  return false;
}

void Grouper::KeepWithinLimits(EventBatch* batch) {
  Compact();
  while (held_bytes_ > limits_.open_bytes && !order_.empty()) {
    CountEarly(order_.front().stamp);
    HandOnFirst(batch);
  }
  // Far enough away that the work of compacting is in proportion to what is added until then.
  compact_at_ = std::max(limits_.open_bytes / 2, held_bytes_ + limits_.open_bytes / 8);
  if (due_.size() <= 2 * order_.size() + kMinimumBuckets) return;
  const auto is_gone = [this](const Due& due) {
    return slots_[due.slot].generation != due.generation || slots_[due.slot].state != Open::State::kBuilding;
  };
  due_.erase(std::remove_if(due_.begin(), due_.end(), is_gone), due_.end());
  std::make_heap(due_.begin(), due_.end(), kLaterDue);
}

// A block of which open events need little would be kept whole for it: those lines move to blocks of their own.
void Grouper::Compact() {
  BlockRef copy;
  for (Place& place : order_) {
    Open& open = slots_[place.slot];
    const size_t bytes = open.bytes;
    bool is_sparse = false;
    open.EachRun([&](const Run& run) { is_sparse = is_sparse || run.block->open_bytes_ < run.block->size / 4; });
    if (!is_sparse) continue;
    if (!copy || copy->capacity - copy->size < bytes || copy->records.capacity() - copy->records.size() < open.count) {
      copy = copies_->Take(bytes);
      // Never grown afterwards: events that were handed on may point into it.
      copy->records.reserve(std::max<size_t>(open.count, copy->capacity / kUsualLine));
    }
    const auto first = static_cast<uint32_t>(copy->records.size());
    open.EachRun([&copy](const Run& run) {
      for (uint32_t index = run.first; index < run.first + run.count; index++) {
        CopyRecord(run.block->records[index], copy.get());
      }
    });
    Pin(copy.get(), bytes);
    open.EachRun([this](const Run& run) { Unpin(run.block, RunBytes(run)); });
    if (open.more != nullptr) held_bytes_ -= open.more->size() * sizeof(Run);
    open.more.reset();
    open.first = {copy.get(), first, open.count};
  }
}

bool Grouper::LastEvent(Stamp* stamp, bool* has_node, std::string_view* node, int32_t* type) const noexcept {
  if (!has_last_) return false;
  *stamp = last_stamp_;
  *has_node = last_has_node_;
  *node = last_node_;
  *type = last_type_;
  return true;
}

}  // namespace audit
