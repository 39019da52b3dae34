// Puts a line together in memory of a fixed size.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace audit {

// What does not fit is counted but not kept: `length()` is as if there were room for all. So a limit that lies behind
// the end of the memory can be checked, and a text that turned out too long is taken back with `Truncate`.
class LineWriter {
 public:
  LineWriter(char* memory, size_t capacity) noexcept : memory_(memory), capacity_(capacity) {}

  size_t length() const noexcept { return length_; }
  void Truncate(size_t length) noexcept { length_ = length; }

  // The text from `start` to the end; empty when not all of it was kept.
  std::string_view Written(size_t start) const noexcept {
    return length_ <= capacity_ ? std::string_view(memory_ + start, length_ - start) : std::string_view();
  }

  // The caller wrote `size` bytes at the end itself; they fitted.
  void Advance(size_t size) noexcept { length_ += size; }

  void Append(char c) noexcept {
    if (length_ < capacity_) memory_[length_] = c;
    length_++;
  }

  void Append(std::string_view text) noexcept {
    if (Fits(text.size())) {
      Copy(memory_ + length_, text.data(), text.size());
    } else if (length_ < capacity_) {
      memcpy(memory_ + length_, text.data(), capacity_ - length_);
    }
    length_ += text.size();
  }

  void AppendDecimal(uint64_t value) noexcept {
    char digits[20];
    char* at = digits + sizeof digits;
    do {
      *--at = static_cast<char>('0' + value % 10);
      value /= 10;
    } while (value != 0);
    Append(std::string_view(at, static_cast<size_t>(digits + sizeof digits - at)));
  }

  void AppendSigned(int32_t value) noexcept {
    if (value < 0) Append('-');
    AppendDecimal(value < 0 ? 0 - static_cast<uint64_t>(static_cast<int64_t>(value)) : static_cast<uint64_t>(value));
  }

  // Two upper-case hexadecimal digits for each byte.
  void AppendHex(std::string_view bytes) noexcept {
    for (const char byte : bytes) {
      const auto value = static_cast<unsigned char>(byte);
      Append("0123456789ABCDEF"[value >> 4]);
      Append("0123456789ABCDEF"[value & 15]);
    }
  }

  // Control bytes as \ooo: text decoded from hexadecimal can hold newlines, and this is one line.
  void AppendEscaped(std::string_view bytes) noexcept {
    for (const char byte : bytes) {
      const auto value = static_cast<unsigned char>(byte);
      if (value >= 0x20) {
        Append(byte);
      } else {
        Append('\\');
        Append('0');
        Append(static_cast<char>('0' + (value >> 3)));
        Append(static_cast<char>('0' + (value & 7)));
      }
    }
  }

 private:
  bool Fits(size_t size) const noexcept { return length_ <= capacity_ && size <= capacity_ - length_; }

  // A record's enrichment is some fifty pieces of a few bytes, and calling memcpy for each took a third of the time.
  static void Copy(char* to, const char* from, size_t size) noexcept {
    if (size > 16) {
      memcpy(to, from, size);
    } else if (size >= 8) {
      CopyEnds<uint64_t>(to, from, size);
    } else if (size >= 4) {
      CopyEnds<uint32_t>(to, from, size);
    } else {
      for (size_t i = 0; i < size; i++) to[i] = from[i];
    }
  }

  // The first and the last sizeof(Word) bytes, which overlap unless `size` is twice that.
  template <typename Word>
  static void CopyEnds(char* to, const char* from, size_t size) noexcept {
    Word first, last;
    memcpy(&first, from, sizeof(Word));
    memcpy(&last, from + size - sizeof(Word), sizeof(Word));
    memcpy(to, &first, sizeof(Word));
    memcpy(to + size - sizeof(Word), &last, sizeof(Word));
  }

  char* memory_;
  size_t capacity_;
  size_t length_ = 0;
};

}  // namespace audit
