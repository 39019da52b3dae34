// The record types that formatting treats in a way of their own. Numbers and names: linux/audit.h and libaudit.h.
#pragma once

#include <cstdint>

namespace audit {

inline constexpr uint16_t AUDIT_USER_MGMT = 1102;
inline constexpr uint16_t AUDIT_ADD_USER = 1114;
inline constexpr uint16_t AUDIT_DEL_USER = 1115;
inline constexpr uint16_t AUDIT_ADD_GROUP = 1116;
inline constexpr uint16_t AUDIT_DEL_GROUP = 1117;
inline constexpr uint16_t AUDIT_GRP_MGMT = 1132;
inline constexpr uint16_t AUDIT_EXECVE = 1309;
inline constexpr uint16_t AUDIT_EOE = 1320;
inline constexpr uint16_t AUDIT_NETFILTER_PKT = 1324;
inline constexpr uint16_t AUDIT_REPLACE = 1329;
inline constexpr uint16_t AUDIT_URINGOP = 1336;
inline constexpr uint16_t AUDIT_AVC = 1400;

}  // namespace audit
