#include "checkpoint.h"

namespace audit {

namespace {

// Events are handed on out of order by so many seconds at most.
constexpr int64_t kLatest = 2;

}  // namespace

Progress CheckpointSeeker::Pass(const Event& event, bool matches) noexcept {
  if (is_behind_) return Progress::kBehind;
  const Stamp& noted = checkpoint_.stamp;
  const bool is_same = event.stamp.seconds == noted.seconds && event.stamp.milliseconds == noted.milliseconds &&
                       event.stamp.serial == noted.serial && event.has_node == checkpoint_.has_node &&
                       event.node == checkpoint_.node && event.count > 0 && event.records[0].type == checkpoint_.type;
  const bool is_not_earlier = event.stamp.seconds > noted.seconds ||
                              (event.stamp.seconds == noted.seconds && event.stamp.milliseconds >= noted.milliseconds);
  // The noted event itself is output again.
  if (checkpoint_.by_time && is_not_earlier) {
    is_behind_ = true;
    return Progress::kBehind;
  }
  if (is_same) {
    is_behind_ = true;
    return Progress::kBefore;
  }
  if (matches && event.stamp.seconds > noted.seconds + kLatest) return Progress::kCorrupted;
  return Progress::kBefore;
}

}  // namespace audit
