// Records as they come to events as JSON lines: what the daemon's JSON plugins write.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "../format/name_cache.h"
#include "../interpret/event_cursor.h"
#include "../normalize/json_writer.h"
#include "../normalize/normalizer.h"
#include "../system/user_numbers.h"
#include "log_feed.h"

namespace audit {

// One thread at a time, not always the same. Account names are asked for on that thread.
class JsonFeed {
 public:
  explicit JsonFeed(uint32_t timeout_seconds);
  JsonFeed(const JsonFeed&) = delete;
  JsonFeed& operator=(const JsonFeed&) = delete;

  // Takes bytes, whole lines or not, and appends a line for each event that is complete.
  void Feed(std::string_view bytes, std::string* lines);
  // Completes what is older than the timeout. `now` in seconds.
  void Age(int64_t now, std::string* lines);
  // The end of the input: all that is held is complete.
  void End(std::string* lines);

  // Appends the records of the events that are not complete, as they came, and forgets them: for another feed.
  void TakeOpen(std::string* records);

  uint64_t open_events() const noexcept { return feed_.Counts().open_events; }

 private:
  void Write(const EventBatch& batch, std::string* lines);

  LogFeed feed_;
  NameCache names_;
  SystemUserNumbers users_;
  Interpreter interpreter_;
  EventCursor cursor_;
  Normalizer normalizer_;
  JsonWriter writer_;
};

}  // namespace audit
