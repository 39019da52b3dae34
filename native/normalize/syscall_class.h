// Groups of system calls that do the same to the same kind of object.
#pragma once

#include <cstdint>
#include <string_view>

namespace audit {

enum class SyscallClass : uint8_t {
  kNone,
  kOpen,
  kChangeAttributes,
  kChangePermissions,
  kChangeOwner,
  kLoadModule,
  kUnloadModule,
  kMakeDirectory,
  kMount,
  kRename,
  kCheckMetadata,
  kCheckFileSystem,
  kSymlink,
  kUnmount,
  kDelete,
  kChangeTimestamp,
  kExecute,
  kAccept,
  kBind,
  kConnect,
  kReceive,
  kSend,
  kKill,
  kSetUser,
  kSetGroup,
  kSetTime,
  kMakeNode,
  kSetSystemName,
  kMemory,
  kSchedule,
  kSecurityPolicy,
  kSecurityAttributes,
  kSecurityModules,
  // Named by another record of the event, whatever the call was.
  kMacLoad,
  kMacEnforce,
  kMacConfig,
  kMacError,
  kFirewall,
  kPromiscuous,
  kBpf,
  kListener,
};

// Names are compared without regard to case.
SyscallClass ClassOfSyscall(std::string_view name) noexcept;

}  // namespace audit
