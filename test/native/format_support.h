// What the tests of format share: an account database of three, and a formatter in one call.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "native/format/format.h"

namespace format_support {

class FakeNames final : public audit::Names {
 public:
  std::map<uint32_t, std::string> users = {{1001, "alice"}, {1002, "bob"}, {33, "www-data"}};
  std::map<uint32_t, std::string> groups = {{1001, "staff"}, {4, "adm"}};
  std::map<uint32_t, std::string> interfaces = {{2, "eth0"}};
  std::string calls;  // "u1001 g4 flush " in the order of the calls

  std::string_view User(uint32_t uid) noexcept override { return Find(users, 'u', uid); }
  std::string_view Group(uint32_t gid) noexcept override { return Find(groups, 'g', gid); }
  std::string_view Interface(uint32_t index) noexcept override { return Find(interfaces, 'i', index); }
  void Flush() noexcept override { calls += "flush "; }

 private:
  std::string_view Find(const std::map<uint32_t, std::string>& names, char kind, uint32_t number) {
    calls += kind + std::to_string(number) + ' ';
    const auto found = names.find(number);
    return found == names.end() ? std::string_view() : found->second;
  }
};

struct Result {
  std::string line;
  audit::Formatted formatted;

  bool Has(uint16_t flag) const { return (formatted.flags & flag) != 0; }
};

inline Result Format(uint16_t type, std::string_view payload, audit::FormatOptions options, audit::Names& names) {
  // On the heap and of exactly the promised sizes, so that AddressSanitizer sees a byte too many on either side.
  const std::string source(payload);
  char* const exact = new char[source.size()];
  source.copy(exact, source.size());
  char* const out = new char[audit::kMaxLine];
  audit::Formatter formatter(options, names);
  Result result;
  result.formatted = formatter.Format(type, {exact, source.size()}, out);
  result.line.assign(out, result.formatted.length);
  delete[] out;
  delete[] exact;
  return result;
}

inline constexpr char kStamp[] = "audit(1700000000.123:45): ";

inline std::string Raw(uint16_t type, std::string_view payload) {
  FakeNames names;
  return Format(type, payload, {false, {}}, names).line;
}

inline std::string Enriched(uint16_t type, std::string_view payload) {
  FakeNames names;
  return Format(type, payload, {true, {}}, names).line;
}

// The interpreted part of a record with these fields, without the byte 0x1D before it; empty: there is none.
inline std::string Interpreted(uint16_t type, const std::string& fields) {
  const std::string line = Enriched(type, kStamp + fields);
  const size_t separator = line.find('\x1d');
  return separator == std::string::npos ? "" : line.substr(separator + 1);
}

}  // namespace format_support
