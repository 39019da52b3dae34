// How many events there were when, by group and result, in bounded memory.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <unordered_map>
#include <vector>

#include "../scan/record.h"

namespace audit {

// What an event is about. The order is shared with src/tools/aureport/page.
enum class EventGroup : uint8_t {
  kSyscall,
  kLogin,
  kCommand,
  kAccount,
  kConfiguration,
  kDenial,
  kAnomaly,
  kService,
  kDaemon,
  kOther,
};
inline constexpr size_t kEventGroups = 10;

EventGroup GroupOf(int32_t type) noexcept;
// Of its first record that is no part of a system call: what the call led to says more than that there was one.
EventGroup GroupOf(const Event& event) noexcept;
// Types whose records only say more of a system call: paths, arguments, addresses.
bool IsPartOfSyscall(int32_t type) noexcept;

// Intervals of one width, which grows when there are too many of them. Those without events take no room, so that a
// clock that was wrong for a moment does not cost the rest its resolution. Used by one thread.
class Timeline {
 public:
  struct Counts {
    std::array<uint64_t, kEventGroups> all{};
    std::array<uint64_t, kEventGroups> failed{};  // of these
  };
  struct Interval {
    int64_t start;  // seconds
    Counts counts;
  };

  explicit Timeline(size_t most_intervals = 1024) : most_intervals_(most_intervals) {}

  void Add(int64_t seconds, EventGroup group, bool has_failed);
  // Seconds.
  int64_t Width() const noexcept { return width_; }
  // In order of time.
  std::vector<Interval> Intervals() const;

 private:
  int64_t IndexOf(int64_t seconds) const noexcept;
  void Widen();

  const size_t most_intervals_;
  int64_t width_ = 1;
  std::unordered_map<int64_t, Counts> intervals_;  // by time divided by the width
  int64_t last_index_ = 0;
  Counts* last_ = nullptr;  // its interval: events come in order, mostly
};

}  // namespace audit
