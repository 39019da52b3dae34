import { type MachineName, machineByArch } from '../tables/machines.ts';
import { recordTypeName } from '../tables/recordTypes.ts';
import { syscallName } from '../tables/syscalls.ts';
import { uringOpName } from '../tables/uringOps.ts';
import type { ByteString } from './byteString.ts';
import { comparedFields } from './fieldComparison.ts';
import { exitText, fileSystemText } from './fieldValues.ts';
import {
  ACTION,
  type AuditRule,
  FIELD,
  FILTER,
  fieldName,
  hasSyscall,
  KEY_SEPARATOR,
  operatorSymbol,
  PERM,
  type RuleField,
  SYSCALL_MASK_WORDS,
} from './rule.ts';

export interface RuleTextOptions {
  /** What system call numbers mean in a rule without arch; null shows numbers. */
  nativeMachine: MachineName | null;
  /** Whether arch, unset ids and, with `interpretArgument`, a0 to a3 are shown as words: `auditctl -l -i`. */
  isInterpreted: boolean;
  /** The words for one system call argument; null shows numbers. */
  interpretArgument: ArgumentInterpreter | null;
}

/** One argument that a rule compares, for whoever can say what it means. */
export interface RuleArgument {
  /** a0 to a3. */
  name: string;
  value: number;
  /** The one system call of the rule; null when it names none. */
  syscall: number | null;
  /** Null for a rule without arch. */
  machine: MachineName | null;
  /** The rule's values for a0 and a1 before this one, null where it has none: they decide what others mean. */
  a0: number | null;
  a1: number | null;
}
export type ArgumentInterpreter = (argument: RuleArgument) => string;

// The kernel clears the upper half of the last word, so it is no sign of `all`.
const MASK_WORDS_OF_ALL = SYSCALL_MASK_WORDS - 1;
const LAST_LISTED_URING_OP = 64;
const EVERY = 0xffffffff;
const UNSET_ID = 0xffffffff;
const ARCH_64BIT = 0x80000000;

/** Lists whose rules are not about system calls. */
const WITHOUT_SYSCALLS: ReadonlySet<number> = new Set<number>([
  FILTER.user,
  FILTER.task,
  FILTER.exclude,
  FILTER.filesystem,
]);
const WATCH_FIELDS: ReadonlySet<number> = new Set<number>([FIELD.perm, FIELD.key, FIELD.dir, FIELD.path]);

/** The rule as `auditctl -l` prints it, without a newline: options that auditctl takes to load it again. */
export function formatRule(rule: AuditRule, options: RuleTextOptions): ByteString {
  return isWatch(rule) ? formatWatch(rule) : formatSyscallRule(rule, options);
}

/** Whether the rule says no more than -w, -p and -k can. */
export function isWatch(rule: AuditRule): boolean {
  if (!rule.fields.every(field => WATCH_FIELDS.has(field.field))) return false;
  if (!rule.fields.some(field => field.field === FIELD.perm)) return false;
  return WITHOUT_SYSCALLS.has(rule.list) || selectsAll(rule);
}

/** Whether the rule's mask selects every system call. */
export function selectsAll(rule: AuditRule): boolean {
  return rule.mask.subarray(0, MASK_WORDS_OF_ALL).every(word => word === EVERY);
}

/** The numbers that the rule's mask selects, ascending; not meaningful for lists without system calls. */
export function selectedSyscalls(rule: AuditRule): number[] {
  const numbers: number[] = [];
  for (let number = 0; number < 32 * SYSCALL_MASK_WORDS; number++) {
    if (hasSyscall(rule.mask, number)) numbers.push(number);
  }
  return numbers;
}

/** The machine that the rule's arch field names; null without one, or for one we do not know. */
export function machineOfRule(rule: AuditRule): MachineName | null {
  const arch = rule.fields.find(field => field.field === FIELD.arch);
  return arch === undefined ? null : (machineByArch(arch.value)?.name ?? null);
}

function formatWatch(rule: AuditRule): ByteString {
  const parts = rule.fields.map(field => {
    switch (field.field) {
      case FIELD.path:
      case FIELD.dir:
        return `-w ${field.text}`;
      case FIELD.perm:
        return ` -p ${permissionLetters(field.value)}`;
      default:
        return keysIn(field)
          .map(key => ` -k ${key}`)
          .join('');
    }
  });
  return parts.join('');
}

function formatSyscallRule(rule: AuditRule, options: RuleTextOptions): ByteString {
  const action = Object.entries(ACTION).find(([, number]) => number === rule.action)?.[0] ?? '(null)';
  const list = Object.entries(FILTER).find(([, number]) => number === rule.list)?.[0] ?? '(null)';
  const arches = rule.fields.filter(field => field.field === FIELD.arch);
  const items = [`-a ${action},${list}`];
  for (const arch of arches) items.push(`-F arch${operatorText(arch)}${archText(arch.value, options.isInterpreted)}`);
  const syscalls = syscallsText(rule, options.nativeMachine);
  if (syscalls !== null) items.push(`-S ${syscalls}`);
  for (const field of rule.fields) {
    if (field.field !== FIELD.arch) items.push(...fieldItems(field, rule, options));
  }
  return items.join(' ');
}

/** What follows -S; null for a rule that selects nothing, or whose list is not about system calls. */
function syscallsText(rule: AuditRule, nativeMachine: MachineName | null): string | null {
  if (WITHOUT_SYSCALLS.has(rule.list)) return null;
  if (selectsAll(rule)) return 'all';
  const numbers = selectedSyscalls(rule);
  if (numbers.length === 0) return null;
  if (rule.list === FILTER.io_uring) {
    const named = numbers.filter(number => number <= LAST_LISTED_URING_OP);
    return named.length === 0 ? null : named.map(number => uringOpName(number) ?? number).join(',');
  }
  const hasArch = rule.fields.some(field => field.field === FIELD.arch);
  const machine = hasArch ? machineOfRule(rule) : nativeMachine;
  return numbers.map(number => (machine === null ? null : syscallName(machine, number)) ?? number).join(',');
}

function fieldItems(field: RuleField, rule: AuditRule, options: RuleTextOptions): ByteString[] {
  const name = fieldName(field.field);
  const operator = operatorText(field);
  if (name === null) return [`f${field.field}${operator}${field.value | 0}`];
  const item = (value: string | number): string[] => [`-F ${name}${operator}${value}`];
  switch (name) {
    case 'key':
      return keysIn(field).map(key => `-F key=${key}`);
    case 'perm':
      return [`-F perm=${permissionLetters(field.value)}`];
    case 'field_compare': {
      const [left, right] = comparedFields(field.value) ?? [];
      return left === undefined ? [] : [`-C ${left}${operator}${right}`];
    }
    case 'msgtype':
      return item(recordTypeName(field.value) ?? field.value | 0);
    case 'exit':
      return item(exitText(field.value));
    case 'inode':
      return item(field.value);
    case 'fstype':
      return item(fileSystemText(field.value));
    case 'auid':
    case 'sessionid':
      return item(options.isInterpreted && field.value === UNSET_ID ? 'unset' : field.value | 0);
    case 'a0':
    case 'a1':
    case 'a2':
    case 'a3':
      return item(argumentText(name, field, rule, options));
    default:
      return item(field.text ?? field.value | 0);
  }
}

function argumentText(name: string, field: RuleField, rule: AuditRule, options: RuleTextOptions): string {
  const number = `0x${field.value.toString(16).toUpperCase()}`;
  const { isInterpreted, interpretArgument } = options;
  if (!isInterpreted || interpretArgument === null || rule.list === FILTER.io_uring || selectsAll(rule)) return number;
  const syscalls = selectedSyscalls(rule);
  if (syscalls.length > 1) return number;
  const earlier = rule.fields.slice(0, rule.fields.indexOf(field));
  const last = (wanted: number): number | null => earlier.findLast(({ field }) => field === wanted)?.value ?? null;
  return interpretArgument({
    name,
    value: field.value,
    syscall: syscalls[0] ?? null,
    machine: machineOfRule(rule),
    a0: last(FIELD.a0),
    a1: last(FIELD.a1),
  });
}

function archText(arch: number, isInterpreted: boolean): string {
  const machine = machineByArch(arch);
  if (machine === null) return `0x${arch.toString(16).toUpperCase()}`;
  if (isInterpreted) return machine.name;
  return (arch & ARCH_64BIT) === 0 ? 'b32' : 'b64';
}

function operatorText(field: RuleField): string {
  return operatorSymbol(field.operator) ?? '(null)';
}

function permissionLetters(bits: number): string {
  const letters: readonly (keyof typeof PERM)[] = ['r', 'w', 'x', 'a'];
  return letters.filter(letter => (bits & PERM[letter]) !== 0).join('');
}

function keysIn(field: RuleField): ByteString[] {
  return (field.text ?? '').split(KEY_SEPARATOR).filter(key => key !== '');
}
