// What the tests of interpretation share: an event from lines, and names from a small account database.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "native/interpret/event_cursor.h"
#include "native/scan/header.h"
#include "test/native/format_support.h"

namespace interpret_support {

class InterpretNames final : public audit::Names {
 public:
  std::string_view User(uint32_t uid) noexcept override { return uid == 1001 ? "alice" : std::string_view(); }
  std::string_view Group(uint32_t gid) noexcept override { return gid == 1001 ? "staff" : std::string_view(); }
  std::string_view Protocol(uint32_t number) noexcept override { return number == 6 ? "tcp" : std::string_view(); }
  void Flush() noexcept override {}
};

// A cursor on the event of these lines, which have one stamp.
class EventOf {
 public:
  explicit EventOf(std::vector<std::string> lines, audit::InterpreterOptions options = {})
      : lines_(std::move(lines)), interpreter_(names_, options), cursor_(interpreter_) {
    for (const std::string& line : lines_) {
      audit::Record record;
      audit::ParseHeader(line, audit::HeaderRules::kLibrary, &record);
      records_.push_back(record);
    }
    event_.records = records_.data();
    event_.count = records_.size();
    event_.stamp = records_[0].stamp;
    cursor_.Reset(event_);
  }
  audit::EventCursor* operator->() { return &cursor_; }

  // The interpreted text of the next field of that name, from the event's start.
  std::string Text(std::string_view name) {
    cursor_.FirstRecord();
    return cursor_.FindField(name) ? std::string(cursor_.Interpret()) : "not found";
  }

 private:
  std::vector<std::string> lines_;
  std::vector<audit::Record> records_;
  InterpretNames names_;
  audit::Interpreter interpreter_;
  audit::Event event_;
  audit::EventCursor cursor_;
};

inline std::string Line(std::string_view type, std::string_view body) {
  return "type=" + std::string(type) + " msg=audit(1700000000.123:45): " + std::string(body);
}

// name=value|name=value of a line.
inline std::string FieldsOf(std::string_view line) {
  // On the heap and of exactly that size, so that AddressSanitizer sees a byte too many.
  const std::unique_ptr<char[]> text(new char[line.size()]);
  line.copy(text.get(), line.size());
  audit::RecordFields fields;
  fields.Split({text.get(), line.size()});
  std::string all;
  for (size_t i = 0; i < fields.count(); i++) {
    if (i > 0) all += '|';
    all.append(fields[i].name).append("=").append(fields[i].value);
  }
  return all;
}

}  // namespace interpret_support
