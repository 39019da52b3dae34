#include "tables.h"

#include <iterator>

namespace audit {

namespace {

#include "generated/errno.inc"
#include "generated/machines.inc"
#include "generated/socket_families.inc"
#include "generated/sub_calls.inc"
#include "generated/uring_ops.inc"

constexpr Machine kUring = {0, "uring", kUringOps, std::size(kUringOps), true};

template <size_t kSize>
std::string_view At(const std::string_view (&names)[kSize], uint64_t number) noexcept {
  return number < kSize ? names[number] : std::string_view();
}

constexpr uint32_t NativeArch() noexcept {
#if defined(__x86_64__)
  return 0xC000003E;
#elif defined(__i386__)
  return 0x40000003;
#elif defined(__aarch64__)
  return 0xC00000B7;
#elif defined(__arm__)
  return 0x40000028;
#elif defined(__powerpc64__) && defined(__LITTLE_ENDIAN__)
  return 0xC0000015;
#elif defined(__powerpc64__)
  return 0x80000015;
#elif defined(__powerpc__)
  return 0x00000014;
#elif defined(__s390x__)
  return 0x80000016;
#elif defined(__s390__)
  return 0x00000016;
#elif defined(__riscv) && __riscv_xlen == 64
  return 0xC00000F3;
#elif defined(__riscv)
  return 0x400000F3;
#else
  return 0;
#endif
}

}  // namespace

const Machine* MachineOfArch(uint32_t arch) noexcept {
  for (const Machine& machine : kMachines) {
    if (machine.arch == arch) return &machine;
  }
  return nullptr;
}

const Machine* NativeMachine() noexcept {
  static const Machine* const native = MachineOfArch(NativeArch());
  return native;
}

const Machine* UringMachine() noexcept { return &kUring; }

std::string_view SyscallName(const Machine& machine, int32_t number) noexcept {
  if (number < 0 || static_cast<size_t>(number) >= machine.call_count) return {};
  return machine.calls[number];
}

std::string_view SocketCallName(uint64_t number) noexcept { return At(kSocketCalls, number); }
std::string_view IpcCallName(uint64_t number) noexcept { return At(kIpcCalls, number); }
std::string_view SocketFamilyName(uint16_t family) noexcept { return At(kSocketFamilies, family); }
std::string_view ErrnoName(uint64_t number) noexcept { return At(kErrnoNames, number); }

}  // namespace audit
