// Numbers as text; shared by the values of fields and the arguments of system calls.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "../tables/interpretations.h"

namespace audit {

void AppendDecimal(uint64_t value, std::string* out);
void AppendSigned(int64_t value, std::string* out);
void AppendHex(uint64_t value, std::string* out);
// The low bits as `digits` octal digits.
void AppendOctal(uint32_t value, unsigned digits, std::string* out);

// `before` value `after`: unknown-signal(VALUE)
inline void AppendAround(std::string_view before, std::string_view value, std::string_view after, std::string* out) {
  out->append(before).append(value).append(after);
}

// 0xVALUE
inline void AppendRawHex(std::string_view value, std::string* out) { out->append("0x").append(value); }

// The name of a number, or `unknown` VALUE `)`.
template <size_t kSize>
void AppendNameOr(const InterpretedNumber (&table)[kSize], uint64_t number, std::string_view unknown,
                  std::string_view value, std::string* out) {
  const std::string_view name = NameOf(table, number);
  if (!name.empty()) {
    out->append(name);
  } else {
    AppendAround(unknown, value, ")", out);
  }
}

// Names of the set bits, in the table's order, with `separator` before all but the first text behind `start`.
template <size_t kSize>
void AppendBits(const InterpretedNumber (&table)[kSize], uint64_t bits, size_t start, char separator, std::string* out,
                size_t count = kSize) {
  for (size_t i = 0; i < count; i++) {
    if ((bits & table[i].number) == 0) continue;
    if (out->size() > start) *out += separator;
    out->append(table[i].name);
  }
}

// suid,sgid,sticky and 0755
void AppendShortMode(uint32_t mode, std::string* out);
// file,suid,755
void AppendMode(uint32_t mode, std::string* out);
void AppendOpenFlags(uint64_t flags, std::string* out);
// `value` is printed when no bit has a name.
void AppendMmapFlags(uint64_t flags, std::string_view value, std::string* out);
void AppendPersonality(uint64_t number, std::string_view value, std::string* out);
void AppendIoctlRequest(uint64_t number, std::string* out);

}  // namespace audit
