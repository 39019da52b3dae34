import type { ByteString } from './byteString.ts';

/** One rule for the kernel's filters, as struct audit_rule_data holds it. */
export interface AuditRule {
  /** The list the rule stands in: a value of FILTER. */
  list: number;
  /** Whether it is put before the list's other rules; the kernel forgets that once it is. */
  isPrepended: boolean;
  /** A value of ACTION. */
  action: number;
  /** SYSCALL_MASK_WORDS words of 32 bits; bit n % 32 of word n / 32 selects system call, or io_uring operation, n. */
  mask: Uint32Array;
  /** All must match, in any order; at most FIELDS_MAX. */
  fields: RuleField[];
}

export interface RuleField {
  /** A value of FIELD, or a number this version has no name for. */
  field: number;
  /** A value of OPERATOR. */
  operator: number;
  /** Unsigned 32 bits; negative numbers are stored as their two's complement. For text, its length in bytes. */
  value: number;
  /** What a field of STRING_FIELDS compares with; null for every other. */
  text: ByteString | null;
}

/** Rule lists. 2 (entry) and 3 (watch) are gone from the kernel. @see AUDIT_FILTER_USER in linux/audit.h */
export const FILTER = { user: 0, task: 1, exit: 4, exclude: 5, filesystem: 6, io_uring: 7 } as const;

/** Added to the list's number in a request to put the rule first. @see AUDIT_FILTER_PREPEND in linux/audit.h */
export const FILTER_PREPEND = 0x10;

/** @see AUDIT_NEVER in linux/audit.h; the kernel refuses `possible`. */
export const ACTION = { never: 0, possible: 1, always: 2 } as const;

/** @see AUDIT_BITMASK_SIZE in linux/audit.h */
export const SYSCALL_MASK_WORDS = 64;
/** @see AUDIT_MAX_FIELDS in linux/audit.h */
export const FIELDS_MAX = 64;
/** Bytes of all keys of a rule, separators included. @see AUDIT_MAX_KEY_LEN in linux/audit.h */
export const KEY_BYTES_MAX = 256;
/** Stands between the keys of a rule that has several. @see AUDIT_KEY_SEPARATOR in libaudit's documentation */
export const KEY_SEPARATOR = '\x01';

/** @see AUDIT_EQUAL and after in linux/audit.h: bits for equal, greater, less; the two masks are their own. */
export const OPERATOR = {
  '=': 0x40000000,
  '!=': 0x30000000,
  '>': 0x20000000,
  '>=': 0x60000000,
  '<': 0x10000000,
  '<=': 0x50000000,
  '&': 0x08000000,
  '&=': 0x48000000,
} as const;
export type OperatorSymbol = keyof typeof OPERATOR;

/** @see AUDIT_OPERATORS in linux/audit.h */
export const OPERATOR_MASK = 0x78000000;

/** The symbol of an operator word, null when it is none. */
export function operatorSymbol(operator: number): OperatorSymbol | null {
  return operatorSymbols.get(operator & OPERATOR_MASK) ?? null;
}
const operatorSymbols = new Map<number, OperatorSymbol>([
  [0x40000000, '='],
  [0x30000000, '!='],
  [0x20000000, '>'],
  [0x60000000, '>='],
  [0x10000000, '<'],
  [0x50000000, '<='],
  [0x08000000, '&'],
  [0x48000000, '&='],
]);

/** What a rule can compare. @see AUDIT_PID to AUDIT_FILTERKEY in linux/audit.h */
export const FIELD = {
  pid: 0,
  uid: 1,
  euid: 2,
  suid: 3,
  fsuid: 4,
  gid: 5,
  egid: 6,
  sgid: 7,
  fsgid: 8,
  auid: 9,
  pers: 10,
  arch: 11,
  msgtype: 12,
  subj_user: 13,
  subj_role: 14,
  subj_type: 15,
  subj_sen: 16,
  subj_clr: 17,
  ppid: 18,
  obj_user: 19,
  obj_role: 20,
  obj_type: 21,
  obj_lev_low: 22,
  obj_lev_high: 23,
  sessionid: 25,
  fstype: 26,
  devmajor: 100,
  devminor: 101,
  inode: 102,
  exit: 103,
  success: 104,
  path: 105,
  perm: 106,
  dir: 107,
  filetype: 108,
  obj_uid: 109,
  obj_gid: 110,
  field_compare: 111,
  exe: 112,
  saddr_fam: 113,
  a0: 200,
  a1: 201,
  a2: 202,
  a3: 203,
  key: 210,
} as const;
export type FieldName = keyof typeof FIELD;

const fieldNames = new Map<number, FieldName>();
for (const [name, number] of Object.entries(FIELD)) fieldNames.set(number, name as FieldName);

/** The name of a field's number, null for one without. */
export function fieldName(field: number): FieldName | null {
  return fieldNames.get(field) ?? null;
}

/** The fields whose value is text, kept in the rule's string buffer. */
export const STRING_FIELDS: ReadonlySet<number> = new Set<number>([
  FIELD.subj_user,
  FIELD.subj_role,
  FIELD.subj_type,
  FIELD.subj_sen,
  FIELD.subj_clr,
  FIELD.obj_user,
  FIELD.obj_role,
  FIELD.obj_type,
  FIELD.obj_lev_low,
  FIELD.obj_lev_high,
  FIELD.path,
  FIELD.dir,
  FIELD.exe,
  FIELD.key,
]);

/** Bits of a perm field's value. @see AUDIT_PERM_EXEC and after in linux/audit.h */
export const PERM = { x: 1, w: 2, r: 4, a: 8 } as const;

/** Whether the mask selects system call, or operation, `number`. */
export function hasSyscall(mask: Uint32Array, number: number): boolean {
  return ((mask[number >>> 5] ?? 0) & (1 << (number & 31))) !== 0;
}

/** Selects system call, or operation, `number`: 0 to 2047. */
export function addSyscall(mask: Uint32Array, number: number): void {
  mask[number >>> 5] = (mask[number >>> 5] ?? 0) | (1 << (number & 31));
}

/** The field's keys, in order; an empty list when it has none. */
export function keysOf(rule: AuditRule): ByteString[] {
  const keys = rule.fields.filter(field => field.field === FIELD.key).map(field => field.text ?? '');
  return keys.flatMap(text => text.split(KEY_SEPARATOR)).filter(key => key !== '');
}

/** Whether a key of the rule, its separators included, contains `part`; every rule matches an empty one. */
export function matchesKey(rule: AuditRule, part: ByteString): boolean {
  if (part === '') return true;
  return rule.fields.some(field => field.field === FIELD.key && (field.text ?? '').includes(part));
}
