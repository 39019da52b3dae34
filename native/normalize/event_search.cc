#include "event_search.h"

namespace audit {

namespace {

constexpr std::string_view kInterpreters[] = {"/usr/bin/python", "/usr/bin/sh", "/usr/bin/bash", "/usr/bin/perl"};

}  // namespace

bool IsInterpreter(std::string_view exe) noexcept {
  for (const std::string_view prefix : kInterpreters) {
    if (exe.substr(0, prefix.size()) == prefix) return true;
  }
  return false;
}

std::string_view ActingProgram(EventCursor& cursor) {
  if (!cursor.FindField("exe")) return {};
  const std::string_view exe = cursor.Interpret();
  if (!IsInterpreter(exe)) return exe;
  // `comm` is found only where the kernel puts it, right before `exe`, or behind it.
  const size_t field = cursor.field_number();
  if (field > 0) cursor.GotoField(field - 1);
  return cursor.FindField("comm") ? cursor.Interpret() : exe;
}

}  // namespace audit
