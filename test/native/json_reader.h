// Whether text is one JSON value as RFC 8259 has it, with no name twice in an object: stricter than most parsers.
#pragma once

#include <set>
#include <string>
#include <string_view>

namespace json_reader {

class Reader {
 public:
  Reader(std::string_view text, std::string* fault) : text_(text), fault_(*fault) {}

  bool ReadAll() { return Value(0) && (at_ == text_.size() || Fail("text behind the value")); }

 private:
  static constexpr int kDeepest = 32;

  bool Fail(const char* what) {
    if (fault_.empty()) fault_ = std::string(what) + " at byte " + std::to_string(at_);
    return false;
  }
  char Peek() const { return at_ < text_.size() ? text_[at_] : '\0'; }
  bool Take(char c) {
    if (Peek() != c) return false;
    at_++;
    return true;
  }

  bool Value(int depth) {
    if (depth > kDeepest) return Fail("too deep");
    switch (Peek()) {
      case '{':
        return Object(depth);
      case '[':
        return Array(depth);
      case '"': {
        std::string ignored;
        return String(&ignored);
      }
      case 'n':
        if (text_.substr(at_, 4) != "null") return Fail("no value");
        at_ += 4;
        return true;
      default:
        return Number();
    }
  }

  bool Object(int depth) {
    std::set<std::string> names;
    Take('{');
    if (Take('}')) return true;
    do {
      std::string name;
      if (!String(&name)) return false;
      if (!names.insert(name).second) return Fail("a name twice");
      if (!Take(':')) return Fail("no colon");
      if (!Value(depth + 1)) return false;
    } while (Take(','));
    return Take('}') || Fail("object not closed");
  }

  bool Array(int depth) {
    Take('[');
    if (Take(']')) return true;
    do {
      if (!Value(depth + 1)) return false;
    } while (Take(','));
    return Take(']') || Fail("list not closed");
  }

  bool String(std::string* value) {
    if (!Take('"')) return Fail("no string");
    while (at_ < text_.size()) {
      const char c = text_[at_++];
      if (c == '"') return true;
      if (static_cast<unsigned char>(c) < 0x20) return Fail("a control byte in a string");
      *value += c;
      if (c != '\\') continue;
      const char escaped = Peek();
      if (escaped == '\0' || std::string_view("\"\\/bfnrtu").find(escaped) == std::string_view::npos) {
        return Fail("a bad escape");
      }
      *value += escaped;
      at_++;
      for (int i = 0; escaped == 'u' && i < 4; i++) {
        if (std::string_view("0123456789abcdefABCDEF").find(Peek()) == std::string_view::npos) {
          return Fail("a bad \\u");
        }
        *value += text_[at_++];
      }
    }
    return Fail("string not closed");
  }

  bool Number() {
    const size_t start = at_;
    Take('-');
    while (Peek() >= '0' && Peek() <= '9') at_++;
    return at_ > start || Fail("no value");
  }

  std::string_view text_;
  std::string& fault_;
  size_t at_ = 0;
};

}  // namespace json_reader

inline bool IsJson(std::string_view text, std::string* fault) { return json_reader::Reader(text, fault).ReadAll(); }
