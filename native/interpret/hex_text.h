// Text that is logged as hexadecimal digits because it holds bytes that could be taken for something else.
#pragma once

#include <cstddef>
#include <string_view>

#include "../format/number.h"

namespace audit {

// The digits a value starts with. Two leading zeros stand for the byte an abstract socket's name starts with; they are
// passed over.
inline std::string_view HexText(std::string_view value) noexcept {
  if (value.size() >= 2 && value[0] == '0' && value[1] == '0') value.remove_prefix(2);
  size_t count = 0;
  while (count < value.size() && DigitValue(value[count]) < 16) count++;
  return value.substr(0, count);
}

// Byte `index` of digits that come from HexText.
inline unsigned HexByte(std::string_view digits, size_t index) noexcept {
  return DigitValue(digits[2 * index]) << 4 | DigitValue(digits[2 * index + 1]);
}

}  // namespace audit
