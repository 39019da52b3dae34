import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { NumberedName } from '../nameTable.ts';
import { entriesOf, INTERPRETATION_TABLES } from './interpretations.ts';

/** One processor architecture as audit sees it. */
export interface MachineFacts {
  readonly name: string;
  readonly aliases: readonly string[];
  readonly arch: number; // the value of the arch field: ELF machine and flags, unsigned
  readonly bits: 32 | 64;
  readonly b32: string | null; // what b32 means on this machine
  readonly syscalls: string; // name of its syscall table
  readonly optional: boolean; // a compile-time choice of the reference daemon, off in the one that made the corpus
}

/** Everything the tables hold, before it is written as TypeScript and C++. */
export interface Facts {
  readonly recordTypes: readonly NumberedName[];
  readonly appArmorTypes: readonly NumberedName[];
  readonly controlTypes: readonly NumberedName[];
  readonly machines: readonly MachineFacts[];
  readonly syscalls: ReadonlyMap<string, readonly NumberedName[]>;
  readonly uringOps: readonly NumberedName[];
  readonly socketCalls: readonly NumberedName[];
  readonly ipcCalls: readonly NumberedName[];
  readonly socketFamilies: readonly NumberedName[];
  readonly errno: readonly NumberedName[];
  readonly errnoAliases: readonly NumberedName[];
}

export const HEADERS = {
  audit: '/usr/include/linux/audit.h',
  elf: '/usr/include/linux/elf-em.h',
  errnoBase: '/usr/include/asm-generic/errno-base.h',
  errno: '/usr/include/asm-generic/errno.h',
  ipc: '/usr/include/linux/ipc.h',
  libaudit: '/usr/include/libaudit.h',
  net: '/usr/include/linux/net.h',
  socket: '/usr/include/x86_64-linux-gnu/bits/socket.h',
  uring: '/usr/include/linux/io_uring.h',
} as const;

/**
 * Reads every fact from the kernel's and libaudit's public headers and from the recorded tables of audit 4.2.
 *
 * @param corpus  Directory of the conformance corpus; its `tables/` holds `ausyscall --dump` and `ausearch -m`.
 * @throws {Error} when two sources contradict each other: a table that is half right must not be written.
 */
export function readFacts(corpus: string): Facts {
  const constants = auditConstants();
  const errno = errnoNames();
  checkInterpretations();
  return {
    ...recordTypes(corpus, constants),
    machines: machines(constants),
    syscalls: syscalls(corpus),
    uringOps: uringOps(corpus),
    socketCalls: lowerCase(numbersOf(defines(HEADERS.net), /^SYS_(\w+)$/)),
    ipcCalls: ipcCalls(),
    socketFamilies: socketFamilies(),
    ...errno,
  };
}

// Newer than the installed headers: linux/audit.h of kernel 6.15.
const LATER_TYPES: readonly NumberedName[] = [
  [1423, 'LANDLOCK_ACCESS'],
  [1424, 'LANDLOCK_DOMAIN'],
];
// Constants of libaudit.h and audit.h that share the prefix but are bounds of a range, or stand beside the types.
const NOT_A_TYPE = /^(FIRST|LAST)_|_(FIRST|LAST)_|^INTEGRITY_(FIRST|LAST)/;

function recordTypes(corpus: string, constants: ReadonlyMap<string, number>) {
  const listed = table(corpus, 'record-types.txt')
    .replace(/^[\s\S]*Valid message types are: /, '')
    .trim()
    .split(/\s+/)
    .filter(name => name !== 'ALL');
  const numbers = new Map<string, number>();
  for (const [name, number] of constants) {
    const short = name.replace(/^AUDIT_/, '');
    if (number >= 1000 && number < 3000 && !NOT_A_TYPE.test(short)) numbers.set(short, number);
  }
  for (const [number, name] of LATER_TYPES) numbers.set(name, number);

  const recordTypes = listed.map((name): NumberedName => {
    const number = numbers.get(name);
    if (number === undefined) throw new Error(`no header knows the number of record type ${name}`);
    return [number, name];
  });
  const rest = [...numbers]
    .filter(([name]) => !listed.includes(name))
    .map(([name, number]): NumberedName => [number, name]);
  return {
    recordTypes: ascending(recordTypes),
    // The reference names the first one APPARMOR when it is built with AppArmor; its header calls it AUDIT_AA.
    appArmorTypes: ascending(
      rest
        .filter(([number]) => number >= 1500 && number < 1600)
        .map(([n, name]) => [n, name === 'AA' ? 'APPARMOR' : name]),
    ),
    controlTypes: ascending(rest.filter(([number]) => number < 1100 || number === 1329)),
  };
}

function auditConstants(): Map<string, number> {
  const expressions = defines(HEADERS.elf, HEADERS.audit, HEADERS.libaudit);
  const values = new Map<string, number>();
  for (const name of expressions.keys()) {
    const value = evaluate(name, expressions);
    if (value !== null) values.set(name, value);
  }
  return values;
}

/** The value of a constant made of numbers, other constants, `|` and parentheses; null for anything else. */
function evaluate(name: string, expressions: ReadonlyMap<string, string>): number | null {
  const expression = expressions.get(name);
  if (expression === undefined) return null;
  let value = 0;
  for (const term of expression.replaceAll(/[()]/g, '').split('|')) {
    const number = /^(0x[\da-f]+|\d+)$/i.test(term.trim()) ? Number(term) : evaluate(term.trim(), expressions);
    if (number === null) return null;
    value = (value | number) >>> 0;
  }
  return value;
}

// Spelling on input and output, and how machines pair up, are libaudit's: see auditctl(8) and ausyscall(8).
function machines(constants: ReadonlyMap<string, number>): MachineFacts[] {
  const machine = (name: string, constant: string, rest: Partial<MachineFacts> = {}): MachineFacts => {
    const arch = constants.get(`AUDIT_ARCH_${constant}`);
    if (arch === undefined) throw new Error(`no header knows AUDIT_ARCH_${constant}`);
    const bits = arch >= 0x80000000 ? 64 : 32; // __AUDIT_ARCH_64BIT
    return { name, aliases: [], arch, bits, b32: bits === 32 ? name : null, syscalls: name, optional: false, ...rest };
  };
  return [
    machine('i386', 'I386', { aliases: ['i486', 'i586', 'i686'] }),
    machine('x86_64', 'X86_64', { b32: 'i386' }),
    machine('ppc', 'PPC'),
    machine('ppc64', 'PPC64', { b32: 'ppc', syscalls: 'ppc' }),
    machine('ppc64le', 'PPC64LE', { syscalls: 'ppc' }),
    machine('s390', 'S390'),
    machine('s390x', 'S390X', { b32: 's390' }),
    machine('armeb', 'ARM', {
      aliases: ['arm', 'armv5tejl', 'armv5tel', 'armv6l', 'armv7l'],
      syscalls: 'arm',
      optional: true,
    }),
    machine('aarch64', 'AARCH64', { aliases: ['armv8l'], b32: 'armeb', optional: true }),
    machine('riscv32', 'RISCV32', { optional: true }),
    machine('riscv64', 'RISCV64', { b32: 'riscv32', optional: true }),
  ];
}

const SYSCALL_TABLES = ['i386', 'x86_64', 'ppc', 's390', 's390x', 'arm', 'aarch64', 'riscv32', 'riscv64'];

function syscalls(corpus: string): Map<string, readonly NumberedName[]> {
  const same = (a: string, b: string) => JSON.stringify(dump(corpus, a)) === JSON.stringify(dump(corpus, b));
  if (!same('ppc', 'ppc64') || !same('ppc', 'ppc64le')) throw new Error('the powerpc tables are no longer one');
  return new Map(SYSCALL_TABLES.map(name => [name, dump(corpus, name)]));
}

function uringOps(corpus: string): readonly NumberedName[] {
  const ops = dump(corpus, 'uring');
  const inHeader = /enum io_uring_op \{([^}]*)\}/.exec(read(HEADERS.uring))?.[1] ?? '';
  const known = [...inHeader.matchAll(/^\s*IORING_OP_(\w+),/gm)].map(match => match[1]?.toLowerCase());
  for (const [number, name] of ops) {
    if (number < known.length - 1 && known[number] !== name) throw new Error(`io_uring_op ${number} is not ${name}`);
  }
  return ops;
}

// ipc(2) has its sub-calls without a common prefix in the header; they are those from SEMOP to DIPC.
function ipcCalls(): readonly NumberedName[] {
  return lowerCase(numbersOf(defines(HEADERS.ipc), /^((?:SEM|MSG|SHM)[A-Z]+|DIPC)$/));
}

function socketFamilies(): readonly NumberedName[] {
  // 27 (infiniband) and 28 (mpls) carry no address in a record, and the reference has no text for them.
  const without = ['UNSPEC', 'IB', 'MPLS', 'MAX'];
  const families = numbersOf(defines(HEADERS.socket), /^PF_(\w+)$/);
  return lowerCase(families.filter(([, name]) => !without.includes(name)));
}

function errnoNames() {
  const expressions = defines(HEADERS.errnoBase, HEADERS.errno);
  const errno = numbersOf(expressions, /^(E\w+)$/);
  const aliases: NumberedName[] = [];
  for (const [alias, name] of expressions) {
    const number = errno.find(([, known]) => known === name)?.[0];
    if (number !== undefined) aliases.push([number, alias]);
  }
  return { errno, errnoAliases: ascending(aliases) };
}

// The names are the reference's choice, the numbers are the kernel's.
function checkInterpretations(): void {
  for (const table of INTERPRETATION_TABLES) {
    const expressions = defines(...table.headers.map(header => `/usr/include/${header}`));
    for (const [number, name] of entriesOf(table)) {
      const expression = expressions.get(table.prefix + (table.prefix === '' ? name : name.toUpperCase()));
      const value = expression === undefined ? null : plainNumber(expression);
      if (value !== null && value !== number) throw new Error(`${name} is ${value}, not ${number}`);
    }
  }
}

/** A C number by itself or shifted, octal included; null for any other expression. */
function plainNumber(expression: string): number | null {
  const [, digits = '', shift = '0'] = /^\(?(0[xX][\da-fA-F]+|\d+)[uUlL]*(?: *<< *(\d+))?\)?$/.exec(expression) ?? [];
  if (digits === '') return null;
  const value = /^0\d+$/.test(digits) ? Number.parseInt(digits, 8) : Number(digits);
  return value * 2 ** Number(shift);
}

function dump(corpus: string, name: string): readonly NumberedName[] {
  const lines = table(corpus, `syscalls-${name}.txt`).trimEnd().split('\n').slice(1);
  return ascending(lines.map(line => [Number(line.split('\t')[0]), line.split('\t')[1] ?? '']));
}

/** What the `#define` lines of some headers say, by name, without comments. The first definition of a name counts. */
function defines(...headers: readonly string[]): Map<string, string> {
  const text = headers.map(read).join('\n').replaceAll('\\\n', ' ');
  const code = text.replaceAll(/\/\*[\s\S]*?\*\//g, ' ').replaceAll(/\/\/.*/g, ' ');
  const found = new Map<string, string>();
  for (const [, name = '', value = ''] of code.matchAll(/^[ \t]*#[ \t]*define[ \t]+(\w+)[ \t]+(.+)$/gm)) {
    if (!found.has(name)) found.set(name, value.trim());
  }
  return found;
}

/** The constants of a header whose name matches and whose value is a plain number; the first group names them. */
function numbersOf(expressions: ReadonlyMap<string, string>, pattern: RegExp): readonly NumberedName[] {
  const found: NumberedName[] = [];
  for (const [constant, value] of expressions) {
    const name = pattern.exec(constant)?.[1];
    if (name !== undefined && /^\d+$/.test(value)) found.push([Number(value), name]);
  }
  return ascending(found);
}

function ascending(entries: readonly NumberedName[]): readonly NumberedName[] {
  return entries.toSorted(([a], [b]) => a - b);
}

function lowerCase(entries: readonly NumberedName[]): readonly NumberedName[] {
  return entries.map(([number, name]) => [number, name.toLowerCase()]);
}

function table(corpus: string, name: string): string {
  return read(join(corpus, 'tables', name));
}

function read(path: string): string {
  return readFileSync(path, 'utf8');
}
