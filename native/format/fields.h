// Finds the fields of a payload that get an interpreted copy.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "../tables/tables.h"
#include "format.h"
#include "payload_map.h"

namespace audit {

enum class FieldClass : uint8_t { kUser, kGroup, kArch, kSyscall, kSocketAddress };

// A field name that is known: how its value is interpreted and how the copy is called.
struct FieldRule {
  std::string_view name;
  FieldClass field_class;
  std::string_view copy_name;  // a blank, the upper-case name, an equals sign
};

// No constructor anywhere in here: a record has few fields, and the list below has room for many.
struct Field {
  const FieldRule* rule;
  const char* text;
  size_t length;

  // Cleaned of the punctuation that user messages put behind it.
  std::string_view value() const noexcept { return {text, length}; }
};

// What a record says about the system call it belongs to. These values count only where the kernel puts them: the
// reference takes them by position, and a user message must not be able to put them elsewhere.
struct CallFacts {
  enum class Arch : uint8_t {
    kAbsent,   // the native one is assumed
    kKnown,    // `machine`
    kUnknown,  // in no table: the native one is assumed
    kInvalid,  // no number of 64 bits: no name fits
  };
  Arch arch = Arch::kAbsent;
  const Machine* machine = nullptr;
  int32_t number = -1;
  uint64_t first_argument = 0;
};

// The most fields that fit: one takes five bytes at least ("id=0 ").
inline constexpr size_t kMaxFields = kMaxPayload / 5 + 1;

struct Fields {
  CallFacts call;
  size_t count = 0;
  Field list[kMaxFields];
};

// `payload` is what the map was made of and starts with a stamp; the fields point into it.
void FindFields(uint16_t type, const char* payload, const PayloadMap& map, Fields* fields) noexcept;

}  // namespace audit
