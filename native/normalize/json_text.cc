#include "json_text.h"

#include <algorithm>
#include <charconv>
#include <cstring>

#include "decimal.h"
#include "json_string.h"

namespace audit {

namespace {

constexpr size_t kLeastRoom = 4096;
// A larger line's memory is given back: few events have one.
constexpr size_t kMostKept = 1 << 20;

}  // namespace

void JsonText::Begin() noexcept {
  size_ = 0;
  levels_.clear();
  odd_.clear();
}

void JsonText::End(std::string* out) {
  Put('\n');
  out->append(line_.get(), size_);
  if (capacity_ <= kMostKept) return;
  line_.reset();
  capacity_ = 0;
}

void JsonText::Grow(size_t bytes) {
  const size_t capacity = std::max(2 * capacity_, size_ + bytes + kLeastRoom);
  std::unique_ptr<char[]> larger(new char[capacity]);
  if (size_ > 0) memcpy(larger.get(), line_.get(), size_);
  line_ = std::move(larger);
  capacity_ = capacity;
}

void JsonText::Open(char bracket) {
  Separate();
  Put(bracket);
  levels_.push_back({bracket == '[', 0, {}});
}

void JsonText::Close(char bracket) {
  Put(bracket);
  levels_.pop_back();
}

// A comma between the items of a list; members have theirs before the key.
void JsonText::Separate() {
  if (levels_.empty() || !levels_.back().is_array) return;
  if (levels_.back().count++ > 0) Put(',');
}

void JsonText::Key(std::string_view name) {
  Level& level = levels_.back();
  if (level.count++ > 0) Put(',');
  level.key = name;
  Quote(name);
  Put(':');
}

void JsonText::String(std::string_view bytes) {
  Separate();
  if (Quote(bytes)) return;
  odd_.push_back({Pointer(), {}});
  AppendBase64(bytes, &odd_.back().base64);
}

// False: not UTF-8.
bool JsonText::Quote(std::string_view bytes) {
  constexpr size_t kQuotes = 2;
  char* const to = Room(bytes.size() + kQuotes);
  *to = '"';
  const size_t plain = CopyPlain(bytes, to + 1);
  size_ += 1 + plain;
  bool is_utf8 = true;
  if (plain < bytes.size()) {
    escaped_.clear();
    is_utf8 = AppendJsonCharacters(bytes.substr(plain), &escaped_);
    memcpy(Room(escaped_.size()), escaped_.data(), escaped_.size());
    size_ += escaped_.size();
  }
  Put('"');
  return is_utf8;
}

void JsonText::Number(int64_t value) {
  constexpr size_t kMostDigits = 20;
  Separate();
  char* const to = Room(kMostDigits);
  size_ += static_cast<size_t>(std::to_chars(to, to + kMostDigits, value).ptr - to);
}

void JsonText::Null() {
  constexpr std::string_view kNull = "null";
  Separate();
  memcpy(Room(kNull.size()), kNull.data(), kNull.size());
  size_ += kNull.size();
}

void JsonText::StringOrNull(std::string_view bytes) {
  if (bytes.data() == nullptr) return Null();
  String(bytes);
}

// As Key and StringOrNull, but nearly all of a line are such members: in one go where nothing needs escaping.
void JsonText::Member(std::string_view name, std::string_view bytes) {
  constexpr size_t kPunctuation = 6;
  Level& level = levels_.back();
  if (bytes.data() != nullptr) {
    char* const start = Room(name.size() + bytes.size() + kPunctuation);
    char* to = start;
    *to = ',';
    to += level.count > 0 ? 1 : 0;
    *to++ = '"';
    if (CopyPlain(name, to) == name.size()) {
      to += name.size();
      *to++ = '"';
      *to++ = ':';
      *to++ = '"';
      if (CopyPlain(bytes, to) == bytes.size()) {
        to += bytes.size();
        *to++ = '"';
        size_ += static_cast<size_t>(to - start);
        level.count++;
        return;
      }
    }
  }
  Key(name);
  StringOrNull(bytes);
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
