import { posix } from 'node:path';
import { reasonOf } from '../../base/errors.ts';
import { Refusal } from '../config/valueReaders.ts';
import type { PluginFacts } from './pluginFile.ts';

/** What the arguments of the Unix socket plugin say. */
export interface SocketArguments {
  readonly path: string;
  readonly mode: number;
  /** Null: root. */
  readonly uid: number | null;
  readonly gid: number | null;
  /** Most records that wait for one client; null: q_depth. */
  readonly limit: number | null;
  /** Null: they do not say. */
  readonly format: 'string' | 'binary' | 'json' | null;
}

const DEFAULTS: SocketArguments = {
  path: '/run/audit/audispd_events',
  mode: 0o640,
  uid: null,
  gid: null,
  limit: null,
  format: null,
};
/** sockaddr_un holds so much. */
const MOST_PATH_BYTES = 107;
const MOST_LIMIT = 99_999;

/**
 * Reads the words in any order: `0640 /run/audit/audispd_events string`. The first that begins with a digit is the
 * mode, a second one the length of a client's queue, one with a slash the path, one with a colon the owner and group
 * as chown(1) takes them.
 */
export function socketArguments(words: readonly string[], facts: PluginFacts): SocketArguments | Refusal {
  let read = DEFAULTS;
  let hasMode = false;
  for (const word of words) {
    const next: Word = /^[0-9]/.test(word) ? (hasMode ? limit(word) : mode(word)) : other(word, facts);
    if (next instanceof Refusal) return next;
    hasMode ||= 'mode' in next;
    read = { ...read, ...next };
  }
  return read;
}

type Word = Partial<SocketArguments> | Refusal;

function mode(word: string): Word {
  return /^[0-7]{3,4}$/.test(word) && Number.parseInt(word, 8) <= 0o777
    ? { mode: Number.parseInt(word, 8) }
    : new Refusal('a mode in octal, as 0640');
}

function limit(word: string): Word {
  const records = /^[0-9]{1,5}$/.test(word) ? Number(word) : 0;
  return records > 0 ? { limit: records } : new Refusal(`a queue of 1 to ${MOST_LIMIT} records`);
}

function other(word: string, facts: PluginFacts): Word {
  if (word === 'string' || word === 'binary' || word === 'json') return { format: word };
  if (word.includes('/')) return path(word, facts);
  if (word.includes(':')) return owner(word, facts);
  return new Refusal('a mode, a queue length, a path, an owner as user:group, string, binary or json');
}

function path(word: string, facts: PluginFacts): Word {
  if (!word.startsWith('/') || word.endsWith('/')) return new Refusal('an absolute path of the socket');
  if (Buffer.byteLength(word) > MOST_PATH_BYTES) return new Refusal(`a path of at most ${MOST_PATH_BYTES} bytes`);
  const directory = posix.dirname(word);
  try {
    facts.open(directory, true).close();
  } catch (error) {
    return new Refusal(`a directory that opens (${directory}: ${reasonOf(error)})`);
  }
  return { path: word };
}

function owner(word: string, facts: PluginFacts): Word {
  const [user = '', group = '', ...rest] = word.split(':');
  const uid = user === '' ? null : account(user, name => facts.userByName(name));
  const gid = group === '' ? null : account(group, name => facts.groupByName(name));
  return uid === undefined || gid === undefined || rest.length > 0
    ? new Refusal('an owner as user:group, names or numbers that this machine knows')
    : { uid, gid };
}

function account(word: string, byName: (name: string) => number | null): number | undefined {
  const id = /^[0-9]{1,10}$/.test(word) ? Number(word) : byName(word);
  return id === null || id >= 0xffff_ffff ? undefined : id;
}
