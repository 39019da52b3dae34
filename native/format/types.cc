#include "format.h"
#include "record_types.h"

namespace audit {

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
