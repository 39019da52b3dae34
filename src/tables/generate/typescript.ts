import type { NumberedName } from '../nameTable.ts';
import type { Facts } from './facts.ts';

/** The TypeScript modules, by file name. Their look-up functions are the same few lines over each table. */
export function typescriptFiles(facts: Facts): ReadonlyMap<string, string> {
  return new Map([
    ['recordTypes.ts', recordTypes(facts)],
    ['syscalls.ts', syscalls(facts)],
    ['subCalls.ts', subCalls(facts)],
    ['uringOps.ts', uringOps(facts)],
    ['machines.ts', machines(facts)],
    ['socketFamilies.ts', socketFamilies(facts)],
    ['errno.ts', errno(facts)],
  ]);
}

const IMPORT_TABLE = `import { type NumberedName, NameTable } from './nameTable.ts';\n`;

function recordTypes(facts: Facts): string {
  return `${generatedFrom('linux/audit.h, libaudit.h and the types that ausearch -m of audit 4.2 lists')}
${IMPORT_TABLE}
/** The numbers of record types, under the kernel's and libaudit's names without AUDIT_. */
export const AUDIT = {
${constants([...facts.recordTypes, ...facts.appArmorTypes])}
} as const;

/** The numbers of netlink messages that are requests and replies, never records. */
export const AUDIT_CONTROL = {
${constants(facts.controlTypes)}
} as const;

/** Every type that the reference daemon names, in the order of their numbers. */
export const recordTypes: readonly NumberedName[] = [
${pairs(facts.recordTypes)}
];

/** AppArmor's types: the reference names them when it is built with AppArmor, as Debian and Ubuntu do. */
export const appArmorTypes: readonly NumberedName[] = [
${pairs(facts.appArmorTypes)}
];

const table = new NameTable([...recordTypes, ...appArmorTypes]);

/** \`SYSCALL\` for 1300; null for a type without a name. */
export function recordTypeName(number: number): string | null {
  return table.name(number);
}

/** 1300 for \`SYSCALL\` in any case; null for a name that is none. \`UNKNOWN[1950]\` is not looked at here. */
export function recordTypeNumber(name: string): number | null {
  return table.number(name);
}
`;
}

function syscalls(facts: Facts): string {
  const tables = [...facts.syscalls].map(([name, entries]) => {
    const aliases = name === 'i386' ? ", [[219, 'madvise1']]" : '';
    return `const ${name} = (): NameTable => new NameTable([\n${pairs(entries)}\n]${aliases});\n`;
  });
  return `${generatedFrom('ausyscall --dump of audit 4.2, kernel 6.18')}
import type { MachineName } from './machines.ts';
${IMPORT_TABLE}
/** \`openat\` for 257 on x86_64; null for a number that the machine does not have. */
export function syscallName(machine: MachineName, number: number): string | null {
  return tableOf(machine).name(number);
}

/** 257 for \`openat\` on x86_64, in any case; null for a name that the machine does not have. */
export function syscallNumber(machine: MachineName, name: string): number | null {
  return tableOf(machine).number(name);
}

/** All system calls of a machine, in the order of their numbers. */
export function syscallsOf(machine: MachineName): readonly NumberedName[] {
  return tableOf(machine).entries;
}

// Functions: a command needs two of these tables at most, and making all of them is a tenth of what auditctl needs to start.
${tables.join('\n')}
const makers: Readonly<Record<MachineName, () => NameTable>> = {
${facts.machines.map(machine => `  ${machine.name}: ${machine.syscalls},`).join('\n')}
};

/** By what made them: machines may share one. */
const made = new Map<() => NameTable, NameTable>();

function tableOf(machine: MachineName): NameTable {
  const make = makers[machine];
  const table = made.get(make) ?? make();
  made.set(make, table);
  return table;
}
`;
}

function subCalls(facts: Facts): string {
  return `${generatedFrom('linux/net.h and linux/ipc.h')}
import { NameTable } from './nameTable.ts';

/** What the first argument of socketcall(2) selects. */
export const socketCalls = new NameTable([
${pairs(facts.socketCalls)}
]);

/** What the first argument of ipc(2) selects. */
export const ipcCalls = new NameTable([
${pairs(facts.ipcCalls)}
]);
`;
}

function uringOps(facts: Facts): string {
  return `${generatedFrom('ausyscall uring --dump of audit 4.2, compared with linux/io_uring.h')}
import { NameTable } from './nameTable.ts';

/** The io_uring operations that the kernel audits; those it never audits have no name here. */
export const uringOps = new NameTable([
${pairs(facts.uringOps)}
]);

/** \`openat\` for 18, or null. */
export function uringOpName(number: number): string | null {
  return uringOps.name(number);
}

/** 18 for \`openat\` in any case, or null. */
export function uringOpNumber(name: string): number | null {
  return uringOps.number(name);
}
`;
}

function machines(facts: Facts): string {
  const rows = facts.machines.map(machine => {
    const aliases = machine.aliases.map(alias => `'${alias}'`).join(', ');
    const b32 = machine.b32 === null ? 'null' : `'${machine.b32}'`;
    return `  {
    name: '${machine.name}',
    aliases: [${aliases}],
    arch: 0x${machine.arch.toString(16)},
    bits: ${machine.bits},
    b32: ${b32},
    inReferenceBuild: ${!machine.optional},
  },`;
  });
  return `${generatedFrom('linux/audit.h and linux/elf-em.h; which machines there are is ausyscall(8)')}
export type MachineName = ${facts.machines.map(machine => `'${machine.name}'`).join(' | ')};

/** A processor architecture that records and rules can name. */
export interface Machine {
  /** As it is printed. */
  readonly name: MachineName;
  /** Further names that are accepted for it: what uname -m says, mostly. */
  readonly aliases: readonly string[];
  /** The value of the arch field: ELF machine, 0x80000000 when 64 bits wide, 0x40000000 when little-endian. */
  readonly arch: number;
  readonly bits: 32 | 64;
  /** The machine that b32 means here; null when there is none. */
  readonly b32: MachineName | null;
  /** Whether the build of audit 4.2 that recorded the conformance corpus knew it. */
  readonly inReferenceBuild: boolean;
}

export const machines: readonly Machine[] = [
${rows.join('\n')}
];

const names = new Map(machines.flatMap(machine => [machine.name, ...machine.aliases].map(name => [name, machine])));
const arches = new Map(machines.map(machine => [machine.arch, machine]));

/** The machine of a name or alias in any case; null for others, b32 and b64 among them. */
export function machineByName(name: string): Machine | null {
  return names.get(name.toLowerCase()) ?? null;
}

/** The machine of an arch field's value (unsigned); null for others. */
export function machineByArch(arch: number): Machine | null {
  return arches.get(arch) ?? null;
}

/**
 * What \`b32\` or \`b64\` means to a program that runs on \`native\`.
 *
 * @returns null when that machine has no such side: b64 on i386, b32 on ppc64le.
 */
export function machineOfBits(bits: 'b32' | 'b64', native: Machine): Machine | null {
  if (bits === 'b64') return native.bits === 64 ? native : null;
  return native.b32 === null ? null : machineByName(native.b32);
}
`;
}

function socketFamilies(facts: Facts): string {
  return `${generatedFrom('the PF_ constants of bits/socket.h')}
import { NameTable } from './nameTable.ts';

/** Socket address families, as \`saddr_fam\` names them. */
export const socketFamilies = new NameTable([
${pairs(facts.socketFamilies)}
]);

/** \`inet\` for 2, or null. */
export function socketFamilyName(number: number): string | null {
  return socketFamilies.name(number);
}

/** 2 for \`inet\` in any case, or null. */
export function socketFamilyNumber(name: string): number | null {
  return socketFamilies.number(name);
}
`;
}

function errno(facts: Facts): string {
  return `${generatedFrom('asm-generic/errno-base.h and asm-generic/errno.h')}
import { NameTable } from './nameTable.ts';

const table = new NameTable(
  [
${pairs(facts.errno)}
  ],
  [
${pairs(facts.errnoAliases)}
  ],
);

/** \`EACCES\` for 13, or null. The sign is the caller's business. */
export function errnoName(number: number): string | null {
  return table.name(number);
}

/** 13 for \`EACCES\` in any case, or null. EWOULDBLOCK and EDEADLOCK are known too. */
export function errnoNumber(name: string): number | null {
  return table.number(name);
}
`;
}

function generatedFrom(sources: string): string {
  return `// Generated by src/tables/generate.ts from ${sources}.\n// Never edited by hand.`;
}

function constants(entries: readonly NumberedName[]): string {
  return entries.map(([number, name]) => `  ${name}: ${number},`).join('\n');
}

function pairs(entries: readonly NumberedName[]): string {
  return entries.map(([number, name]) => `  [${number}, '${name}'],`).join('\n');
}
