import type { LocalClock } from '../../auparse/localClock.ts';
import { errnoText } from '../../base/errors.ts';
import { errnoNumber } from '../../tables/errno.ts';
import { type Machine, machineByArch, machineByName, machineOfBits } from '../../tables/machines.ts';
import { recordTypeNumber, recordTypes } from '../../tables/recordTypes.ts';
import { searchTime, TimeError, type TimeLimit, timeWords, zonedTime } from '../logs/searchTime.ts';
import { type Criteria, noCriteria } from './criteria.ts';

export type OutputFormat = 'default' | 'raw' | 'interpret' | 'csv' | 'text' | 'json';
export type EscapeMode = 'raw' | 'tty' | 'shell' | 'shell_quote';

export interface CsvColumns {
  keys: boolean;
  labels: boolean;
  object2: boolean;
  time: boolean;
}

/** What a command line asks for. Texts are byte strings. */
export interface Search {
  criteria: Criteria;
  /** Seconds since the epoch, inclusive; null: no limit. */
  start: number | null;
  end: number | null;
  format: OutputFormat;
  csv: CsvColumns;
  escape: EscapeMode;
  /** -if; null: the logs of the configuration, or standard input. */
  input: string | null;
  usesLogsInsteadOfPipe: boolean;
  /** Seconds; null: as configured. */
  endOfEventTimeout: number | null;
  stopsAfterFirst: boolean;
  flushesLines: boolean;
  reportsMalformed: boolean;
  checkpoint: string | null;
  /** `-ts checkpoint`: the checkpoint's time, whatever file it was in. */
  startsAtCheckpoint: boolean;
  follows: boolean;
  showsStatistics: boolean;
  buildsIndex: boolean;
}

export type Command =
  | { readonly kind: 'search'; readonly search: Search }
  | { readonly kind: 'help' | 'usage' | 'version' }
  /** `text` with its newline, where it has one. */
  | { readonly kind: 'error'; readonly text: string };

/** What reading options takes from the machine. */
export interface OptionHost extends LocalClock {
  userId(name: string): number | null;
  groupId(name: string): number | null;
  nativeMachine(): Machine | null;
  /** The machine's number of a system call; null when it has none of this name. */
  syscallNumber(machine: Machine, name: string): number | null;
}

/**
 * Takes ausearch's arguments apart, from left to right, up to the first error. An option's argument is the next word,
 * unless that starts with a dash.
 *
 * @param words  Byte strings, without the program's name.
 */
export function parseOptions(words: readonly string[], host: OptionHost): Command {
  if (words.length === 0) return { kind: 'usage' };
  try {
    return new OptionReader(words, host).read();
  } catch (error) {
    if (error instanceof OptionError) return { kind: 'error', text: error.message };
    if (error instanceof TimeError) return { kind: 'error', text: `${error.message}\n` };
    throw error;
  }
}

/** Its message is printed as it stands. */
class OptionError extends Error {}

const UNSIGNED_MAX = 4294967295;
const SIGNED_MAX = 2147483647;
const PATH_BYTES_MAX = 4096;
const INPUT_BYTES_MAX = 4064;
const STRTOL_MAX = 2n ** 63n - 1n;

class OptionReader {
  readonly #words: readonly string[];
  readonly #host: OptionHost;
  #index = 0;
  /** The option at hand, as typed. */
  #option = '';
  /** A format other than the default has been chosen. */
  #hasFormat = false;
  #hasExtraColumns = false;
  #machine: Machine | null = null;
  #hasSyscallName = false;
  readonly #search: Search = {
    criteria: noCriteria(),
    start: null,
    end: null,
    format: 'default',
    csv: { keys: false, labels: false, object2: false, time: false },
    escape: 'tty',
    input: null,
    usesLogsInsteadOfPipe: false,
    endOfEventTimeout: null,
    stopsAfterFirst: false,
    flushesLines: false,
    reportsMalformed: false,
    checkpoint: null,
    startsAtCheckpoint: false,
    follows: false,
    showsStatistics: false,
    buildsIndex: false,
  };

  constructor(words: readonly string[], host: OptionHost) {
    this.#words = words;
    this.#host = host;
  }

  read(): Command {
    while (this.#index < this.#words.length) {
      this.#option = this.#words[this.#index++] ?? '';
      const end = this.#take();
      if (end !== null) return { kind: end };
    }
    if (this.#hasExtraColumns && this.#search.format !== 'csv') {
      throw new OptionError('--extra options requires format to be csv\n');
    }
    return { kind: 'search', search: this.#search };
  }

  #take(): 'help' | 'version' | null {
    const { criteria } = this.#search;
    switch (this.#option) {
      case '-h':
      case '--help':
        return 'help';
      case '-v':
      case '--version':
        return 'version';
      case '-a':
      case '--event':
        criteria.serial = this.#eventId(this.#required());
        break;
      case '--arch':
        this.#takeArch(this.#required());
        break;
      case '-c':
      case '--comm':
        criteria.comm = this.#required();
        break;
      case '--checkpoint':
        this.#search.checkpoint = this.#required();
        break;
      case '--debug':
        this.#search.reportsMalformed = true;
        break;
      case '-e':
      case '--exit':
        criteria.exit = exitCode(this.#any());
        break;
      case '--eoe-timeout':
        this.#search.endOfEventTimeout = endOfEventTimeout(this.#required());
        break;
      case '--escape':
        this.#search.escape = oneOf(this.#required(), ['raw', 'tty', 'shell', 'shell_quote']);
        break;
      case '--extra-keys':
        this.#takeColumn('keys');
        break;
      case '--extra-labels':
        this.#takeColumn('labels');
        break;
      case '--extra-obj2':
        this.#takeColumn('object2');
        break;
      case '--extra-time':
        this.#takeColumn('time');
        break;
      case '-f':
      case '--file':
        criteria.file = shorterThan(this.#required(), PATH_BYTES_MAX, 'File name is too long');
        break;
      case '--format':
        this.#takeFormat(this.#required());
        break;
      case '-ga':
      case '--gid-all':
        criteria.gid = criteria.egid = this.#groupId(this.#required(), 'Group');
        criteria.groups = 'any';
        break;
      case '-ge':
      case '--gid-effective':
        criteria.egid = this.#groupId(this.#required(), 'Effective group');
        break;
      case '-gi':
      case '--gid':
        criteria.gid = this.#groupId(this.#required(), 'Group');
        break;
      case '-hn':
      case '--host':
        criteria.host = this.#required();
        break;
      case '-i':
      case '--interpret':
        this.#takeOwnFormat('interpret', this.#option);
        break;
      case '-if':
      case '--input':
        this.#search.input = shorterThan(this.#required(), INPUT_BYTES_MAX, 'File name is too longs');
        break;
      case '--input-logs':
        this.#search.usesLogsInsteadOfPipe = true;
        break;
      case '--just-one':
        this.#search.stopsAfterFirst = true;
        break;
      case '-k':
      case '--key':
        criteria.key = this.#required();
        break;
      case '-l':
      case '--line-buffered':
        this.#search.flushesLines = true;
        break;
      case '-m':
      case '--message':
        criteria.types.push(...this.#recordTypes());
        break;
      case '-n':
      case '--node':
        criteria.nodes.push(this.#required());
        break;
      case '-o':
      case '--object':
        criteria.object = this.#required();
        break;
      case '-p':
      case '--pid':
        criteria.pid = processId(this.#required(), 'Process');
        break;
      case '-pp':
      case '--ppid':
        criteria.ppid = processId(this.#required(), 'Parent process');
        break;
      case '-r':
      case '--raw':
        this.#takeOwnFormat('raw', '--raw');
        break;
      case '-sc':
      case '--syscall':
        this.#takeSyscall(this.#required());
        break;
      case '-se':
      case '--context':
        criteria.subject = criteria.object = this.#required();
        criteria.acceptsEitherContext = true;
        break;
      case '--session':
        criteria.session = sessionId(this.#any());
        break;
      case '-su':
      case '--subject':
        criteria.subject = this.#required();
        break;
      case '-sv':
      case '--success':
        criteria.success = successOf(this.#required());
        break;
      case '-te':
      case '--end':
        this.#takeTime('end');
        break;
      case '-ts':
      case '--start':
        this.#takeTime('start');
        break;
      case '-tm':
      case '--terminal':
        criteria.terminal = this.#required();
        break;
      case '-ua':
      case '--uid-all':
        this.#takeUser(['uid', 'euid', 'auid'], this.#required(), 'User');
        criteria.users = 'any';
        break;
      case '-ue':
      case '--uid-effective':
        this.#takeUser(['euid'], this.#required(), 'User');
        break;
      case '-ui':
      case '--uid':
        // The word is the reference's, and scripts look for it.
        this.#takeUser(['uid'], this.#required(), 'Effective user');
        break;
      case '-ul':
      case '--loginuid':
        this.#takeLoginUser(this.#any());
        break;
      case '-uu':
      case '--uuid':
        criteria.uuid = this.#required();
        break;
      case '-vm':
      case '--vm-name':
        criteria.vm = this.#required();
        break;
      case '-w':
      case '--word':
        criteria.matchesWholeWords = true;
        break;
      case '-x':
      case '--executable':
        criteria.exe = this.#required();
        break;
      case '--follow':
        this.#search.follows = true;
        break;
      case '--stats':
        this.#search.showsStatistics = true;
        break;
      case '--index':
        this.#search.buildsIndex = true;
        break;
      default:
        throw new OptionError(`${this.#option} is an unsupported option\n`);
    }
    return null;
  }

  /** The next word, if it is no option. */
  #word(): string | null {
    const word = this.#words[this.#index];
    if (word === undefined || word.startsWith('-')) return null;
    this.#index++;
    return word;
  }

  #required(): string {
    const word = this.#word();
    if (word === null) throw new OptionError(`Argument is required for ${this.#option}\n`);
    return word;
  }

  /** The next word, though it may start with a dash. */
  #any(): string {
    const word = this.#words[this.#index++];
    if (word === undefined) throw new OptionError(`Argument is required for ${this.#option}\n`);
    return word;
  }

  #none(name: string): void {
    if (this.#word() !== null) throw new OptionError(`Argument is NOT required for ${name}\n`);
  }

  #takeColumn(column: keyof CsvColumns): void {
    this.#none(this.#option);
    this.#search.csv[column] = true;
    // The reference does not hold this one against the format.
    if (column !== 'object2') this.#hasExtraColumns = true;
  }

  #takeFormat(word: string): void {
    if (this.#hasFormat) throw new OptionError('Multiple output formats, use only 1\n');
    this.#search.format = word.startsWith('interp')
      ? 'interpret'
      : oneOf(word, ['raw', 'default', 'csv', 'text', 'json']);
    this.#hasFormat = word !== 'default';
  }

  #takeOwnFormat(format: 'interpret' | 'raw', name: string): void {
    if (this.#hasFormat) throw new OptionError(`Conflicting output format ${name}\n`);
    this.#none(name);
    this.#search.format = format;
    this.#hasFormat = true;
  }

  #takeTime(limit: TimeLimit): void {
    const first = this.#word();
    if (first === null) throw new OptionError(`${this.#option} requires either date and/or time\n`);
    const zoned = zonedTime(first);
    if (zoned !== null) {
      this.#search[limit] = zoned;
      return;
    }
    const second = this.#word();
    if (limit === 'start' && first === 'checkpoint' && second === null) {
      this.#search.startsAtCheckpoint = true;
      return;
    }
    this.#search[limit] = searchTime(limit, timeWords(first, second), this.#host);
  }

  #eventId(word: string): number | null {
    if (!/^[0-9]/.test(word)) throw new OptionError(`Audit event id must be a numeric value, was ${word}\n`);
    const id = decimal(word);
    if (id === null || id > UNSIGNED_MAX) throw new OptionError('Illegal value for audit event ID');
    return given(id);
  }

  #takeArch(word: string): void {
    if (this.#hasSyscallName) throw new OptionError('Arch needs to be defined before the syscall\n');
    if (this.#search.criteria.arch !== null) throw new OptionError('Arch is already defined\n');
    const machine = this.#machineOf(word);
    if (machine === null || !this.#isKnown(machine)) throw new OptionError(`Unknown arch ${word}\n`);
    this.#machine = machine;
    this.#search.criteria.arch = machine.arch;
  }

  #machineOf(word: string): Machine | null {
    const name = word.toLowerCase();
    if (name === 'b32' || name === 'b64') {
      const native = this.#host.nativeMachine();
      return native === null ? null : machineOfBits(name, native);
    }
    return machineByName(name) ?? (/^[0-9a-f]+$/.test(name) ? machineByArch(Number.parseInt(name, 16)) : null);
  }

  /** Records of other machines are not interpreted either. */
  #isKnown(machine: Machine): boolean {
    return machine.inReferenceBuild || machine === this.#host.nativeMachine();
  }

  #takeSyscall(word: string): void {
    const { criteria } = this.#search;
    if (/^[0-9]/.test(word)) {
      const number = decimal(word);
      if (number === null || number > SIGNED_MAX) {
        throw new OptionError(`Syscall numeric conversion error (${conversionError(word)}) for ${word}\n`);
      }
      criteria.syscall = number;
      return;
    }
    const machine = this.#machine ?? this.#host.nativeMachine();
    const number = machine === null ? null : this.#host.syscallNumber(machine, word);
    if (machine === null || number === null) throw new OptionError(`Syscall ${word} not found\n`);
    criteria.syscall = number;
    criteria.arch = machine.arch;
    this.#machine = machine;
    this.#hasSyscallName = true;
  }

  #groupId(word: string, what: string): number | null {
    if (/^[0-9]/.test(word)) return given(accountNumber(word, 'group'));
    const id = this.#host.groupId(word);
    if (id === null) throw new OptionError(`${what} ID is non-numeric and unknown (${word})\n`);
    return given(id);
  }

  #takeUser(fields: readonly ('uid' | 'euid' | 'auid')[], word: string, what: string): void {
    const { criteria } = this.#search;
    if (/^[0-9]/.test(word)) {
      const id = accountNumber(word, 'user');
      // The number that stands for "unset" is one that can be searched for in auid alone.
      for (const field of fields) criteria[field] = field === 'auid' && fields.length === 1 ? id : given(id);
      return;
    }
    if (this.#host.userId(word) === null) throw new OptionError(`${what} ID is non-numeric and unknown (${word})\n`);
    for (const field of fields) criteria[`${field}Name`] = word;
  }

  #takeLoginUser(word: string): void {
    if (!word.startsWith('-')) {
      this.#takeUser(['auid'], word, 'Login user');
      return;
    }
    const number = Number(word);
    if (!/^-[0-9]+$/.test(word)) throw new OptionError(`Login user ID is non-numeric and unknown (${word})\n`);
    if (number < -SIGNED_MAX - 1) throw new OptionError(`Error converting ${word}\n`);
    this.#search.criteria.auid = number >>> 0;
  }

  #recordTypes(): number[] {
    const list = () => `Valid message types are: ALL ${listedTypes()} \n`;
    const word = this.#word();
    if (word === null) throw new OptionError(`Argument is required for ${this.#option}\n${list()}`);
    if (word.toUpperCase() === 'ALL') return [];
    return word
      .split(',')
      .filter(name => name !== '')
      .map(name => {
        const number = recordTypeOf(name);
        if (number === null) throw new OptionError(list());
        return number;
      });
  }
}

/** The largest number means that nothing was asked for. */
function given(number: number): number | null {
  return number === UNSIGNED_MAX ? null : number;
}

/** A number without anything behind it; null for anything else. */
function decimal(word: string): number | null {
  return /^[0-9]+$/.test(word) ? Number(word) : null;
}

/** In the words of strerror(3): too large for a long, or with something behind it. */
function conversionError(word: string): string {
  const [digits = '0'] = /^[0-9]+/.exec(word) ?? [];
  return errnoText(BigInt(digits) > STRTOL_MAX ? 34 : 22);
}

function accountNumber(word: string, what: 'user' | 'group'): number {
  const number = decimal(word);
  if (number === null || number > UNSIGNED_MAX) {
    throw new OptionError(`Numeric ${what} ID conversion error (${conversionError(word)}) for ${word}\n`);
  }
  return number;
}

function processId(word: string, what: string): number {
  const number = decimal(word);
  if (number === null || number > SIGNED_MAX)
    throw new OptionError(`${what} id must be a numeric value, was ${word}\n`);
  return number;
}

function sessionId(word: string): number {
  if (!/^-?[0-9]/.test(word)) throw new OptionError(`Session id must be a numeric value, was ${word}\n`);
  const number = /^-?[0-9]+$/.test(word) ? Number(word) : null;
  if (number === null || number > UNSIGNED_MAX || number < -SIGNED_MAX - 1) {
    throw new OptionError(`Error converting ${word}\n`);
  }
  return number >>> 0;
}

/** As a signed number, in decimal, octal or hexadecimal; names stand for the positive number of their errno. */
function exitCode(word: string): bigint {
  if (!/^-?[0-9]/.test(word)) {
    const isNegative = word.startsWith('-');
    const number = errnoNumber(isNegative ? word.slice(1) : word);
    if (number === null) throw new OptionError(`Unknown errno, was ${word}\n`);
    return BigInt(isNegative ? -number : number);
  }
  const [, sign = '', digits = null] = /^(-?)(0[xX][0-9a-fA-F]+|0[0-7]*|[1-9][0-9]*)$/.exec(word) ?? [];
  if (digits === null) throw new OptionError(`Error converting ${word}\n`);
  const magnitude = BigInt(/^0[0-7]/.test(digits) ? `0o${digits.slice(1)}` : digits);
  const number = sign === '-' ? -magnitude : magnitude;
  if (number !== BigInt.asIntN(64, number)) throw new OptionError(`Error converting ${word}\n`);
  return number;
}

function endOfEventTimeout(word: string): number {
  if (!/^[0-9]/.test(word)) throw new OptionError(`End of Event Timeout must be a numeric value, was ${word}\n`);
  const seconds = decimal(word);
  if (seconds === null || seconds < 1 || seconds > UNSIGNED_MAX) {
    throw new OptionError(`Illegal value for End of Event Timeout, was ${word}\n`);
  }
  return seconds;
}

function successOf(word: string): boolean {
  if (word === 'yes') return true;
  if (word.includes('yes') || word.includes('no')) return false;
  throw new OptionError("Success must be 'yes' or 'no'.\n");
}

function oneOf<T extends string>(word: string, words: readonly T[]): T {
  const found = words.find(each => each === word);
  if (found === undefined) throw new OptionError(`Unknown option (${word})\n`);
  return found;
}

function shorterThan(word: string, bytes: number, complaint: string): string {
  if (word.length >= bytes) throw new OptionError(`${complaint} ${word}\n`);
  return word;
}

/** A type by name in any case, or by number. */
function recordTypeOf(name: string): number | null {
  const unknown = /^UNKNOWN\[([0-9]{1,7})\]/i.exec(name);
  if (unknown !== null) return Number(unknown[1]);
  if (!/^[0-9]/.test(name)) return recordTypeNumber(name);
  const number = decimal(name);
  if (number === null || number > SIGNED_MAX) {
    throw new OptionError(`Numeric message type conversion error (${conversionError(name)}) for ${name}\n`);
  }
  return number;
}

function listedTypes(): string {
  return recordTypes
    .filter(([number]) => (number >= 1005 && number < 1007) || (number >= 1100 && number < 2600))
    .map(([, name]) => name)
    .join(' ');
}
