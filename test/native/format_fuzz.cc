// Formatter::Format with arbitrary input. The first bytes choose type, format, node and account names; the rest is the
// payload, as it is or behind a stamp.
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>

#include "native/format/format.h"
#include "native/tables/tables.h"

namespace {

#define HOLDS(condition)                                \
  do {                                                  \
    if (!(condition)) {                                 \
      std::fprintf(stderr, "broken: %s\n", #condition); \
      std::abort();                                     \
    }                                                   \
  } while (false)

class ChosenNames final : public audit::Names {
 public:
  explicit ChosenNames(std::string_view name) : name_(name) {}

  std::string_view User(uint32_t uid) noexcept override {
    HOLDS(uid != 0 && uid != UINT32_MAX);
    return uid % 2 == 0 ? std::string_view() : name_;
  }
  std::string_view Group(uint32_t gid) noexcept override {
    HOLDS(gid != 0 && gid != UINT32_MAX);
    return name_;
  }
  std::string_view Interface(uint32_t) noexcept override { return name_; }
  void Flush() noexcept override {}

 private:
  std::string_view name_;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size < 4) return 0;
  const auto type =
      static_cast<uint16_t>(data[0] % 4 == 0 ? data[1] << 8 | data[2] : 1000 + (data[1] << 4 | data[2]) % 1600);
  const uint8_t choice = data[3];
  std::string_view rest(reinterpret_cast<const char*>(data) + 4, size - 4);
  const std::string node((choice & 7) == 7 ? 300 : choice & 7, 'n');
  const std::string_view name = rest.substr(0, (choice & 8) != 0 ? 255 : 3);
  std::string payload((choice & 16) != 0 ? "audit(1700000000.123:45): " : "");
  payload += rest;

  char* const exact = new char[payload.size()];  // so that reading behind the end is seen
  memcpy(exact, payload.data(), payload.size());
  char* const line = new char[audit::kMaxLine];
  ChosenNames names(name);
  audit::Formatter formatter({(choice & 32) != 0, node}, names);
  const audit::Formatted formatted = formatter.Format(type, {exact, payload.size()}, line);

  HOLDS(formatted.length <= audit::kMaxLine);
  const std::string_view text(line, formatted.length);
  HOLDS(text.find('\n') == std::string_view::npos);
  HOLDS(text.find('\0') == std::string_view::npos);
  const size_t separator = text.find('\x1d');
  HOLDS(separator == text.rfind('\x1d'));
  HOLDS((separator != std::string_view::npos) == ((formatted.flags & audit::kHasEnrichment) != 0));
  HOLDS(separator == std::string_view::npos || ((choice & 32) != 0 && formatted.stamp.valid && type != 1320));
  HOLDS(formatted.stamp.valid == ((formatted.flags & audit::kNoStamp) == 0));

  std::string prefix = node.empty() ? "" : "node=" + node.substr(0, audit::kMaxNode) + " ";
  const std::string_view type_name = audit::RecordTypeName(type);
  prefix += "type=";
  prefix += type_name.empty() ? "UNKNOWN[" + std::to_string(type) + "]" : std::string(type_name);
  prefix += " msg=";
  HOLDS(text.substr(0, prefix.size()) == prefix);
  // The payload's bytes stand behind the prefix, in order, each as it was or as a blank.
  const std::string_view body = text.substr(
      prefix.size(), separator == std::string_view::npos ? std::string_view::npos : separator - prefix.size());
  HOLDS(body == "lost" || body.size() <= payload.size());
  for (size_t i = 0; i < body.size() && i < payload.size(); i++) {
    HOLDS(body[i] == payload[i] || body[i] == ' ' || body == "lost");
  }
  delete[] line;
  delete[] exact;
  return 0;
}
