// The searches that normalizing is made of. Each starts where the last one ended: that decides which of several fields
// of one name is taken, and what counts as missing.
#pragma once

#include <string_view>

#include "../interpret/event_cursor.h"
#include "normalized.h"

namespace audit {

class EventSearch {
 public:
  explicit EventSearch(EventCursor& cursor) noexcept : cursor_(cursor) {}

  EventCursor& cursor() noexcept { return cursor_; }
  void Rewind() { cursor_.FirstRecord(); }

  FieldPlace Here() noexcept {
    return {static_cast<uint32_t>(cursor_.record_number()), static_cast<uint32_t>(cursor_.field_number())};
  }

  // Forward from here. When it is not there, what is searched next is not found either.
  bool Find(std::string_view name, FieldPlace* place) {
    if (!cursor_.FindField(name)) return false;
    *place = Here();
    return true;
  }
  bool FindFromStart(std::string_view name, FieldPlace* place) {
    Rewind();
    return Find(name, place);
  }
  // Forward from here; when it is not there, back to the start for whatever comes next.
  bool FindOrRewind(std::string_view name, FieldPlace* place) {
    if (Find(name, place)) return true;
    Rewind();
    return false;
  }
  // The same for a field whose place does not matter.
  bool Stands(std::string_view name) { return cursor_.FindField(name); }

  // Adds the field to the list if it is there; otherwise goes on from the start.
  void Collect(std::string_view name, std::vector<FieldPlace>* places) {
    FieldPlace place;
    if (FindOrRewind(name, &place)) places->push_back(place);
  }

  // The field's text from the start of the event; no data: not there.
  std::string_view TextFromStart(std::string_view name) {
    Rewind();
    return cursor_.FindField(name) ? cursor_.Interpret() : std::string_view();
  }

 private:
  EventCursor& cursor_;
};

// The program that acted: the text of `exe`, or the name of the script where `exe` is an interpreter. Searches from
// where the cursor is, and leaves it on the field that was taken. No data: no `exe`.
std::string_view ActingProgram(EventCursor& cursor);
// Whether that text is one of the interpreters that say nothing about what they run.
bool IsInterpreter(std::string_view exe) noexcept;

}  // namespace audit
