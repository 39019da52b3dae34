// Where an earlier search ended: one event of a log.
#pragma once

#include <cstdint>
#include <string>

#include "../scan/record.h"

namespace audit {

struct Checkpoint {
  Stamp stamp;  // seconds 0: none; everything is new
  bool has_node = false;
  std::string node;
  int32_t type = 0;  // of the event's first record
  // Output also starts at the first event that is not earlier than this one (-ts checkpoint).
  bool by_time = false;
};

enum class Progress : uint8_t {
  kBefore,     // this event was output by an earlier search, or is the last of those
  kBehind,     // new
  kCorrupted,  // new, though the checkpoint's own event has not come: the log is another one
};

// Finds the place in the stream of events behind which they are new. Used by one thread, for events in order.
class CheckpointSeeker {
 public:
  explicit CheckpointSeeker(const Checkpoint& checkpoint) noexcept
      : checkpoint_(checkpoint), is_behind_(checkpoint.stamp.seconds == 0) {}

  // `matches`: only events that would be output can show that the log is another one.
  Progress Pass(const Event& event, bool matches) noexcept;

 private:
  const Checkpoint& checkpoint_;
  bool is_behind_;
};

}  // namespace audit
