// Bytes as they come to events, by the library's rules. One thread at a time.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "read_event.h"

namespace audit {

// Nothing waits and nothing ends by itself: what is open stays open until a record, the clock or the owner says so.
class LogFeed {
 public:
  explicit LogFeed(uint32_t timeout_seconds);

  // Takes bytes, whole lines or not, and gives the events that are to be handed on now. An unfinished line is kept.
  // As with all four, the events live until the next call.
  EventBatch* Feed(std::string_view bytes);
  // Completes what is older than the timeout. `now` in seconds.
  EventBatch* Age(int64_t now);
  // Completes all that is held; an unfinished line stays.
  EventBatch* Flush();
  // The same, and the unfinished line is one.
  EventBatch* End();
  // Back to the start: what is held is dropped.
  void Reset();

  ReadCounts Counts() const noexcept;

 private:
  void TakeLines(std::string_view lines);
  void Keep(std::string_view rest);

  const uint32_t timeout_seconds_;
  const LineRules rules_;
  const std::shared_ptr<BlockPool> pool_ = BlockPool::New();
  std::unique_ptr<Grouper> grouper_;
  EventBatch batch_;
  ParsedLines parsed_;
  LineCounts lines_;
  std::string carry_;  // an unfinished line
};

}  // namespace audit
