// The reports there are, and which events belong to each.
#pragma once

#include <cstdint>

#include "../scan/record.h"

namespace audit {

// The order is shared with src/tools/aureport/reports.ts.
enum class ReportKind : uint8_t {
  kOverview,
  kAvc,
  kAuthentication,
  kCommand,
  kConfiguration,
  kCrypto,
  kEvent,
  kFile,
  kHost,
  kIntegrity,
  kKey,
  kLogin,
  kModification,
  kMac,
  kAnomaly,
  kProcess,
  kResponse,
  kSyscall,
  kLog,
  kTerminal,
  kKeystroke,
  kUser,
  kVirtualization,
  kExecutable,
  kPage,
};
inline constexpr uint8_t kReportKinds = 25;

// Which groups of record types occur anywhere in an event, one bit each.
enum Presence : uint32_t {
  kHasAvc = 1u << 0,  // AVC, USER_AVC
  kHasUserAuth = 1u << 1,
  kHasUserManagement = 1u << 2,  // USER_MGMT
  kHasGroupAuth = 1u << 3,       // GRP_AUTH
  kHasUserLogin = 1u << 4,
  kHasConfigChange = 1u << 5,
  kHasDaemonConfig = 1u << 6,
  kHasUsysConfig = 1u << 7,
  kHasNetfilterConfig = 1u << 8,
  kHasFeatureChange = 1u << 9,
  kHasUserMacConfigChange = 1u << 10,
  kHasMac = 1u << 11,              // 1403-1417
  kHasNarrowMac = 1u << 12,        // 1403-1410
  kHasLspp = 1u << 13,             // 2300-2399
  kHasPasswordChange = 1u << 14,   // USER_CHAUTHTOK
  kHasAccountChange = 1u << 15,    // ADD_USER to DEL_GROUP
  kHasGroupManagement = 1u << 16,  // GRP_MGMT
  kHasRoleChange = 1u << 17,       // ROLE_ASSIGN, ROLE_REMOVE
  kHasUserAnomaly = 1u << 18,      // 2100-2199
  kHasKernelAnomaly = 1u << 19,    // 1700-1799
  kHasSeccomp = 1u << 20,
  kHasResponse = 1u << 21,        // 2200-2299
  kHasKernelCrypto = 1u << 22,    // 1600-1699
  kHasCrypto = 1u << 23,          // 2400-2499
  kHasIntegrity = 1u << 24,       // 1800-1899
  kHasVirtualization = 1u << 25,  // 2500-2599
};

inline constexpr uint32_t kAnyConfiguration = kHasConfigChange | kHasDaemonConfig | kHasUsysConfig |
                                              kHasNetfilterConfig | kHasFeatureChange | kHasUserMacConfigChange |
                                              kHasMac;
inline constexpr uint32_t kAnyModification =
    kHasPasswordChange | kHasAccountChange | kHasUserManagement | kHasGroupManagement | kHasRoleChange;

// Bits of one record type; 0 for most.
uint32_t PresenceOf(int32_t type) noexcept;
// Bits of all records of an event.
uint32_t PresenceOf(const Event& event) noexcept;

}  // namespace audit
