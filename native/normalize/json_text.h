// Puts one line of JSON together. Whatever bytes it is given, the line is valid JSON, and safe to print on a terminal.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace audit {

// Strings that are not UTF-8 get U+FFFD for each byte that does not fit; their true bytes are kept for a list at the
// end, under their place as a JSON pointer (RFC 6901). Used by one thread, from line to line.
class JsonText {
 public:
  // Starts a line at the end of `out`, which must outlive it.
  void Begin(std::string* out);

  void BeginObject() { Open('{'); }
  void EndObject() { Close('}'); }
  void BeginArray() { Open('['); }
  void EndArray() { Close(']'); }
  // In an object, before each value. The view must outlive the value.
  void Key(std::string_view name);

  void String(std::string_view bytes);
  void Number(int64_t value);
  void Null();
  // Text, or null for a view without data.
  void StringOrNull(std::string_view bytes);

  void Member(std::string_view name, std::string_view bytes) {
    Key(name);
    StringOrNull(bytes);
  }
  void Member(std::string_view name, int64_t value) {
    Key(name);
    Number(value);
  }

  bool HasOddStrings() const noexcept { return !odd_.empty(); }
  // [{"at": pointer, "base64": bytes}, …]
  void OddStrings();

 private:
  struct Level {
    bool is_array;
    size_t count;
    std::string_view key;  // of the member that is being written
  };
  struct Odd {
    std::string pointer;
    std::string base64;
  };

  void Open(char bracket);
  void Close(char bracket);
  void Separate();
  std::string Pointer() const;

  std::string* out_ = nullptr;
  std::vector<Level> levels_;
  std::vector<Odd> odd_;
};

}  // namespace audit
