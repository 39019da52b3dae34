// Numbers that a record holds and their names. All names are static text; empty: no name.
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
  bool is_in_reference;  // known to the build of audit 4.2 that recorded the conformance corpus
};

// Null for an arch value that is in no table.
const Machine* MachineOfArch(uint32_t arch) noexcept;
// What this program was built for; null when the tables lack it.
const Machine* NativeMachine() noexcept;
const Machine* UringMachine() noexcept;

// The record type's name ("SYSCALL"), or empty for a type without one (then a line says UNKNOWN[1234]).
std::string_view RecordTypeName(int32_t type) noexcept;
// The number of a type as a line names it: SYSCALL in any case, UNKNOWN[1999], 1999; -1 for anything else.
int32_t RecordTypeNumber(std::string_view name) noexcept;

std::string_view SyscallName(const Machine& machine, int32_t number) noexcept;
// What the first argument of socketcall(2) and ipc(2) selects.
std::string_view SocketCallName(uint64_t number) noexcept;
std::string_view IpcCallName(uint64_t number) noexcept;
std::string_view SocketFamilyName(uint16_t family) noexcept;
// EACCES for 13.
std::string_view ErrnoName(uint64_t number) noexcept;

}  // namespace audit
