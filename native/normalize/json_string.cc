#include "json_string.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>

namespace audit {

namespace {

struct CodePoint {
  uint32_t value;
  size_t length;  // 0: the first byte begins none
};

CodePoint Decode(std::string_view bytes) noexcept {
  const auto byte = [bytes](size_t index) { return static_cast<unsigned char>(bytes[index]); };
  const unsigned first = byte(0);
  const size_t length = first < 0x80   ? 1
                        : first < 0xC2 ? 0
                        : first < 0xE0 ? 2
                        : first < 0xF0 ? 3
                        : first < 0xF5 ? 4
                                       : 0;
  if (length == 0 || length > bytes.size()) return {0, 0};
  uint32_t value = length == 1 ? first : first & (0x7Fu >> length);
  for (size_t i = 1; i < length; i++) {
    if ((byte(i) & 0xC0) != 0x80) return {0, 0};
    value = value << 6 | (byte(i) & 0x3F);
  }
  constexpr uint32_t kSmallest[] = {0, 0, 0x80, 0x800, 0x10000};
  const bool is_surrogate = value >= 0xD800 && value <= 0xDFFF;
  if (value < kSmallest[length] || value > 0x10FFFF || is_surrogate) return {0, 0};
  return {value, length};
}

// Characters that move the cursor of a terminal, end a line, or turn the direction of what stands around them.
bool IsUnsafe(uint32_t value) noexcept {
  return value < 0x20 || (value >= 0x7F && value < 0xA0) || value == 0x61C || (value >= 0x200B && value <= 0x200F) ||
         (value >= 0x2028 && value <= 0x202E) || (value >= 0x2060 && value <= 0x206F) || value == 0xFEFF ||
         (value >= 0xFFF9 && value <= 0xFFFB);
}

constexpr auto kIsPlain = [] {
  std::array<bool, 256> plain{};
  for (int byte = 0x20; byte < 0x7F; byte++) plain[byte] = byte != '"' && byte != '\\';
  return plain;
}();

// Whether one of eight bytes is not plain. Each test sets the high bit of a byte that it is about, or of one above it.
bool HasUnplain(uint64_t eight) noexcept {
  constexpr uint64_t kOnes = 0x0101010101010101;
  constexpr uint64_t kHigh = kOnes << 7;
  const auto has_zero = [](uint64_t word) { return (word - kOnes) & ~word; };
  const uint64_t below_blank = (eight - kOnes * ' ') & ~eight;
  const uint64_t del_or_above = eight | (eight + kOnes);
  const uint64_t quotes = has_zero(eight ^ kOnes * '"') | has_zero(eight ^ kOnes * '\\');
  return ((below_blank | del_or_above | quotes) & kHigh) != 0;
}

void AppendUnicodeEscape(uint32_t value, std::string* out) {
  *out += "\\u";
  for (int shift = 12; shift >= 0; shift -= 4) *out += "0123456789abcdef"[value >> shift & 15];
}

}  // namespace

bool IsUtf8(std::string_view bytes) noexcept {
  while (!bytes.empty()) {
    const size_t length = Decode(bytes).length;
    if (length == 0) return false;
    bytes.remove_prefix(length);
  }
  return true;
}

bool AppendJsonString(std::string_view bytes, std::string* out) {
  *out += '"';
  const bool is_utf8 = AppendJsonCharacters(bytes, out);
  *out += '"';
  return is_utf8;
}

bool AppendJsonCharacters(std::string_view bytes, std::string* out) {
  bool is_utf8 = true;
  size_t plain = 0;  // from here on nothing needs escaping yet
  size_t at = 0;
  const auto flush = [&] { out->append(bytes, plain, at - plain); };
  while (at < bytes.size()) {
    const auto byte = static_cast<unsigned char>(bytes[at]);
    if (kIsPlain[byte]) {
      at++;
      continue;
    }
    const CodePoint point = Decode(bytes.substr(at));
    if (point.length > 1 && !IsUnsafe(point.value)) {
      at += point.length;
      continue;
    }
    flush();
    if (point.length == 0) {
      is_utf8 = false;
      *out += "\\ufffd";
    } else if (byte == '"' || byte == '\\') {
      *out += '\\';
      *out += bytes[at];
    } else {
      AppendUnicodeEscape(point.value, out);
    }
    at += point.length == 0 ? 1 : point.length;
    plain = at;
  }
  flush();
  return is_utf8;
}

size_t CopyPlain(std::string_view bytes, char* to) noexcept {
  size_t at = 0;
  for (; at + sizeof(uint64_t) <= bytes.size(); at += sizeof(uint64_t)) {
    uint64_t eight;
    memcpy(&eight, bytes.data() + at, sizeof eight);
    memcpy(to + at, &eight, sizeof eight);
    if (HasUnplain(eight)) break;
  }
  for (; at < bytes.size() && kIsPlain[static_cast<unsigned char>(bytes[at])]; at++) to[at] = bytes[at];
  return at;
}

void AppendBase64(std::string_view bytes, std::string* out) {
  constexpr char kDigits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  for (size_t i = 0; i < bytes.size(); i += 3) {
    uint32_t group = 0;
    for (size_t j = 0; j < 3; j++) {
      group = group << 8 | (i + j < bytes.size() ? static_cast<unsigned char>(bytes[i + j]) : 0);
    }
    for (size_t j = 0; j < 4; j++) *out += i + j <= bytes.size() ? kDigits[group >> (18 - 6 * j) & 63] : '=';
  }
}

}  // namespace audit
