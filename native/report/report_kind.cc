#include "report_kind.h"

namespace audit {

namespace {

constexpr bool IsIn(int32_t type, int32_t first, int32_t last) { return type >= first && type <= last; }

}  // namespace

// Numbers and their names: linux/audit.h and libaudit.h.
uint32_t PresenceOf(int32_t type) noexcept {
  // Half of all records are these; none of them counts for anything here.
  if (IsIn(type, 1300, 1304) || type == 1306 || type == 1307 || type == 1309 || type == 1327) return 0;
  switch (type) {
    case 1100:
      return kHasUserAuth;
    case 1102:
      return kHasUserManagement;
    case 1107:
    case 1400:
      return kHasAvc;
    case 1108:
      return kHasPasswordChange;
    case 1111:
      return kHasUsysConfig;
    case 1112:
      return kHasUserLogin;
    case 1114:
    case 1115:
    case 1116:
    case 1117:
      return kHasAccountChange;
    case 1126:
      return kHasGroupAuth;
    case 1132:
      return kHasGroupManagement;
    case 1203:
      return kHasDaemonConfig;
    case 1305:
      return kHasConfigChange;
    case 1325:
      return kHasNetfilterConfig;
    case 1326:
      return kHasSeccomp;
    case 1328:
      return kHasFeatureChange;
    case 2301:
    case 2302:
      return kHasRoleChange | kHasLspp;
    case 2312:
      return kHasUserMacConfigChange | kHasLspp;
    default:
      break;
  }
  if (IsIn(type, 1403, 1410)) return kHasMac | kHasNarrowMac;
  if (IsIn(type, 1411, 1417)) return kHasMac;
  if (IsIn(type, 1600, 1699)) return kHasKernelCrypto;
  if (IsIn(type, 1700, 1799)) return kHasKernelAnomaly;
  if (IsIn(type, 1800, 1899)) return kHasIntegrity;
  if (IsIn(type, 2100, 2199)) return kHasUserAnomaly;
  if (IsIn(type, 2200, 2299)) return kHasResponse;
  if (IsIn(type, 2300, 2399)) return kHasLspp;
  if (IsIn(type, 2400, 2499)) return kHasCrypto;
  if (IsIn(type, 2500, 2599)) return kHasVirtualization;
  return 0;
}

uint32_t PresenceOf(const Event& event) noexcept {
  uint32_t present = 0;
  for (size_t index = 0; index < event.count; index++) present |= PresenceOf(event.records[index].type);
  return present;
}

}  // namespace audit
