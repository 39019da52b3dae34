import { posix } from 'node:path';
import { isErrno, reasonOf } from '../../base/errors.ts';
import type { Fault } from '../../base/keyValueFile.ts';
import type { Action, AuditdConfig, PortRange, SpaceThreshold, Transport } from './auditdConfig.ts';
import type { FileFacts, OpenFile, SystemFacts } from './systemFacts.ts';
import { octal } from './trustedFile.ts';

/** Turns the word after the equal sign into a value, or says what would have been right. */
export type Reader<T> = (value: string, context: ReadContext) => T | Refusal;
/** One that needs the word alone. */
export type WordReader<T> = (value: string) => T | Refusal;

export class Refusal {
  readonly expected: string;

  constructor(expected: string) {
    this.expected = expected;
  }
}

export interface ReadContext {
  /** The word after the value; null when there is none, and for every key that takes none. */
  readonly option: string | null;
  readonly facts: SystemFacts;
  /** Those this build can speak. */
  readonly transports: readonly Transport[];
  /** What the lines before this one came to. */
  readonly soFar: Readonly<AuditdConfig>;
  /** Adds a fault of this line that does not cost the value. */
  report(severity: Exclude<Fault['severity'], 'fatal'>, expected: string): void;
}

/** Where mail goes out, of the email action. */
export const MAILER = '/usr/lib/sendmail';

// --- words ---

/** One of a few words, in any case. */
export function oneOf<const Word extends string>(...words: Word[]): WordReader<Word> {
  return value => words.find(word => word === value.toLowerCase()) ?? new Refusal(list(words));
}

export const yesNo: WordReader<boolean> = value => {
  const word = value.toLowerCase();
  return word === 'yes' || word === 'no' ? word === 'yes' : new Refusal('yes or no');
};

/** Anything: there is no wrong one. */
export const word: WordReader<string> = value => value;

export const absolutePath: WordReader<string> = value =>
  value.startsWith('/') ? value : new Refusal('an absolute path');

export const directoryPath: WordReader<string> = value => (value.endsWith('/') ? value : `${value}/`);

export const transport: Reader<Transport> = (value, { transports }) =>
  transports.find(name => name === value.toLowerCase()) ?? new Refusal(`${list(transports)} in this build`);

// --- numbers ---

export function integer(least: number, most: number, unit = ''): WordReader<number> {
  const expected = most === NO_LIMIT ? `an integer${unit} of at least ${least}` : `${least} to ${most}${unit}`;
  return value => {
    const number = digits(value);
    return number === null || number < least || number > most ? new Refusal(expected) : number;
  };
}

export const INT_MAX = 2147483647;
/** For a number that only the reference's unsigned long limits. */
export const NO_LIMIT = Infinity;

export const backlogEvents: Reader<number> = (value, { report }) => {
  const events = integer(1, 99999, ' events')(value);
  if (typeof events === 'number' && events < 512) report('warning', '512 or more, for a safety margin');
  return events;
};

export const spaceThreshold: WordReader<SpaceThreshold> = value => {
  const isPercent = value.endsWith('%');
  const number = digits(isPercent ? value.slice(0, -1) : value);
  if (number === null || (isPercent && number > 99)) return new Refusal('megabytes, or 0% to 99%');
  return { kind: isPercent ? 'percent' : 'megabytes', value: number };
};

export const portRange: WordReader<PortRange> = value => {
  const [first = null, last = first, ...rest] = value.split('-').map(digits);
  const isRange = first !== null && last !== null && rest.length === 0 && first <= last && last <= 65535;
  return isRange ? { first, last } : new Refusal('a port from 0 to 65535, or two as in 1-1023, the lower one first');
};

export const timeSpanSeconds: Reader<number> = (value, { report }) => {
  const parts = /^\+?([0-9]+)([smhdM]?)$/.exec(value);
  const number = digits(parts?.[1] ?? '');
  const seconds = number === null ? null : number * (SECONDS_PER_UNIT[parts?.[2] ?? ''] ?? 1);
  if (seconds === null || seconds > 40 * DAY) {
    return new Refusal('a number of seconds, or of another unit as in 5m (s, m, h, d, M for 30 days), at most 40d');
  }
  if (seconds > 6 * HOUR) report('warning', 'at most 6h: a longer interval makes for stale reports');
  return seconds;
};

const HOUR = 3600;
const DAY = 24 * HOUR;
const SECONDS_PER_UNIT: Readonly<Record<string, number>> = { s: 1, m: 60, h: HOUR, d: DAY, M: 30 * DAY };

/** Null unless `text` is a decimal number that fits the reference's unsigned long. */
function digits(text: string): number | null {
  if (!/^[0-9]+$/.test(text)) return null;
  return BigInt(text) <= ULONG_MAX ? Number(text) : null;
}

const ULONG_MAX = 2n ** 64n - 1n;

// --- what the machine has to confirm ---

export const groupId: Reader<number> = (value, { facts }) => {
  const id = /^[0-9]/.test(value) ? digits(value) : facts.groupByName(value);
  // The last number is -1, which chown(2) takes for "leave it as it is".
  return id !== null && id < 0xffff_ffff ? id : new Refusal('the name or the number of a group');
};

/** The log need not exist yet, its directory must. */
export const logFile: Reader<string> = (path, { facts, report }) => {
  const directory = posix.dirname(path);
  if (directory.length < 4) return new Refusal('a directory of at least 4 characters before the file name');
  const unopened = openFailure(directory, facts);
  if (unopened !== null) return new Refusal(`a directory that opens (${directory}: ${reasonOf(unopened)})`);
  let log: OpenFile;
  try {
    log = facts.open(path, true);
  } catch (error) {
    return isErrno(error, 'ENOENT') ? path : new Refusal(`a file that opens (${reasonOf(error)})`);
  }
  const stat = log.stat();
  log.close();
  if (!stat.isRegular) return new Refusal('a regular file');
  if (stat.ownerId !== 0) return new Refusal(`a file with owner root, not uid ${stat.ownerId}`);
  if ((stat.mode & 0o137) !== 0) report('warning', `a file of mode 0600 or 0640, not ${octal(stat.mode)}`);
  if ((stat.mode & 0o200) === 0) report('warning', `a file its owner may write, not mode ${octal(stat.mode)}`);
  return path;
};

function openFailure(path: string, facts: SystemFacts): unknown {
  try {
    facts.open(path, true).close();
    return null;
  } catch (error) {
    return error;
  }
}

export const mailAccount: Reader<string> = (value, { soFar }) => {
  if (!soFar.verifiesEmail) return value;
  if (value.length < 2) return new Refusal('an address of at least 2 characters');
  if (!/^[A-Za-z0-9@._+-]*$/.test(value)) return new Refusal('an address of letters, digits and @ . - _ + alone');
  const at = value.indexOf('@');
  if (at !== -1 && value.lastIndexOf('.') < at) return new Refusal('a dot after the @ of the address');
  return value;
};

// --- actions ---

/** One of these words in any case; `exec` takes the path of a program that only root can have put there. */
export function action<const Kind extends string>(...kinds: Kind[]): Reader<Action<Kind>> {
  const words = list(kinds.map(kind => (kind === 'exec' ? 'exec PATH' : kind)));
  return (value, context) => {
    const kind = kinds.find(word => word === value.toLowerCase());
    if (kind === undefined) return new Refusal(words);
    if (kind === 'exec') {
      const path = executablePath(context.option, context.facts);
      return path instanceof Refusal ? path : ({ kind: 'exec', path } as Action<Kind>);
    }
    if (context.option !== null) context.report('warning', `nothing after ${kind}: only exec takes a path`);
    if (kind === 'email' && !context.facts.isExecutable(MAILER)) {
      context.report('err', `an executable ${MAILER} for the email action`);
    }
    return { kind } as Action<Kind>;
  };
}

function executablePath(path: string | null, facts: SystemFacts): string | Refusal {
  if (path === null) return new Refusal('the path of an executable after exec');
  if (!path.startsWith('/')) return new Refusal('an absolute path after exec');
  let stat: FileFacts;
  try {
    stat = facts.stat(path);
  } catch (error) {
    return new Refusal(`an executable that exists (${reasonOf(error)})`);
  }
  if (!stat.isRegular) return new Refusal('a regular file after exec');
  if (stat.ownerId !== 0) return new Refusal(`an executable with owner root, not uid ${stat.ownerId}`);
  if (EXECUTABLE_MODES.includes(stat.mode & 0o777)) return path;
  return new Refusal(`an executable of mode 0750, 0755, 0555 or 0550, not ${octal(stat.mode & 0o777)}`);
}

const EXECUTABLE_MODES: readonly number[] = [0o750, 0o755, 0o555, 0o550];

function list(words: readonly string[]): string {
  return words.length < 2 ? words.join() : `${words.slice(0, -1).join(', ')} or ${words.at(-1)}`;
}
