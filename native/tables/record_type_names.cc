#include <algorithm>
#include <array>
#include <cstring>
#include <iterator>

#include "tables.h"

namespace audit {

namespace {

struct NumberedName {
  uint16_t number;
  std::string_view name;
};

#include "generated/record_types.inc"

constexpr uint16_t kFirstNamed = std::begin(kRecordTypes)->number;
constexpr uint16_t kLastNamed = (std::end(kRecordTypes) - 1)->number;

constexpr auto kNames = [] {
  std::array<std::string_view, kLastNamed - kFirstNamed + 1> names{};
  for (const NumberedName& type : kRecordTypes) names[type.number - kFirstNamed] = type.name;
  return names;
}();

constexpr size_t kSlots = 1024;

constexpr char Upper(char c) noexcept { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c; }

// Six of the name's bytes: a log asks once a line, and names that share them stand side by side in the table.
constexpr size_t Slot(std::string_view name) noexcept {
  const size_t size = name.size();
  auto hash = static_cast<uint32_t>(size);
  for (const size_t at : {size_t{0}, size / 4, size / 2, size - size / 4 - 1, size - size / 8 - 1, size - 1}) {
    hash = hash * 31 + static_cast<unsigned char>(Upper(name[at]));
  }
  hash *= 2654435761u;
  return hash >> 22;
}
static_assert(kSlots == size_t{1} << (32 - 22));

// Indexes into kRecordTypes, plus one; a name stands in the first free place from its slot on.
constexpr auto kByName = [] {
  std::array<uint16_t, kSlots> table{};
  for (size_t i = 0; i < std::size(kRecordTypes); i++) {
    size_t slot = Slot(kRecordTypes[i].name);
    while (table[slot] != 0) slot = (slot + 1) % kSlots;
    table[slot] = static_cast<uint16_t>(i + 1);
  }
  return table;
}();

bool IsSame(std::string_view a, std::string_view b) noexcept {
  if (a.size() != b.size()) return false;
  if (std::memcmp(a.data(), b.data(), a.size()) == 0) return true;
  return std::equal(a.begin(), a.end(), b.begin(), [](char left, char right) { return Upper(left) == Upper(right); });
}

// Up to the first byte that is no digit; as the reference reads it, through 32 bits.
int32_t LeadingDecimal(std::string_view text) noexcept {
  uint64_t value = 0;
  for (const char c : text) {
    if (c < '0' || c > '9') break;
    if (value > UINT64_MAX / 10 - 1) return -1;
    value = value * 10 + static_cast<uint64_t>(c - '0');
  }
  return static_cast<int32_t>(value);
}

}  // namespace

std::string_view RecordTypeName(int32_t type) noexcept {
  if (type < kFirstNamed || type > kLastNamed) return {};
  return kNames[static_cast<size_t>(type - kFirstNamed)];
}

int32_t RecordTypeNumber(std::string_view name) noexcept {
  if (name.empty()) return -1;
  for (size_t slot = Slot(name); kByName[slot] != 0; slot = (slot + 1) % kSlots) {
    const NumberedName& type = kRecordTypes[kByName[slot] - 1];
    if (IsSame(type.name, name)) return type.number;
  }
  constexpr std::string_view kUnknown = "UNKNOWN[";
  if (name.size() > kUnknown.size() && IsSame(name.substr(0, kUnknown.size()), kUnknown)) {
    const size_t end = name.find(']', kUnknown.size());
    if (end == std::string_view::npos) return -1;
    return LeadingDecimal(name.substr(kUnknown.size(), std::min<size_t>(end - kUnknown.size(), 7)));
  }
  return name[0] >= '0' && name[0] <= '9' ? LeadingDecimal(name) : -1;
}

}  // namespace audit
