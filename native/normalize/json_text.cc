#include "json_text.h"

#include "decimal.h"
#include "json_string.h"

namespace audit {

void JsonText::Begin(std::string* out) {
  out_ = out;
  levels_.clear();
  odd_.clear();
}

void JsonText::Open(char bracket) {
  Separate();
  *out_ += bracket;
  levels_.push_back({bracket == '[', 0, {}});
}

void JsonText::Close(char bracket) {
  *out_ += bracket;
  levels_.pop_back();
}

// A comma between the items of a list; members have theirs before the key.
void JsonText::Separate() {
  if (levels_.empty() || !levels_.back().is_array) return;
  if (levels_.back().count++ > 0) *out_ += ',';
}

void JsonText::Key(std::string_view name) {
  Level& level = levels_.back();
  if (level.count++ > 0) *out_ += ',';
  level.key = name;
  AppendJsonString(name, out_);
  *out_ += ':';
}

void JsonText::String(std::string_view bytes) {
  Separate();
  if (AppendJsonString(bytes, out_)) return;
  odd_.push_back({Pointer(), {}});
  AppendBase64(bytes, &odd_.back().base64);
}

void JsonText::Number(int64_t value) {
  Separate();
  AppendDecimal(value, out_);
}

void JsonText::Null() {
  Separate();
  *out_ += "null";
}

void JsonText::StringOrNull(std::string_view bytes) {
  if (bytes.data() == nullptr) return Null();
  String(bytes);
}

std::string JsonText::Pointer() const {
  std::string pointer;
  for (const Level& level : levels_) {
    pointer += '/';
    if (level.is_array) {
      AppendDecimal(static_cast<int64_t>(level.count) - 1, &pointer);
      continue;
    }
    for (const char c : level.key) {
      if (c == '~') {
        pointer += "~0";
      } else if (c == '/') {
        pointer += "~1";
      } else {
        pointer += c;
      }
    }
  }
  return pointer;
}

void JsonText::OddStrings() {
  BeginArray();
  for (const Odd& odd : odd_) {
    BeginObject();
    Member("at", odd.pointer);
    Member("base64", odd.base64);
    EndObject();
  }
  EndArray();
}

}  // namespace audit
