import { type Machine, machineByArch, machineByName, machineOfBits } from '../../tables/machines.ts';
import type { SyscallTable } from './syscallTable.ts';
import { machineTable, uringTable } from './syscallTable.ts';

/** What is asked about a table. */
export type Question =
  | { readonly kind: 'dump' }
  | { readonly kind: 'name'; readonly text: string; readonly isExact: boolean }
  | { readonly kind: 'number'; readonly number: number }
  | { readonly kind: 'none' };

export interface Options {
  /** Null: the machine's own table. */
  readonly table: SyscallTable | null;
  readonly question: Question;
  readonly isJson: boolean;
  /** What the reference says beside the answer. */
  readonly notes: readonly string[];
}

/** Why the arguments ask nothing, as it is told on standard error. */
export interface Refusal {
  readonly refusal: string;
}

const USAGE = 'usage: ausyscall [arch] name | number | --dump | --exact';
const MOST_WORDS = 3;

export const HELP = `usage: ausyscall [ARCH] NAME | NUMBER | --dump [--exact] [--json]
Names system calls by number and finds their numbers by name.

  ARCH       the table: b32, b64, a machine as i386 or aarch64, the value of arch= in a record, uring
  NAME       every system call whose name contains it
  NUMBER     the system call of that number
  --dump     the whole table
  --exact    only the system call of exactly that name
  --json     the answer as one object
  --help, --version
`;

/**
 * What ausyscall's arguments, without the program's name, ask for. Their order does not matter.
 *
 * @param native  The machine this runs on; null when it is none we know, and then b32 and b64 are names.
 */
export function parseOptions(words: readonly string[], native: Machine | null): Options | Refusal {
  const questions = words.filter(word => word !== '--json');
  if (questions.length === 0) return refuse();
  if (questions.length > MOST_WORDS) return refuse('Too many arguments');

  let table: SyscallTable | null = null;
  let name: string | null = null;
  let number: number | null = null;
  const notes: string[] = [];
  const afterNotes = ({ refusal }: Refusal): Refusal => ({ refusal: [...notes, refusal].join('\n') });
  for (const word of questions) {
    const named = tableNamed(word, questions.length === 1, native);
    if (/^[0-9]/.test(word)) {
      if (number !== null) return afterNotes(refuse('Two syscall numbers not allowed'));
      number = decimalNumber(word);
    } else if (named !== null) {
      if (table !== null) return afterNotes(refuse('Two machine types not allowed'));
      table = named;
    } else if (word === 'alpha') {
      return afterNotes({ refusal: 'Alpha processor support is deprecated' });
    } else if (word === 'ia64') {
      notes.push('IA64 processor support is deprecated');
    } else if (word !== '--dump' && word !== '--exact') {
      if (name !== null) return afterNotes(refuse('Two syscall names not allowed'));
      name = word;
    }
  }
  const isExact = questions.includes('--exact');
  const question = questions.includes('--dump')
    ? ({ kind: 'dump' } as const)
    : name !== null
      ? ({ kind: 'name', text: name, isExact } as const)
      : number !== null
        ? ({ kind: 'number', number } as const)
        : ({ kind: 'none' } as const);
  return { table, question, isJson: words.includes('--json'), notes };
}

function refuse(reason?: string): Refusal {
  return { refusal: reason === undefined ? USAGE : `${reason}\n${USAGE}` };
}

/** @param isAlone  A lone `uring` is looked for among the names: io_uring_setup and its like. */
function tableNamed(word: string, isAlone: boolean, native: Machine | null): SyscallTable | null {
  const lower = word.toLowerCase();
  if (lower === 'uring') return isAlone ? null : uringTable;
  if (lower === 'b32' || lower === 'b64') {
    const machine = native === null ? null : machineOfBits(lower, native);
    return machine === null ? null : machineTable(machine);
  }
  const machine = machineByName(word) ?? (/^[0-9a-f]+$/.test(lower) ? machineByArch(Number.parseInt(word, 16)) : null);
  return machine === null ? null : machineTable(machine);
}

/** As strtol(3) and a conversion to int read it; what follows the digits is ignored. -1, which asks nothing, is null. */
function decimalNumber(word: string): number | null {
  const digits = BigInt(/^[0-9]+/.exec(word)?.[0] ?? '0');
  const largest = 2n ** 63n - 1n;
  const number = Number(BigInt.asIntN(32, digits > largest ? largest : digits));
  return number === -1 ? null : number;
}
