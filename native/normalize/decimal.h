// Numbers as text.
#pragma once

#include <charconv>
#include <cstdint>
#include <string>

namespace audit {

inline void AppendDecimal(int64_t value, std::string* out) {
  char digits[20];
  const auto end = std::to_chars(digits, digits + sizeof digits, value).ptr;
  out->append(digits, static_cast<size_t>(end - digits));
}

// Two characters wide at least.
inline void AppendPadded(int value, char padding, std::string* out) {
  if (value >= 0 && value < 10) *out += padding;
  AppendDecimal(value, out);
}

}  // namespace audit
