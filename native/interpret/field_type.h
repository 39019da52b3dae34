// What kind of value a field holds.
#pragma once

#include <cstdint>
#include <string_view>

namespace audit {

// Numbers and order are those of the C library's auparse_type_t.
enum class FieldType : uint8_t {
  kUnclassified,
  kUid,
  kGid,
  kSyscall,
  kArch,
  kExit,
  kEscaped,
  kPerm,
  kMode,
  kSocketAddress,
  kFlags,  // never produced
  kPromiscuous,
  kCapability,
  kSuccess,
  kA0,
  kA1,
  kA2,
  kA3,
  kSignal,
  kList,
  kTtyData,
  kSession,
  kCapabilities,
  kNetfilterProtocol,
  kIcmpType,
  kProtocol,
  kAddress,
  kPersonality,
  kSeccomp,
  kOpenFlags,
  kMmapFlags,
  kModeShort,
  kMacLabel,
  kProctitle,
  kHook,
  kNetfilterAction,
  kMacProtocol,
  kIoctlRequest,
  kEscapedKey,
  kEscapedFile,
  kFanotify,
  kNetlinkGroup,
  kResolve,
  kTrust,
  kFanType,
  kFanInfo,
  kErrno,
};
inline constexpr size_t kFieldTypes = 47;

// By the name alone.
FieldType TypeOfName(std::string_view name) noexcept;
// Some names mean something else in records of some types, some by the look of their value.
FieldType TypeOfField(int32_t record_type, std::string_view name, std::string_view value) noexcept;

}  // namespace audit
