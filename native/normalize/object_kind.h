// What an event was done to.
#pragma once

#include <cstdint>
#include <string_view>

namespace audit {

// Numbers and order are those of the C library's normalizer.
enum class ObjectKind : uint8_t {
  kUnknown,
  kFifo,
  kCharacterDevice,
  kDirectory,
  kBlockDevice,
  kFile,
  kFileSystem,
  kSymlink,
  kSocket,
  kProcess,
  kFirewall,
  kService,
  kAccount,
  kUserSession,
  kVirtualMachine,
  kPrinter,
  kSystem,
  kAdminDefinedRule,
  kAuditConfig,
  kSecurityPolicy,
  kMemory,
  kKeystrokes,
  kDevice,
  kSoftware,
  kIntegrityPolicy,
  kSecurityModules,
  kProcessGroup,
};

inline constexpr std::string_view kObjectKindNames[] = {
    "unknown",          "fifo",
    "character-device", "directory",
    "block-device",     "file",
    "file-system",      "symlink",
    "socket",           "process",
    "firewall",         "service",
    "account",          "user-session",
    "virtual-machine",  "printer",
    "system",           "admin-defined-rule",
    "audit-config",     "security-policy",
    "memory",           "keystrokes",
    "device",           "software",
    "integrity-policy", "security-modules",
    "process-group",
};

constexpr std::string_view NameOf(ObjectKind kind) noexcept { return kObjectKindNames[static_cast<uint8_t>(kind)]; }

}  // namespace audit
