import { addon } from '../binding/addon.ts';

/** One argument of a system call. */
export interface SyscallArgument {
  /** The arch field's value, unsigned: 0xc000003e is x86_64. */
  readonly arch: number;
  readonly syscall: number;
  /** 0 to 3. */
  readonly index: number;
  /** In hexadecimal, without 0x, as records have it. */
  readonly value: string;
  /** The call's first two arguments, where they are known: they decide what others mean. 0 by default. */
  readonly a0?: number;
  readonly a1?: number;
}

/** What an argument means: `O_RDONLY|O_CLOEXEC`, `AT_FDCWD`; without a rule for it the value behind 0x. */
export function interpretArgument({ arch, syscall, index, value, a0 = 0, a1 = 0 }: SyscallArgument): string {
  return addon.interpretArgument(arch, syscall, index, value, a0, a1);
}

/** Account names are asked for anew: the system's accounts have changed. */
export function forgetNames(): void {
  addon.forgetNames();
}
