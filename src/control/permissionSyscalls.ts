import type { MachineName } from '../tables/machines.ts';
import { syscallNumber } from '../tables/syscalls.ts';
import type { PERM } from './rule.ts';

const WRITE_NAMES = `rename mkdir rmdir creat link unlink symlink mknod mkdirat mknodat unlinkat renameat linkat symlinkat
  renameat2 acct swapon quotactl quotactl_fd truncate ftruncate bind fallocate open openat openat2`;
const READ_NAMES = `readlink quotactl quotactl_fd listxattr listxattrat llistxattr flistxattr getxattr getxattrat lgetxattr
  fgetxattr readlinkat open openat openat2 file_getattr stat lstat fstat newfstatat statx`;
const ATTRIBUTE_NAMES = `chmod fchmod chown lchown fchown setxattr setxattrat lsetxattr fsetxattr removexattr
  removexattrat lremovexattr fremovexattr fchownat fchmodat fchmodat2 file_setattr link linkat`;

const NAMES: Readonly<Record<keyof typeof PERM, readonly string[]>> = {
  x: ['execve', 'execveat'],
  w: WRITE_NAMES.split(/\s+/),
  r: READ_NAMES.split(/\s+/),
  a: ATTRIBUTE_NAMES.split(/\s+/),
};

/**
 * Numbers of the system calls that can do what a letter of `-F perm` stands for, as far as the machine has them. A
 * rule that selects only these is not looked at in any other system call.
 */
export function permissionSyscalls(machine: MachineName, letter: keyof typeof PERM): number[] {
  return NAMES[letter].map(name => syscallNumber(machine, name)).filter(number => number !== null);
}
