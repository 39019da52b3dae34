import { type Machine, type MachineName, machineByArch, machineByName, machineOfBits } from '../tables/machines.ts';
import { syscallNumber } from '../tables/syscalls.ts';
import { uringOpNumber, uringOps } from '../tables/uringOps.ts';
import { type ByteString, lowerAscii } from './byteString.ts';
import { parseCNumber } from './cNumber.ts';
import { comparisonOf } from './fieldComparison.ts';
import {
  exitValue,
  fileSystemValue,
  fileTypeValue,
  plainNumber,
  recordTypeValue,
  signedNumber,
} from './fieldValues.ts';
import { permissionSyscalls } from './permissionSyscalls.ts';
import {
  ACTION,
  type AuditRule,
  addSyscall,
  FIELD,
  FILTER,
  KEY_BYTES_MAX,
  KEY_SEPARATOR,
  OPERATOR,
  type OperatorSymbol,
  PERM,
  STRING_FIELDS,
  SYSCALL_MASK_WORDS,
} from './rule.ts';
import type { RuleEnvironment } from './ruleEnvironment.ts';
import { DeprecatedActionError, RuleError } from './ruleError.ts';
import { FEATURE_BITMAP } from './status.ts';

/** How a rule gets to its list: -a, -A, -d; a watch is appended by -w and deleted by -W. */
export type Placement = 'append' | 'prepend' | 'delete';

/** A finished rule and what is to be done with it. */
export interface RuleRequest {
  operation: 'add' | 'delete';
  rule: AuditRule;
}

// One less than the structure holds: the last place is the key's.
const FIELDS_FOR_USERS = 63;
const TEXT_BYTES_MAX = 4096;
const PATH_BYTES_MAX = 4095;
const FILE_NAME_BYTES_MAX = 255;
const SYSCALLS = 32 * SYSCALL_MASK_WORDS;
const EVERY = 0xffffffff;
const UNSET_ID = 0xffffffff;
// A name that is no list is handed to the kernel as this, which refuses it, when an action stands before it.
const NO_LIST = 0xffffffff;
// Beyond this operation, `all` does not reach, and listings do not look.
const LAST_OF_ALL_URING_OPS = 36;
const SOCKET_FAMILIES = 46; // AF_MAX of linux/socket.h

const PLACEMENT_WORDS: Readonly<Record<Placement, string>> = { append: 'Append', prepend: 'Add', delete: 'Delete' };

/** Fields that only the exit list takes; the kernel itself would take some elsewhere. */
const EXIT_ONLY: ReadonlySet<number> = new Set<number>([
  FIELD.ppid,
  FIELD.obj_user,
  FIELD.obj_role,
  FIELD.obj_type,
  FIELD.obj_lev_low,
  FIELD.obj_lev_high,
  FIELD.devmajor,
  FIELD.devminor,
  FIELD.inode,
  FIELD.exit,
  FIELD.success,
  FIELD.path,
  FIELD.dir,
  FIELD.filetype,
]);

/** Fields that a kernel without exclude-extend takes on the exclude list. */
const OLD_EXCLUDE_FIELDS: ReadonlySet<number> = new Set<number>([
  FIELD.pid,
  FIELD.uid,
  FIELD.gid,
  FIELD.auid,
  FIELD.msgtype,
  FIELD.subj_user,
  FIELD.subj_role,
  FIELD.subj_type,
  FIELD.subj_sen,
  FIELD.subj_clr,
  FIELD.exe,
]);

// The leftmost operator splits the expression: no field name has one of these characters, a value may.
const FIRST_OPERATOR = /!=|>=|<=|&=|=|>|<|&/;

/**
 * Builds one rule from the options of auditctl(8), given in their order, because what an option means depends on the
 * ones before it. Every method throws RuleError for what cannot stand there; the builder is then of no further use.
 * All text is byte strings.
 */
export class RuleBuilder {
  readonly #environment: RuleEnvironment;
  #placement: Placement | null = null;
  #isWatch = false;
  #list = 0;
  #action = 0;
  #mask = new Uint32Array(SYSCALL_MASK_WORDS);
  #fields: AuditRule['fields'] = [];
  #keys = '';
  /** What system call names mean from here on: from -F arch, or this machine once -S came without one. */
  #machine: MachineName | null = null;
  /** What a key needs at least one of. */
  #hasSyscalls = false;
  #hasPath = false;
  #hasExe = false;
  #hasFileSystem = false;

  constructor(environment: RuleEnvironment) {
    this.#environment = environment;
  }

  /** Whether -a, -A, -d, -w or -W was given. */
  get hasList(): boolean {
    return this.#placement !== null;
  }

  /** Whether -S was given, or -F perm chose system calls. */
  get hasSyscalls(): boolean {
    return this.#hasSyscalls;
  }

  /** -a, -A and -d: `words` is a list and an action in either order, joined by a comma. */
  choose(placement: Placement, words: ByteString): void {
    if (this.#hasSyscalls && words.includes('task') && placement !== 'delete') {
      throw new RuleError(
        placement === 'append'
          ? 'Syscall auditing requested for task list'
          : 'Error: syscall auditing requested for task list',
      );
    }
    const { list, action } = parseListAndAction(placement, words, this.#isWatch);
    if (this.#placement !== null) {
      // The empty line after -a's message is the reference's.
      const text = 'Multiple rule insert/delete operations are not allowed';
      throw new RuleError(placement === 'append' ? `${text}\n` : text);
    }
    this.#placement = placement;
    this.#list = list;
    this.#action = action;
  }

  /** -w and -W: a rule on one path, for all system calls and permissions until -p says which. */
  watch(placement: 'append' | 'delete', path: ByteString): void {
    if (this.#placement !== null) throw new RuleError("watch option can't be given with a syscall");
    this.#checkWatchPath(path);
    if (this.#hasSyscalls) throw new RuleError('Watches may not include fields or actions');
    const kept = path.length > 2 ? `/${path.replace(/^\//, '').replace(/\/+$/, '')}` : path;
    const field = this.#environment.isDirectory(kept) ? FIELD.dir : FIELD.path;
    this.#placement = placement;
    this.#isWatch = true;
    this.#list = FILTER.exit;
    this.#action = ACTION.always;
    this.#mask.fill(EVERY);
    this.#hasSyscalls = true;
    this.#hasPath = true;
    this.#addText(field, '=', kept);
    this.#add(FIELD.perm, '=', PERM.r | PERM.w | PERM.x | PERM.a);
    if (placement === 'append') this.#environment.warn({ kind: 'oldStyleWatch' });
  }

  /** -S: names or numbers of system calls, or of io_uring operations, joined by commas. */
  syscalls(names: ByteString): void {
    if (this.#isOn('task')) throw listRefusesSyscalls('being added to task');
    if (this.#isOn('user')) throw listRefusesSyscalls('being added to user');
    if (this.#isOn('filesystem')) throw listRefusesSyscalls('being added to filesystem');
    if (this.#isOn('exclude')) throw listRefusesSyscalls('cannot be put on exclude');
    if (this.#isOn('io_uring')) this.#addUringOps(names);
    else this.#addNamedSyscalls(names);
    this.#hasSyscalls = true;
  }

  /** -F: a field, an operator and a value. */
  field(expression: ByteString): void {
    if (this.#placement === null) throw new RuleError('List must be given before field');
    if (expression.startsWith('key=')) this.#collectKey(expression.slice('key='.length));
    else this.#addExpression(expression);
  }

  /** -C: two fields of the event to be compared with one another. */
  compare(expression: ByteString): void {
    this.#checkRoom(expression);
    const operator = expression.includes('!=') ? '!=' : '=';
    const at = expression.indexOf(operator);
    if (at < 0) throw new RuleError(`${expression} only takes = or != operators`);
    const left = expression.slice(0, at);
    const right = expression.slice(at + operator.length);
    if (left === '') throw new RuleError('-C missing field name before operator for ');
    if (right === '') throw new RuleError(`-C missing value after operation for  ${left}`);
    const leftField = fieldNumber(left);
    if (leftField === null) throw new RuleError(`-C unknown field: ${left}`);
    const rightField = fieldNumber(right);
    if (rightField === null) throw new RuleError(`-C unknown right hand value for comparison with: ${left}`);
    if (!this.#isOn('exit')) throw new RuleError(`${left} can only be used with exit filter list`);
    const comparison = comparisonOf(leftField, rightField);
    if (comparison === null) throw new RuleError(`-C incompatible comparison ${left}`);
    this.#add(FIELD.field_compare, operator, comparison);
  }

  /** -p: what a watch is for. Replaces the permissions it had. */
  permissions(letters: ByteString): void {
    if (this.#placement === null) throw new RuleError('permission option needs a watch given prior to it');
    if (letters.length > 4) throw new RuleError(`permission ${letters} is too long`);
    let bits = 0;
    for (const letter of lowerAscii(letters)) {
      if (!isPermission(letter)) throw new RuleError(`Permission ${letter} isn't supported`);
      bits |= PERM[letter];
    }
    if (this.#fields.length === 0) throw new RuleError('Permissions should be preceded by other fields');
    const existing = this.#fields.filter(field => field.field === FIELD.perm);
    for (const field of existing) field.value = bits;
    if (existing.length === 0) this.#add(FIELD.perm, '=', bits);
    this.#hasPath = true;
  }

  /** -k: a name to find the rule's events by; a rule may have several. */
  key(key: ByteString): void {
    if (this.#placement === null || !this.#mayHaveKey()) {
      throw new RuleError('key option needs a watch or syscall given prior to it');
    }
    this.#collectKey(key);
  }

  /** The rule as it stands, null when no list was chosen. Call it once, after the last option. */
  finish(): RuleRequest | null {
    if (this.#placement === null) return null;
    if (this.#keys !== '') {
      this.#checkRoom(`key=${this.#keys}`);
      this.#addField(FIELD.key, 'key', '=', this.#keys);
    }
    if (!this.#hasSyscalls && !this.#isOn('task')) this.#mask.fill(EVERY);
    return {
      operation: this.#placement === 'delete' ? 'delete' : 'add',
      rule: {
        list: this.#list,
        isPrepended: this.#placement === 'prepend',
        action: this.#action,
        mask: this.#mask,
        fields: this.#fields,
      },
    };
  }

  #isOn(list: keyof typeof FILTER): boolean {
    return this.#placement !== null && this.#list === FILTER[list];
  }

  #mayHaveKey(): boolean {
    return this.#hasSyscalls || this.#hasPath || this.#hasExe || this.#hasFileSystem;
  }

  #checkWatchPath(path: ByteString): void {
    if (path.length > PATH_BYTES_MAX) throw new RuleError('The path passed for the watch is too big');
    if (!path.startsWith('/')) throw new RuleError("The path must start with '/'");
    if (path.slice(path.lastIndexOf('/') + 1).length > FILE_NAME_BYTES_MAX) {
      throw new RuleError('The base name of the path is too big');
    }
    if (path.includes('..')) this.#environment.warn({ kind: 'relativePath' });
    if (/[*?]/.test(path)) this.#environment.warn({ kind: 'wildcard' });
  }

  #addUringOps(names: ByteString): void {
    for (const name of names.split(',')) {
      if (name === '') continue;
      if (name === 'all') {
        for (const [number] of uringOps.entries) {
          if (number <= LAST_OF_ALL_URING_OPS) addSyscall(this.#mask, number);
        }
        continue;
      }
      const number = numberOf(name, uringOpNumber(name));
      if (number === null) throw new RuleError(`io_uring op unknown: ${names}`);
      addSyscall(this.#mask, number);
    }
  }

  #addNamedSyscalls(names: ByteString): void {
    const native = this.#environment.nativeMachine();
    const machine = this.#machine ?? native;
    if (machine === null) throw new RuleError('Error detecting machine type');
    if (names === '') throw new RuleError('Syscall name unknown: ');
    const elements = names.split(',').filter(name => name !== '');
    for (const name of elements) {
      if (!addNamed(this.#mask, machine, name)) {
        // Inside a list, where it is needed most, the reference does not say which name it is.
        throw new RuleError(`Syscall name unknown: ${name}`);
      }
    }
    const isAdded = this.#placement === 'append' || this.#placement === 'prepend';
    if (this.#machine === null && isAdded) {
      this.#machine = machine;
      this.#warnOfMismatch(machine, elements);
    }
  }

  /** The same names may have other numbers for 32-bit programs, which the rule would then miss. */
  #warnOfMismatch(machine: MachineName, names: readonly ByteString[]): void {
    const native = machineByName(machine);
    const narrow = native?.bits === 64 ? machineOfBits('b32', native) : null;
    if (narrow === null) return;
    const narrowMask = new Uint32Array(SYSCALL_MASK_WORDS);
    for (const name of names) addNamed(narrowMask, narrow.name, name);
    if (narrowMask.some((word, i) => word !== this.#mask[i])) this.#environment.warn({ kind: 'syscallMismatch' });
  }

  #collectKey(key: ByteString): void {
    if (key === '') return;
    const keys = this.#keys === '' ? key : this.#keys + KEY_SEPARATOR + key;
    if (keys.length > KEY_BYTES_MAX) throw new RuleError('key option exceeds size limit');
    if (key.includes(KEY_SEPARATOR)) throw new RuleError(`key ${key} has illegal character`);
    this.#keys = keys;
  }

  #checkRoom(expression: ByteString): void {
    if (this.#fields.length >= FIELDS_FOR_USERS) throw new RuleError(`Too many fields in rule: ${expression}`);
  }

  #addExpression(expression: ByteString): void {
    this.#checkRoom(expression);
    const found = FIRST_OPERATOR.exec(expression);
    if (found === null) throw new RuleError(`-F missing operation for ${expression}`);
    const operator = found[0] as OperatorSymbol;
    const name = expression.slice(0, found.index);
    const value = expression.slice(found.index + operator.length);
    if (name === '') throw new RuleError('-F missing field name before operator for ');
    if (value === '') throw new RuleError(`-F missing value after operation for ${name}`);
    const field = fieldNumber(name);
    if (field === null) throw new RuleError(`-F unknown field: ${name}`);
    this.#checkList(field, name);
    this.#addField(field, name, operator, value);
  }

  #checkList(field: number, name: ByteString): void {
    if (this.#isOn('exclude') && !this.#kernelHas('excludeExtend') && !OLD_EXCLUDE_FIELDS.has(field)) {
      throw new RuleError('Only msgtype, *uid, *gid, pid, and subj* fields can be used with exclude filter');
    }
    if (this.#isOn('filesystem') && !this.#kernelHas('filterFilesystem')) {
      throw new RuleError(`${name} filter is not supported by the kernel`);
    }
    if (EXIT_ONLY.has(field) && !this.#isOn('exit'))
      throw new RuleError(`${name} can only be used with exit filter list`);
  }

  #kernelHas(feature: keyof typeof FEATURE_BITMAP): boolean {
    return (this.#environment.featureBitmap() & FEATURE_BITMAP[feature]) !== 0;
  }

  #addField(field: number, name: ByteString, operator: OperatorSymbol, value: ByteString): void {
    if (field === FIELD.arch) this.#addArch(name, operator, value);
    else if (field === FIELD.perm) this.#addPermissions(name, operator, value);
    else if (STRING_FIELDS.has(field)) this.#addTextField(field, name, operator, value);
    else this.#add(field, operator, this.#numberFor(field, name, operator, value));
  }

  #addTextField(field: number, name: ByteString, operator: OperatorSymbol, value: ByteString): void {
    if (field === FIELD.exe) {
      if (!this.#kernelHas('executablePath')) throw new RuleError(`Field option not supported by kernel: ${name}`);
      requireEquality(name, operator);
    }
    if (field === FIELD.key && !this.#mayHaveKey()) {
      throw new RuleError('Key field needs a watch, syscall or exe path given prior to it');
    }
    this.#addText(field, operator, value);
    if (field === FIELD.path || field === FIELD.dir) this.#hasPath = true;
    if (field === FIELD.exe) this.#hasExe = true;
  }

  /** The word to compare with, of a field that is neither text nor arch nor perm. */
  #numberFor(field: number, name: ByteString, operator: OperatorSymbol, value: ByteString): number {
    switch (field) {
      case FIELD.uid:
      case FIELD.euid:
      case FIELD.suid:
      case FIELD.fsuid:
      case FIELD.auid:
      case FIELD.obj_uid:
        return this.#userNumber(value);
      case FIELD.gid:
      case FIELD.egid:
      case FIELD.sgid:
      case FIELD.fsgid:
      case FIELD.obj_gid:
        return this.#groupNumber(value);
      case FIELD.exit:
        return exitValue(value) ?? fail(`-F unknown errno - ${name}`);
      case FIELD.msgtype:
        if (!this.#isOn('exclude') && !this.#isOn('user')) {
          throw new RuleError('msgtype field can only be used with exclude or user filter list');
        }
        return recordTypeValue(value) ?? fail(`-F unknown message type - ${name}`);
      case FIELD.filetype:
        return fileTypeValue(value) ?? fail(`-F unknown file type -  ${name}`);
      case FIELD.fstype:
        if (!this.#isOn('filesystem')) throw new RuleError(`${name} field is not valid for the filter`);
        requireEquality(name, operator);
        this.#hasFileSystem = true;
        return fileSystemValue(value) ?? fail(`file system type is unknown for field: ${name}`);
      case FIELD.sessionid:
        if (!this.#isOn('exit') && !this.#isOn('user') && !this.#isOn('exclude')) {
          throw new RuleError(`${name} must be used with exclude, user, or exit filter`);
        }
        if (!this.#kernelHas('sessionIdFilter')) throw new RuleError(`Field option not supported by kernel: ${name}`);
        // A word is 0 here, as it always was: `sessionid=abc` is accepted.
        return value === 'unset' ? UNSET_ID : (signedNumber(value) ?? 0);
      case FIELD.saddr_fam: {
        const family = parseCNumber(value, 'unsigned').word;
        if (family >= SOCKET_FAMILIES) throw new RuleError(`value is too large for field: ${name}`);
        return family;
      }
      case FIELD.inode:
        requireEquality(name, operator);
        return plainNumber(value, 'unsigned') ?? notANumber(name);
      case FIELD.a0:
      case FIELD.a1:
      case FIELD.a2:
      case FIELD.a3:
        return signedNumber(value) ?? notANumber(name);
      default:
        return plainNumber(value, 'signed') ?? notANumber(name);
    }
  }

  #add(field: number, operator: OperatorSymbol, value: number): void {
    this.#fields.push({ field, operator: OPERATOR[operator], value: value >>> 0, text: null });
  }

  #addText(field: number, operator: OperatorSymbol, text: ByteString): void {
    if (text.length > (field === FIELD.key ? KEY_BYTES_MAX : TEXT_BYTES_MAX))
      throw new RuleError('String value too long');
    this.#fields.push({ field, operator: OPERATOR[operator], value: text.length, text });
  }

  #addArch(name: ByteString, operator: OperatorSymbol, value: ByteString): void {
    if (this.#hasSyscalls) throw new RuleError(`${name} must be before -S`);
    requireEquality(name, operator);
    const machine = this.#machineOf(value);
    if (machine === null) throw new RuleError(`${name} elf mapping not found`);
    this.#machine = machine.name;
    this.#add(FIELD.arch, operator, machine.arch);
  }

  #machineOf(value: ByteString): Machine | null {
    const lower = lowerAscii(value);
    if (/^[0-9]/.test(lower)) return machineByArch(parseCNumber(lower, 'unsigned').word);
    if (lower === 'b32' || lower === 'b64') {
      const native = machineByName(this.#environment.nativeMachine() ?? '');
      return native === null ? null : machineOfBits(lower, native);
    }
    return machineByName(lower) ?? machineByArch(parseCNumber(`0x${lower}`, 'unsigned').word);
  }

  #addPermissions(name: ByteString, operator: OperatorSymbol, value: ByteString): void {
    if (!this.#isOn('exit') && !this.#isOn('exclude'))
      throw new RuleError(`${name} can only be used with exit filter list`);
    if (operator !== '=') throw new RuleError(`${name} only takes = operator`);
    if (value.length > 4) throw new RuleError('String value too long');
    let bits = 0;
    for (const letter of lowerAscii(value)) {
      if (!isPermission(letter)) throw new RuleError("Permission can only contain  'rwxa'");
      bits |= PERM[letter];
      if (this.#machine === null) continue;
      for (const number of permissionSyscalls(this.#machine, letter)) addSyscall(this.#mask, number);
      this.#hasSyscalls = true;
    }
    this.#add(FIELD.perm, operator, bits);
    this.#hasPath = true;
  }

  #userNumber(value: ByteString): number {
    if (value === 'unset') return UNSET_ID;
    const id = signedNumber(value) ?? this.#environment.userId(value);
    if (id === null) throw new RuleError(`Unknown user: ${value}`);
    return id;
  }

  // Unlike a user, a group has neither negative numbers nor `unset`.
  #groupNumber(value: ByteString): number {
    const id = plainNumber(value, 'unsigned') ?? this.#environment.groupId(value);
    if (id === null) throw new RuleError(`Unknown group: ${value}`);
    return id;
  }
}

function parseListAndAction(
  placement: Placement,
  words: ByteString,
  isWatch: boolean,
): { list: number; action: number } {
  const rule = `${PLACEMENT_WORDS[placement]} rule`;
  const bad = () => new RuleError(`${rule} - bad keyword ${words}`);
  const [first, second, more] = words.split(',');
  if (first === undefined || second === undefined || more !== undefined || isWatch) throw bad();
  const firstList = listNumber(first);
  const firstAction = actionNumber(first);
  if (firstList !== null) {
    const action = actionNumber(second);
    if (action === null) throw bad();
    if (action === ACTION.possible) {
      // The reference says Append of -A, too.
      const option = placement === 'delete' ? 'Delete' : 'Append';
      throw new DeprecatedActionError(`${option} rule - possible is deprecated`, placement === 'prepend');
    }
    return { list: firstList, action };
  }
  if (firstAction === null || firstAction === ACTION.possible) throw bad();
  return { list: listNumber(second) ?? NO_LIST, action: firstAction };
}

function listNumber(word: ByteString): number | null {
  const name = lowerAscii(word);
  for (const [known, number] of Object.entries(FILTER)) if (known === name) return number;
  return null;
}

function actionNumber(word: ByteString): number | null {
  for (const [known, number] of Object.entries(ACTION)) if (known === word) return number;
  return null;
}

const FIELD_NUMBERS: ReadonlyMap<string, number> = new Map<string, number>([
  ...Object.entries(FIELD),
  ['loginuid', FIELD.auid],
]);

function fieldNumber(name: ByteString): number | null {
  return FIELD_NUMBERS.get(lowerAscii(name)) ?? null;
}

/** Selects one system call, or all; false when the machine has none of that name and the number is out of range. */
function addNamed(mask: Uint32Array, machine: MachineName, name: ByteString): boolean {
  if (name === 'all') {
    mask.fill(EVERY);
    return true;
  }
  const number = numberOf(name, syscallNumber(machine, name));
  if (number === null) return false;
  addSyscall(mask, number);
  return true;
}

function numberOf(name: ByteString, known: number | null): number | null {
  const number = known ?? plainNumber(name, 'signed');
  return number !== null && number < SYSCALLS ? number : null;
}

function isPermission(letter: string): letter is keyof typeof PERM {
  return letter === 'r' || letter === 'w' || letter === 'x' || letter === 'a';
}

function requireEquality(name: ByteString, operator: OperatorSymbol): void {
  if (operator !== '=' && operator !== '!=') throw new RuleError(`${name} only takes = or != operators`);
}

function listRefusesSyscalls(why: string): RuleError {
  return new RuleError(`Error: syscall auditing ${why} list`);
}

function notANumber(name: ByteString): never {
  throw new RuleError(`-F value should be number for ${name}`);
}

function fail(text: string): never {
  throw new RuleError(text);
}
