import type { MachineName } from '../tables/machines.ts';
import type { ByteString } from './byteString.ts';

/** What the meaning of a rule's text depends on beyond the text: this machine, its accounts, paths and kernel. */
export interface RuleEnvironment {
  /** The machine that runs the kernel; null for one without a table of system calls. */
  nativeMachine(): MachineName | null;
  /** Null for a name that no account has. */
  userId(name: ByteString): number | null;
  groupId(name: ByteString): number | null;
  /** Whether the path, followed through symbolic links, is a directory now. */
  isDirectory(path: ByteString): boolean;
  /** AuditStatus.featureBitmap of the kernel that gets the rule; 0 when that cannot be known. */
  featureBitmap(): number;
  /** Takes a warning: the rule is built all the same. */
  warn(warning: RuleWarning): void;
}

export type RuleWarning =
  /** System calls were named without an arch, and their numbers differ for 32-bit programs. */
  | { kind: 'syscallMismatch' }
  | { kind: 'relativePath' }
  | { kind: 'wildcard' }
  /** The rule is a -w: the kernel checks it at every system call. */
  | { kind: 'oldStyleWatch' };

/** The sentence that the reference tool prints for a warning; `line` is where the rule stands in its file. */
export function warningText(warning: RuleWarning, line: number | null): string {
  switch (warning.kind) {
    case 'syscallMismatch': {
      const where = line === null ? '' : ` in line ${line}`;
      return `WARNING - 32/64 bit syscall mismatch${where}, you should specify an arch`;
    }
    case 'relativePath':
      return 'Warning - relative path notation is not supported';
    case 'wildcard':
      return 'Warning - wildcard notation is not supported';
    case 'oldStyleWatch':
      return 'Old style watch rules are slower';
  }
}
