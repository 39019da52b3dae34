// An event by itself: its lines, copied, and a cursor over them.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "../interpret/event_cursor.h"

namespace audit {

class EventView {
 public:
  // The names must outlive the view.
  EventView(Names& names, InterpreterOptions options) : interpreter_(names, options), cursor_(interpreter_) {}
  EventView(const EventView&) = delete;
  EventView& operator=(const EventView&) = delete;

  // Replaces the event by that of `lines`, with a newline between two. Lines without a good head are left out; the
  // first one's time, serial and node are the event's.
  void Load(std::string lines);

  EventCursor& cursor() noexcept { return cursor_; }

 private:
  std::string lines_;
  std::vector<Record> records_;
  Interpreter interpreter_;
  EventCursor cursor_;
};

}  // namespace audit
