// Puts one line of JSON together. Whatever bytes it is given, the line is valid JSON, and safe to print on a terminal.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace audit {

// Strings that are not UTF-8 get U+FFFD for each byte that does not fit; their true bytes are kept for a list at the
// end, under their place as a JSON pointer (RFC 6901). Used by one thread, from line to line.
class JsonText {
 public:
  // Starts a line.
  void Begin() noexcept;
  // Appends the line that was started, and a newline.
  void End(std::string* out);

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

  void Member(std::string_view name, std::string_view bytes);
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
  bool Quote(std::string_view bytes);
  std::string Pointer() const;

  // Room for so many bytes at the line's end; size_ is the caller's to move.
  char* Room(size_t bytes) {
    if (capacity_ - size_ < bytes) Grow(bytes);
    return line_.get() + size_;
  }
  void Grow(size_t bytes);
  void Put(char c) {
    *Room(1) = c;
    size_++;
  }

  // Not a std::string: most of a line are short strings, and appending costs more than copying them.
  std::unique_ptr<char[]> line_;
  size_t size_ = 0;
  size_t capacity_ = 0;
  std::string escaped_;
  std::vector<Level> levels_;
  std::vector<Odd> odd_;
};

}  // namespace audit
