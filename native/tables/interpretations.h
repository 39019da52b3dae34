// Numbers that fields hold and how they are printed. Included by what prints them; all texts are static.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <string_view>

namespace audit {

struct InterpretedNumber {
  uint64_t number;
  std::string_view name;
};

// What a terminal sends for a key.
struct TerminalKey {
  std::string_view sequence;
  std::string_view name;
};

namespace interpretations {

#include "generated/interpretations.inc"

}  // namespace interpretations

// In a table that is sorted by number. Empty: it has no name.
template <size_t kSize>
std::string_view NameOf(const InterpretedNumber (&table)[kSize], uint64_t number) noexcept {
  const auto found =
      std::lower_bound(std::begin(table), std::end(table), number,
                       [](const InterpretedNumber& entry, uint64_t value) { return entry.number < value; });
  return found != std::end(table) && found->number == number ? found->name : std::string_view();
}

}  // namespace audit
