#include <array>

#include "format.h"
#include "record_types.h"

namespace audit {

namespace {

struct NumberedName {
  uint16_t number;
  std::string_view name;
};

#include "tables/record_types.inc"

constexpr uint16_t kFirstNamed = std::begin(kRecordTypes)->number;
constexpr uint16_t kLastNamed = (std::end(kRecordTypes) - 1)->number;

constexpr auto kNames = [] {
  std::array<std::string_view, kLastNamed - kFirstNamed + 1> names{};
  for (const NumberedName& type : kRecordTypes) names[type.number - kFirstNamed] = type.name;
  return names;
}();

}  // namespace

std::string_view TypeName(uint16_t type) noexcept {
  if (type < kFirstNamed || type > kLastNamed) return {};
  return kNames[type - kFirstNamed];
}

Treatment TreatmentOf(uint16_t type) noexcept {
  // NLMSG_NOOP, NLMSG_ERROR, NLMSG_DONE, and what answers or asks AUDIT_GET: netlink's own traffic.
  if ((type >= 1 && type <= 3) || type == 1000) return Treatment::kIgnore;
  if (type == 1010) return Treatment::kReply;  // AUDIT_SIGNAL_INFO
  // From the watch requests, long gone, to AUDIT_GET_FEATURE: requests and replies about rules and settings.
  if (type >= 1007 && type <= 1019) return Treatment::kIgnore;
  if (type >= 1200 && type <= 1299) return Treatment::kIgnore;  // DAEMON_*: only a daemon writes them
  if (type == AUDIT_REPLACE) return Treatment::kIgnore;         // the kernel asks whether its daemon is still there
  if (type == AUDIT_EOE) return Treatment::kDispatchOnly;
  return Treatment::kLog;
}

}  // namespace audit
