#include "number_texts.h"

#include <cstring>

namespace audit {

using namespace interpretations;

void AppendDecimal(uint64_t value, std::string* out) {
  char digits[20];
  char* const end = digits + sizeof digits;
  char* at = end;
  do {
    *--at = static_cast<char>('0' + value % 10);
    value /= 10;
  } while (value != 0);
  out->append(at, static_cast<size_t>(end - at));
}

void AppendSigned(int64_t value, std::string* out) {
  if (value < 0) *out += '-';
  AppendDecimal(value < 0 ? 0 - static_cast<uint64_t>(value) : static_cast<uint64_t>(value), out);
}

void AppendHex(uint64_t value, std::string* out) {
  out->append("0x");
  unsigned shift = 60;
  while (shift > 0 && value >> shift == 0) shift -= 4;
  for (;; shift -= 4) {
    *out += "0123456789abcdef"[value >> shift & 15];
    if (shift == 0) return;
  }
}

void AppendOctal(uint32_t value, unsigned digits, std::string* out) {
  while (digits-- > 0) *out += static_cast<char>('0' + (value >> (3 * digits) & 7));
}

namespace {

// Appends those of suid, sgid and sticky that are set, each behind a comma unless it is the first behind `start`.
void AppendModeBits(uint32_t mode, size_t start, std::string* out) {
  constexpr InterpretedNumber kBits[] = {{04000, "suid"}, {02000, "sgid"}, {01000, "sticky"}};
  AppendBits(kBits, mode, start, ',', out);
}

}  // namespace

void AppendShortMode(uint32_t mode, std::string* out) {
  const size_t start = out->size();
  AppendModeBits(mode, start, out);
  if (out->size() > start) *out += ',';
  *out += '0';
  AppendOctal(mode, 3, out);
}

void AppendMode(uint32_t mode, std::string* out) {
  constexpr InterpretedNumber kTypes[] = {{001, "fifo"}, {002, "character"}, {004, "dir"},   {006, "block"},
                                          {010, "file"}, {012, "link"},      {014, "socket"}};
  const size_t start = out->size();
  const std::string_view type = NameOf(kTypes, mode >> 12 & 017);
  if (type.empty()) {
    AppendOctal(mode >> 12 & 017, 3, out);
  } else {
    out->append(type);
  }
  AppendModeBits(mode, start, out);
  *out += ',';
  AppendOctal(mode, 3, out);
}

void AppendOpenFlags(uint64_t flags, std::string* out) {
  const size_t start = out->size();
  if ((flags & 3) == 0) out->append("O_RDONLY");
  AppendBits(kOpenFlags, flags, start, '|', out);
}

void AppendMmapFlags(uint64_t flags, std::string_view value, std::string* out) {
  const size_t start = out->size();
  if ((flags & 15) == 0) out->append("MAP_FILE");
  AppendBits(kMmapFlags, flags, start, '|', out);
  if (out->size() == start) AppendRawHex(value, out);
}

void AppendPersonality(uint64_t number, std::string_view value, std::string* out) {
  constexpr uint64_t kNoRandomize = 0x0040000;
  const std::string_view name = NameOf(kPersonalities, number & 0xFF);
  if (name.empty()) {
    AppendAround("unknown-personality(0x", value, ")", out);
    return;
  }
  out->append(name);
  if ((number & kNoRandomize) != 0) out->append("|~ADDR_NO_RANDOMIZE");
}

void AppendIoctlRequest(uint64_t number, std::string* out) {
  const std::string_view name = NameOf(kIoctlRequests, number);
  if (name.empty()) {
    AppendHex(static_cast<uint32_t>(number), out);
  } else {
    out->append(name);
  }
}

}  // namespace audit
