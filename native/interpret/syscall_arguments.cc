#include "syscall_arguments.h"

#include <iterator>

#include "../format/number.h"
#include "../tables/tables.h"
#include "number_texts.h"

namespace audit {

using namespace interpretations;

namespace {

enum class Kind : uint8_t {
  kRaw,
  kSignal,
  kDirectory,
  kClock,
  kCloneFlags,
  kPersonality,
  kPtrace,
  kPrctl,
  kLimit,
  kUser,
  kGroup,
  kFamily,
  kSocketCall,
  kIpcCall,
  kExit,
  kBpf,
  kShortMode,
  kFcntl,
  kFsconfig,
  kFsopen,
  kFsmount,
  kSocketLevel,
  kSocketType,
  kScheduler,
  kMode,
  kOpenFlags,
  kAccessMode,
  kEpoll,
  kPrctlArgument,
  kUmountFlags,
  kIoctl,
  kFcntlArgument,
  kSocketOption,
  kCreateMode,
  kMountFlags,
  kProtocol,
  kMessageFlags,
  kShmFlags,
  kXattrFlags,
  kMmapProtection,
  kMprotectProtection,
  kSeek,
  kMmapFlags,
  kAccessFlags,
};

// A name is matched as a whole, or by its start when it ends with an asterisk.
struct Rule {
  std::string_view name;
  Kind kind;
};

// The first rule that fits wins.
constexpr Rule kFirst[] = {
    {"rt_sigaction", Kind::kSignal},
    {"renameat*", Kind::kDirectory},
    {"readlinkat", Kind::kDirectory},
    {"removexattrat", Kind::kDirectory},
    {"mkdirat", Kind::kDirectory},
    {"mknodat", Kind::kDirectory},
    {"fchownat", Kind::kDirectory},
    {"futimesat", Kind::kDirectory},
    {"fchmodat", Kind::kDirectory},
    {"faccessat*", Kind::kDirectory},
    {"futimensat", Kind::kDirectory},
    {"file_getattr", Kind::kDirectory},
    {"file_setattr", Kind::kDirectory},
    {"unlinkat", Kind::kDirectory},
    {"utimensat", Kind::kDirectory},
    {"setxattrat", Kind::kDirectory},
    {"getxattrat", Kind::kDirectory},
    {"listxattrat", Kind::kDirectory},
    {"linkat", Kind::kDirectory},
    {"newfstatat", Kind::kDirectory},
    {"openat*", Kind::kDirectory},
    {"name_to_handle_at", Kind::kDirectory},
    {"clock_settime", Kind::kClock},
    {"clone", Kind::kCloneFlags},
    {"clone2", Kind::kCloneFlags},
    {"unshare", Kind::kCloneFlags},
    {"personality", Kind::kPersonality},
    {"ptrace", Kind::kPtrace},
    {"prctl", Kind::kPrctl},
    {"getrlimit", Kind::kLimit},
    {"setrlimit", Kind::kLimit},
    {"setuid", Kind::kUser},
    {"setreuid", Kind::kUser},
    {"setresuid", Kind::kUser},
    {"setfsuid", Kind::kUser},
    {"setgid", Kind::kGroup},
    {"setregid", Kind::kGroup},
    {"setresgid", Kind::kGroup},
    {"setfsgid", Kind::kGroup},
    {"socket", Kind::kFamily},
    {"socketcall", Kind::kSocketCall},
    {"ipccall", Kind::kIpcCall},
    {"exit*", Kind::kExit},
    {"bpf", Kind::kBpf},
};

constexpr Rule kSecond[] = {
    {"fchmod", Kind::kShortMode},
    {"chmod", Kind::kShortMode},
    {"creat", Kind::kShortMode},
    {"mkdir", Kind::kShortMode},
    {"fcntl*", Kind::kFcntl},
    {"fscon*", Kind::kFsconfig},
    {"fsopen*", Kind::kFsopen},
    {"fsmount*", Kind::kFsmount},
    {"chown*", Kind::kUser},
    {"getsockopt", Kind::kSocketLevel},
    {"setsockopt", Kind::kSocketLevel},
    {"setreuid", Kind::kUser},
    {"setresuid", Kind::kUser},
    {"setregid", Kind::kGroup},
    {"setresgid", Kind::kGroup},
    {"socket", Kind::kSocketType},
    {"setns", Kind::kCloneFlags},
    {"sched_setscheduler", Kind::kScheduler},
    {"mknod", Kind::kMode},
    {"mq_open", Kind::kOpenFlags},
    {"open", Kind::kOpenFlags},
    {"access", Kind::kAccessMode},
    {"epoll_ctl", Kind::kEpoll},
    {"kill", Kind::kSignal},
    {"tkill", Kind::kSignal},
    {"prctl", Kind::kPrctlArgument},
    {"umount2", Kind::kUmountFlags},
    {"ioctl", Kind::kIoctl},
};

constexpr Rule kThird[] = {
    {"fcntl*", Kind::kFcntlArgument},
    {"getsockopt", Kind::kSocketOption},
    {"setsockopt", Kind::kSocketOption},
    {"openat", Kind::kOpenFlags},
    {"open_by_handle_at", Kind::kOpenFlags},
    {"open", Kind::kCreateMode},
    {"mq_open", Kind::kCreateMode},
    {"fchmodat", Kind::kShortMode},
    {"mkdirat", Kind::kShortMode},
    {"mknodat", Kind::kShortMode},
    {"faccessat*", Kind::kAccessMode},
    {"fsmount*", Kind::kMountFlags},
    {"setresuid", Kind::kUser},
    {"setresgid", Kind::kGroup},
    {"socket", Kind::kProtocol},
    {"sendmsg", Kind::kMessageFlags},
    {"recvmsg", Kind::kMessageFlags},
    {"shmget", Kind::kShmFlags},
    {"setxattrat", Kind::kXattrFlags},
    {"removexattrat", Kind::kXattrFlags},
    {"listxattrat", Kind::kXattrFlags},
    {"getxattrat", Kind::kXattrFlags},
    {"mmap", Kind::kMmapProtection},
    {"mprotect", Kind::kMprotectProtection},
    {"move_mount", Kind::kDirectory},
    {"readlinkat", Kind::kDirectory},
    {"renameat*", Kind::kDirectory},
    {"linkat", Kind::kDirectory},
    {"lseek", Kind::kSeek},
    {"chown*", Kind::kGroup},
    {"tgkill", Kind::kSignal},
};

constexpr Rule kFourth[] = {
    {"mmap", Kind::kMmapFlags},         {"mount", Kind::kMountFlags},          {"recv", Kind::kMessageFlags},
    {"recvfrom", Kind::kMessageFlags},  {"recvmmsg", Kind::kMessageFlags},     {"send", Kind::kMessageFlags},
    {"sendto", Kind::kMessageFlags},    {"sendmmsg", Kind::kMessageFlags},     {"faccessat", Kind::kAccessFlags},
    {"faccessat2", Kind::kAccessFlags}, {"open_tree_attr", Kind::kXattrFlags},
};

template <size_t kSize>
Kind KindIn(const Rule (&rules)[kSize], std::string_view name) noexcept {
  for (const Rule& rule : rules) {
    if (rule.name.back() == '*') {
      const std::string_view start = rule.name.substr(0, rule.name.size() - 1);
      if (name.substr(0, start.size()) == start) return rule.kind;
    } else if (rule.name == name) {
      return rule.kind;
    }
  }
  return Kind::kRaw;
}

Kind KindOf(std::string_view name, unsigned index) noexcept {
  switch (index) {
    case 0:
      return KindIn(kFirst, name);
    case 1:
      return KindIn(kSecond, name);
    case 2:
      return KindIn(kThird, name);
    default:
      return KindIn(kFourth, name);
  }
}

// The four kinds of a call are looked up once, not for every record.
class KindCache {
 public:
  const Kind* Of(const Machine& machine, int32_t number, std::string_view name) noexcept {
    Entry& entry = entries_[(static_cast<uint32_t>(number) ^ machine.arch >> 24) % std::size(entries_)];
    if (entry.machine != &machine || entry.number != number) {
      entry.machine = &machine;
      entry.number = number;
      for (unsigned i = 0; i < 4; i++) entry.kinds[i] = KindOf(name, i);
    }
    return entry.kinds;
  }

 private:
  struct Entry {
    const Machine* machine;
    int32_t number;
    Kind kinds[4];
  };
  Entry entries_[512] = {};
};

thread_local KindCache kind_cache;

void AppendPrctlArgument(uint64_t number, std::string_view value, uint64_t option, std::string* out) {
  switch (option) {
    case 1:  // PR_SET_PDEATHSIG
      if (number < std::size(kSignals)) {
        out->append(kSignals[number].name);
      } else {
        AppendAround("unknown-signal(0x", value, ")", out);
      }
      return;
    case 23:  // PR_CAPBSET_READ
    case 24:  // PR_CAPBSET_DROP
      AppendNameOr(kCapabilities, number, "unknown-capability(0x", value, out);
      return;
    default:
      AppendRawHex(value, out);
  }
}

void AppendSocketOption(uint64_t number, std::string_view value, const CallContext& call, std::string* out) {
  switch (call.a1) {
    case 0:
      AppendNameOr(kIpOptions, number, "unknown-ipopt-name(0x", value, out);
      return;
    case 1:
      // PowerPC numbers these six in a way of its own.
      if (number >= 16 && number <= 21 && call.machine != nullptr && call.machine->name.substr(0, 3) == "ppc") {
        number += 100;
      }
      AppendNameOr(kSocketOptions, number, "unknown-sockopt-name(0x", value, out);
      return;
    case 6:
      AppendNameOr(kTcpOptions, number, "unknown-tcpopt-name(0x", value, out);
      return;
    case 17: {
      constexpr InterpretedNumber kUdpOptions[] = {{1, "UDP_CORK"}, {100, "UDP_ENCAP"}};
      AppendNameOr(kUdpOptions, number, "unknown-udpopt-name(0x", value, out);
      return;
    }
    case 41:
      AppendNameOr(kIpv6Options, number, "unknown-ip6opt-name(0x", value, out);
      return;
    case 263:
      AppendNameOr(kPacketOptions, number, "unknown-pktopt-name(0x", value, out);
      return;
    default:
      AppendRawHex(value, out);
  }
}

void AppendSocketLevel(uint64_t number, std::string_view value, Names& names, std::string* out) {
  if (number == 1) {
    out->append("SOL_SOCKET");
    return;
  }
  const std::string_view protocol = number <= UINT32_MAX ? names.Protocol(static_cast<uint32_t>(number)) : "";
  if (!protocol.empty()) {
    out->append(protocol);
  } else {
    AppendNameOr(kSocketLevels, number, "unknown-sockopt-level(0x", value, out);
  }
}

void AppendCloneFlags(uint64_t flags, std::string* out) {
  const size_t start = out->size();
  flags &= UINT32_MAX;
  AppendBits(kCloneFlags, flags, start, '|', out);
  const uint64_t signal = flags & 0xFF;
  if (signal > 0 && signal < std::size(kSignals)) {
    if (out->size() > start) *out += '|';
    out->append(kSignals[signal].name);
  }
  if (out->size() == start) AppendHex(flags, out);
}

// Of the IPC commands and modes only some bits may be looked at; the low nine are permissions.
void AppendShmFlags(uint64_t flags, std::string* out) {
  const size_t start = out->size();
  AppendBits(kIpcCommands, flags & 03000, start, '|', out);
  AppendBits(kShmModes, flags & 014000, start, '|', out);
  if (out->size() > start) *out += '|';
  AppendShortMode(static_cast<uint32_t>(flags & 0777), out);
}

void AppendScheduler(uint64_t number, std::string_view value, std::string* out) {
  constexpr uint64_t kResetOnFork = 0x40000000;
  const std::string_view name = NameOf(kSchedulers, number & 15);
  if (name.empty()) {
    AppendAround("unknown-scheduler-policy(0x", value, ")", out);
    return;
  }
  out->append(name);
  if ((number & kResetOnFork) != 0) out->append("|SCHED_RESET_ON_FORK");
}

template <size_t kSize>
void AppendFlags(const InterpretedNumber (&table)[kSize], uint64_t flags, std::string_view value, std::string* out,
                 size_t count = kSize) {
  const size_t start = out->size();
  AppendBits(table, flags, start, '|', out, count);
  if (out->size() == start) AppendRawHex(value, out);
}

template <size_t kSize>
void AppendNameOrDecimal(const InterpretedNumber (&table)[kSize], uint64_t number, std::string_view unknown,
                         std::string* out) {
  const std::string_view name = NameOf(table, number);
  if (!name.empty()) {
    out->append(name);
    return;
  }
  out->append(unknown);
  AppendSigned(static_cast<int32_t>(number), out);
  *out += ')';
}

void AppendKind(Kind kind, std::string_view value, const CallContext& call, Names& names, std::string* out) {
  switch (kind) {
    case Kind::kRaw:
      AppendRawHex(value, out);
      return;
    case Kind::kExit:
      out->append(value == "0" ? "EXIT_SUCCESS" : value == "1" ? "EXIT_FAILURE" : "UNKNOWN");
      return;
    case Kind::kFsopen:
    case Kind::kFsmount:
      if (value == "1") {
        out->append(kind == Kind::kFsopen ? "FSOPEN_CLOEXEC" : "FSMOUNT_CLOEXEC");
      } else {
        AppendRawHex(value, out);
      }
      return;
    default:
      break;
  }
  const Number parsed = ParseNumber(value, 16);
  if (parsed.overflows) {
    AppendAround("conversion error(", value, ")", out);
    return;
  }
  const uint64_t number = parsed.value;
  switch (kind) {
    case Kind::kRaw:
    case Kind::kExit:
    case Kind::kFsopen:
    case Kind::kFsmount:
      return;  // done above
    case Kind::kSignal:
      if (number < std::size(kSignals)) {
        out->append(kSignals[number].name);
      } else {
        AppendAround("unknown-signal(0x", value, ")", out);
      }
      return;
    case Kind::kDirectory:
      if (static_cast<uint32_t>(number) == 0xFFFFFF9C) {
        out->append("AT_FDCWD");
      } else {
        AppendRawHex(value, out);
      }
      return;
    case Kind::kClock:
      if (number < 7) {
        out->append(NameOf(kClocks, number));
      } else {
        AppendAround("unknown-clk_id(0x", value, ")", out);
      }
      return;
    case Kind::kCloneFlags:
      AppendCloneFlags(number, out);
      return;
    case Kind::kPersonality:
      AppendPersonality(number, value, out);
      return;
    case Kind::kPtrace:
      AppendNameOr(kPtraceRequests, number, "unknown-ptrace(0x", value, out);
      return;
    case Kind::kPrctl:
      AppendNameOr(kPrctlOptions, number, "unknown-prctl-option(0x", value, out);
      return;
    case Kind::kLimit:
      AppendNameOr(kResourceLimits, number, "unknown-rlimit(0x", value, out);
      return;
    case Kind::kUser:
      AppendUser(static_cast<uint32_t>(number), names, out);
      return;
    case Kind::kGroup:
      AppendGroup(static_cast<uint32_t>(number), names, out);
      return;
    case Kind::kFamily: {
      const std::string_view family =
          number <= UINT16_MAX ? SocketFamilyName(static_cast<uint16_t>(number)) : std::string_view();
      if (family.empty()) {
        AppendAround("unknown-family(0x", value, ")", out);
      } else {
        out->append(family);
      }
      return;
    }
    case Kind::kSocketCall:
    case Kind::kIpcCall: {
      const bool is_socket = kind == Kind::kSocketCall;
      const std::string_view name = is_socket ? SocketCallName(number) : IpcCallName(number);
      if (name.empty()) {
        AppendAround(is_socket ? "unknown-socketcall(" : "unknown-ipccall(", value, ")", out);
      } else {
        out->append(name);
      }
      return;
    }
    case Kind::kBpf:
      AppendNameOr(kBpfCommands, number, "unknown-bpf-cmd(", value, out);
      return;
    case Kind::kShortMode:
      AppendShortMode(static_cast<uint32_t>(number), out);
      return;
    case Kind::kFcntl:
      AppendNameOrDecimal(kFcntlCommands, number, "unknown-fcntl-command(", out);
      return;
    case Kind::kFsconfig:
      AppendNameOrDecimal(kFsconfigCommands, number, "unknown-fsconfig-operation(", out);
      return;
    case Kind::kSocketLevel:
      AppendSocketLevel(number, value, names, out);
      return;
    case Kind::kSocketType:
      AppendNameOr(kSocketTypes, number & 0xFF, "unknown-type(", value, out);
      return;
    case Kind::kScheduler:
      AppendScheduler(number, value, out);
      return;
    case Kind::kMode:
      AppendMode(static_cast<uint32_t>(number), out);
      return;
    case Kind::kOpenFlags:
      AppendOpenFlags(number, out);
      return;
    case Kind::kAccessMode:
      if ((number & 15) == 0) {
        out->append("F_OK");
      } else {
        AppendFlags(kAccessModes, number, value, out);
      }
      return;
    case Kind::kEpoll:
      AppendNameOrDecimal(kEpollOperations, number, "unknown-epoll_ctl-operation(", out);
      return;
    case Kind::kPrctlArgument:
      AppendPrctlArgument(number, value, call.a0, out);
      return;
    case Kind::kUmountFlags:
      AppendFlags(kUmountFlags, number, value, out);
      return;
    case Kind::kIoctl:
      AppendIoctlRequest(number, out);
      return;
    case Kind::kFcntlArgument:
      if (call.a1 == 8) {  // F_SETOWN
        AppendUser(static_cast<uint32_t>(number), names, out);
      } else if (call.a1 == 2 && number == 1) {  // F_SETFD
        out->append("FD_CLOEXEC");
      } else {
        AppendRawHex(value, out);
      }
      return;
    case Kind::kSocketOption:
      AppendSocketOption(number, value, call, out);
      return;
    case Kind::kCreateMode:
      if ((call.a1 & 0x40) != 0) {  // O_CREAT
        AppendShortMode(static_cast<uint32_t>(number), out);
      } else {
        AppendRawHex(value, out);
      }
      return;
    case Kind::kMountFlags:
      AppendFlags(kMountFlags, number, value, out);
      return;
    case Kind::kProtocol: {
      const std::string_view name = number <= UINT32_MAX ? names.Protocol(static_cast<uint32_t>(number)) : "";
      if (name.empty()) {
        AppendAround("unknown-proto(", value, ")", out);
      } else {
        out->append(name);
      }
      return;
    }
    case Kind::kMessageFlags:
      AppendFlags(kMessageFlags, number, value, out);
      return;
    case Kind::kShmFlags:
      AppendShmFlags(number, out);
      return;
    case Kind::kXattrFlags:
      AppendFlags(kXattrFlags, number, value, out);
      return;
    case Kind::kMmapProtection:
    case Kind::kMprotectProtection:
      if ((number & 7) == 0) {
        out->append("PROT_NONE");
      } else {
        AppendFlags(kProtections, number, value, out, kind == Kind::kMmapProtection ? 4 : 3);
      }
      return;
    case Kind::kSeek:
      AppendNameOr(kSeekOrigins, number & 0xFF, "unknown-whence(", value, out);
      return;
    case Kind::kMmapFlags:
      AppendMmapFlags(number, value, out);
      return;
    case Kind::kAccessFlags:
      AppendFlags(kAccessFlags, number, value, out);
      return;
  }
}

void AppendAccount(uint32_t number, std::string_view name, std::string* out) {
  if (!name.empty()) {
    out->append(name);
    return;
  }
  out->append("unknown(");
  AppendSigned(static_cast<int32_t>(number), out);
  *out += ')';
}

constexpr uint32_t kUnset = UINT32_MAX;  // AUDIT_UID_UNSET: nobody logged in yet

}  // namespace

void AppendUser(uint32_t uid, Names& names, std::string* out) {
  AppendAccount(uid, uid == 0 ? "root" : uid == kUnset ? "unset" : names.User(uid), out);
}

void AppendGroup(uint32_t gid, Names& names, std::string* out) {
  AppendAccount(gid, gid == 0 ? "root" : gid == kUnset ? "unset" : names.Group(gid), out);
}

void AppendSyscallArgument(unsigned index, std::string_view value, const CallContext& call, Names& names,
                           std::string* out) {
  const std::string_view name = call.machine == nullptr ? "" : SyscallName(*call.machine, call.syscall);
  if (call.machine == nullptr || name.empty()) {
    AppendRawHex(value, out);
    return;
  }
  AppendKind(kind_cache.Of(*call.machine, call.syscall, name)[index], value, call, names, out);
}

}  // namespace audit
