// Numbers that a record holds and the names that enrichment gives them. All names are static text; empty: no name.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace audit {

// A processor architecture and its system calls.
struct Machine {
  uint32_t arch;  // the arch field's value: ELF machine and flags; 0 for io_uring, whose operations pass for calls
  std::string_view name;
  const std::string_view* calls;  // by number; empty entries have no name
  size_t call_count;
};

// Null for an arch value that is in no table.
const Machine* MachineOfArch(uint32_t arch) noexcept;
// What this program was built for; null when the tables lack it.
const Machine* NativeMachine() noexcept;
const Machine* UringMachine() noexcept;

std::string_view SyscallName(const Machine& machine, int32_t number) noexcept;
// What the first argument of socketcall(2) and ipc(2) selects.
std::string_view SocketCallName(uint64_t number) noexcept;
std::string_view IpcCallName(uint64_t number) noexcept;
std::string_view SocketFamilyName(uint16_t family) noexcept;

}  // namespace audit
