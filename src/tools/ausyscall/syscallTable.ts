import type { Machine } from '../../tables/machines.ts';
import type { NumberedName } from '../../tables/nameTable.ts';
import { syscallName, syscallNumber, syscallsOf } from '../../tables/syscalls.ts';
import { uringOps } from '../../tables/uringOps.ts';

/** The system calls of one machine, or the operations of io_uring. */
export interface SyscallTable {
  /** As it is printed: x86_64, uring. */
  readonly name: string;
  /** In the order of their numbers, aliases not included. */
  entries(): readonly NumberedName[];
  nameOf(number: number): string | null;
  /** In any case, aliases included. */
  numberOf(name: string): number | null;
}

export function machineTable({ name: machine }: Machine): SyscallTable {
  return {
    name: machine,
    entries: () => syscallsOf(machine),
    nameOf: number => syscallName(machine, number),
    numberOf: name => syscallNumber(machine, name),
  };
}

export const uringTable: SyscallTable = {
  name: 'uring',
  entries: () => uringOps.entries,
  nameOf: number => uringOps.name(number),
  numberOf: name => uringOps.number(name),
};
