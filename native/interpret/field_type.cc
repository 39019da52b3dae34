#include "field_type.h"

#include <array>
#include <cstring>

#include "../format/number.h"
#include "../format/record_types.h"

namespace audit {

namespace {

constexpr int32_t kTrustedApp = 1121;
constexpr int32_t kUserTty = 1124;
constexpr int32_t kMqOpen = 1312;
constexpr int32_t kKernModule = 1330;
constexpr int32_t kCryptoKeyUser = 2404;

struct NamedType {
  std::string_view name;
  FieldType type;
};

constexpr NamedType kNames[] = {
    {"auid", FieldType::kUid},
    {"uid", FieldType::kUid},
    {"euid", FieldType::kUid},
    {"suid", FieldType::kUid},
    {"fsuid", FieldType::kUid},
    {"ouid", FieldType::kUid},
    {"oauid", FieldType::kUid},
    {"old-auid", FieldType::kUid},
    {"iuid", FieldType::kUid},
    {"id", FieldType::kUid},
    {"inode_uid", FieldType::kUid},
    {"sauid", FieldType::kUid},
    {"obj_uid", FieldType::kUid},
    {"obj_gid", FieldType::kGid},
    {"gid", FieldType::kGid},
    {"egid", FieldType::kGid},
    {"sgid", FieldType::kGid},
    {"fsgid", FieldType::kGid},
    {"ogid", FieldType::kGid},
    {"igid", FieldType::kGid},
    {"inode_gid", FieldType::kGid},
    {"new_gid", FieldType::kGid},
    {"syscall", FieldType::kSyscall},
    {"uring_op", FieldType::kSyscall},
    {"arch", FieldType::kArch},
    {"exit", FieldType::kExit},
    {"path", FieldType::kEscaped},
    {"comm", FieldType::kEscaped},
    {"exe", FieldType::kEscaped},
    {"file", FieldType::kEscaped},
    {"watch", FieldType::kEscaped},
    {"cwd", FieldType::kEscaped},
    {"cmd", FieldType::kEscaped},
    {"dir", FieldType::kEscaped},
    {"vm", FieldType::kEscaped},
    {"old-chardev", FieldType::kEscaped},
    {"new-chardev", FieldType::kEscaped},
    {"old-disk", FieldType::kEscaped},
    {"new-disk", FieldType::kEscaped},
    {"old-fs", FieldType::kEscaped},
    {"new-fs", FieldType::kEscaped},
    {"old-net", FieldType::kEscaped},
    {"new-net", FieldType::kEscaped},
    {"device", FieldType::kEscaped},
    {"cgroup", FieldType::kEscaped},
    {"old-rng", FieldType::kEscaped},
    {"new-rng", FieldType::kEscaped},
    {"ocomm", FieldType::kEscaped},
    {"grp", FieldType::kEscaped},
    {"new_group", FieldType::kEscaped},
    {"invalid_context", FieldType::kEscaped},
    {"sw", FieldType::kEscaped},
    {"root_dir", FieldType::kEscaped},
    {"acct", FieldType::kEscaped},
    {"name", FieldType::kEscapedFile},
    {"key", FieldType::kEscapedKey},
    {"perm", FieldType::kPerm},
    {"perm_mask", FieldType::kPerm},
    {"mode", FieldType::kMode},
    {"saddr", FieldType::kSocketAddress},
    {"prom", FieldType::kPromiscuous},
    {"old_prom", FieldType::kPromiscuous},
    {"capability", FieldType::kCapability},
    {"res", FieldType::kSuccess},
    {"result", FieldType::kSuccess},
    {"a0", FieldType::kA0},
    {"a1", FieldType::kA1},
    {"a2", FieldType::kA2},
    {"a3", FieldType::kA3},
    {"sig", FieldType::kSignal},
    {"sigev_signo", FieldType::kSignal},
    {"list", FieldType::kList},
    {"data", FieldType::kTtyData},
    {"ses", FieldType::kSession},
    {"cap_pi", FieldType::kCapabilities},
    {"cap_pe", FieldType::kCapabilities},
    {"cap_pp", FieldType::kCapabilities},
    {"cap_pa", FieldType::kCapabilities},
    {"cap_fi", FieldType::kCapabilities},
    {"cap_fp", FieldType::kCapabilities},
    {"fp", FieldType::kCapabilities},
    {"fi", FieldType::kCapabilities},
    {"old_pp", FieldType::kCapabilities},
    {"old_pi", FieldType::kCapabilities},
    {"old_pe", FieldType::kCapabilities},
    {"old_pa", FieldType::kCapabilities},
    {"new_pp", FieldType::kCapabilities},
    {"new_pi", FieldType::kCapabilities},
    {"new_pe", FieldType::kCapabilities},
    {"pp", FieldType::kCapabilities},
    {"pi", FieldType::kCapabilities},
    {"pe", FieldType::kCapabilities},
    {"pa", FieldType::kCapabilities},
    {"family", FieldType::kNetfilterProtocol},
    {"icmptype", FieldType::kIcmpType},
    {"proto", FieldType::kProtocol},
    {"addr", FieldType::kAddress},
    {"per", FieldType::kPersonality},
    {"code", FieldType::kSeccomp},
    {"oflag", FieldType::kOpenFlags},
    {"flags", FieldType::kMmapFlags},
    {"subj", FieldType::kMacLabel},
    {"obj", FieldType::kMacLabel},
    {"scontext", FieldType::kMacLabel},
    {"tcontext", FieldType::kMacLabel},
    {"vm-ctx", FieldType::kMacLabel},
    {"img-ctx", FieldType::kMacLabel},
    {"proctitle", FieldType::kProctitle},
    {"hook", FieldType::kHook},
    {"action", FieldType::kNetfilterAction},
    {"macproto", FieldType::kMacProtocol},
    {"ioctlcmd", FieldType::kIoctlRequest},
    {"resp", FieldType::kFanotify},
    {"nl-mcgrp", FieldType::kNetlinkGroup},
    {"resolve", FieldType::kResolve},
    {"subj_trust", FieldType::kTrust},
    {"obj_trust", FieldType::kTrust},
    {"fan_type", FieldType::kFanType},
    {"fan_info", FieldType::kFanInfo},
    {"errno", FieldType::kErrno},
};
constexpr size_t kLongestName = 15;
constexpr size_t kSlots = 512;

constexpr size_t Slot(std::string_view name) noexcept {
  uint32_t hash = 2166136261u;  // FNV-1a
  for (const char c : name) hash = (hash ^ static_cast<unsigned char>(c)) * 16777619u;
  return (hash ^ hash >> 15) % kSlots;
}

// Indexes into kNames, plus one; a name stands in the first free place from its slot on.
constexpr auto kByName = [] {
  std::array<uint8_t, kSlots> table{};
  for (size_t i = 0; i < sizeof kNames / sizeof *kNames; i++) {
    size_t slot = Slot(kNames[i].name);
    while (table[slot] != 0) slot = (slot + 1) % kSlots;
    table[slot] = static_cast<uint8_t>(i + 1);
  }
  return table;
}();

bool IsHex(std::string_view text) noexcept {
  for (const char c : text) {
    if (DigitValue(c) > 15) return false;
  }
  return true;
}

FieldType EscapedIfItLooksSo(std::string_view value) noexcept {
  const bool is_escaped = !value.empty() && (value[0] == '"' || IsHex(value));
  return is_escaped ? FieldType::kEscaped : FieldType::kUnclassified;
}

}  // namespace

FieldType TypeOfName(std::string_view name) noexcept {
  if (name.size() > kLongestName) return FieldType::kUnclassified;
  for (size_t slot = Slot(name); kByName[slot] != 0; slot = (slot + 1) % kSlots) {
    const NamedType& entry = kNames[kByName[slot] - 1];
    if (entry.name == name) return entry.type;
  }
  return FieldType::kUnclassified;
}

FieldType TypeOfField(int32_t record_type, std::string_view name, std::string_view value) noexcept {
  switch (record_type) {
    case AUDIT_EXECVE:
      if (!name.empty() && name[0] == 'a' && name != "argc" && name.find("_len") == std::string_view::npos) {
        return FieldType::kEscaped;
      }
      break;
    case AUDIT_AVC:
      if (name == "saddr") return FieldType::kUnclassified;
      break;
    case kUserTty:
      if (name == "msg") return FieldType::kEscaped;
      break;
    case AUDIT_NETFILTER_PKT:
      if (name == "saddr") return FieldType::kAddress;
      break;
    default:
      break;
  }
  const FieldType type = TypeOfName(name);
  if (type == FieldType::kEscaped && name == "acct") return EscapedIfItLooksSo(value);
  switch (record_type) {
    case kMqOpen:
      return type == FieldType::kMode ? FieldType::kModeShort : type;
    case kCryptoKeyUser:
      return name == "fp" ? FieldType::kUnclassified : type;
    case AUDIT_ADD_GROUP:
    case AUDIT_GRP_MGMT:
    case AUDIT_DEL_GROUP:
      return name == "id" ? FieldType::kGid : type;
    case kTrustedApp:
      if (type != FieldType::kUnclassified || (name == "pid" && value.substr(0, 1) != "\"")) return type;
      return EscapedIfItLooksSo(value);
    case kKernModule:
      return type == FieldType::kEscapedFile ? FieldType::kEscaped : type;
    default:
      return type;
  }
}

}  // namespace audit
