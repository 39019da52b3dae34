// Numbers in a record's text, read as the C library's strtoul reads them: leading blanks and a sign are accepted,
// reading stops at the first byte that is no digit, and text without a digit is 0.
#pragma once

#include <cstdint>
#include <string_view>

namespace audit {

struct Number {
  uint64_t value = 0;
  bool overflows = false;  // needs more than 64 bits; `value` is then the largest one, as strtoul returns it
};

inline unsigned DigitValue(char c) noexcept {
  if (c >= '0' && c <= '9') return static_cast<unsigned>(c - '0');
  if (c >= 'a' && c <= 'f') return static_cast<unsigned>(c - 'a') + 10;
  if (c >= 'A' && c <= 'F') return static_cast<unsigned>(c - 'A') + 10;
  return 255;
}

// `base` is 10 or 16.
inline Number ParseNumber(std::string_view text, unsigned base) noexcept {
  const char* at = text.data();
  const char* const end = at + text.size();
  while (at < end && (*at == ' ' || (*at >= '\t' && *at <= '\r'))) at++;
  const bool negative = at < end && *at == '-';
  if (negative || (at < end && *at == '+')) at++;
  if (base == 16 && end - at > 2 && at[0] == '0' && (at[1] | 0x20) == 'x' && DigitValue(at[2]) < 16) at += 2;

  Number number;
  // Sixteen digits always fit; nearly every number ends before.
  for (const char* const safe = end - at > 16 ? at + 16 : end; at < safe; at++) {
    const unsigned digit = DigitValue(*at);
    if (digit >= base) break;
    number.value = number.value * base + digit;
  }
  for (; at < end; at++) {
    const unsigned digit = DigitValue(*at);
    if (digit >= base) break;
    uint64_t product;
    number.overflows |= __builtin_mul_overflow(number.value, base, &product);
    number.overflows |= __builtin_add_overflow(product, digit, &number.value);
  }
  if (number.overflows) {
    number.value = UINT64_MAX;
  } else if (negative) {
    number.value = 0 - number.value;
  }
  return number;
}

}  // namespace audit
