import { posix } from 'node:path';
import { FieldError, reasonOf } from '../../base/errors.ts';
import { type Fault, type KeyValueEntry, readKeyValueLines } from '../../base/keyValueFile.ts';
import type { FileFacts, SystemFacts } from '../config/systemFacts.ts';
import { octal } from '../config/trustedFile.ts';
import { oneOf, Refusal, yesNo } from '../config/valueReaders.ts';
import { type FileArguments, fileArguments } from './fileArguments.ts';
import { type SocketArguments, socketArguments } from './socketArguments.ts';

export type PluginFormat = 'string' | 'binary' | 'json';

/** What a file of plugins.d says of an active plugin. */
export interface PluginDescription {
  /** The file's name without `.conf`. */
  readonly name: string;
  /** The form in which it takes records; `json`: complete events, docs/json.md. */
  readonly format: PluginFormat;
  readonly target:
    | { readonly kind: 'program'; readonly path: string; readonly args: readonly string[] }
    | ({ readonly kind: 'socket' } & SocketArguments)
    | ({ readonly kind: 'file' } & FileArguments);
}

export interface PluginFacts extends SystemFacts {
  /** Null when no account has this name. */
  userByName(name: string): number | null;
}

export interface PluginParse {
  /** Null when it is not active, or when it cannot be used. */
  readonly plugin: PluginDescription | null;
  readonly faults: readonly Fault[];
}

const BUILT_IN_SOCKET = 'builtin_af_unix';
const BUILT_IN_FILE = 'builtin_file';
const PATH_EXPECTED = `an absolute path, ${BUILT_IN_SOCKET} or ${BUILT_IN_FILE}`;
/** The program of audit-userspace that does the same. Where it is not installed, we do it. */
const SOCKET_PROGRAM = /^\/(usr\/)?s?bin\/audisp-af_unix$/;
const OTHERS_MAY_WRITE = 0o022;
const OWNER_AND_GROUP_MAY_RUN = 0o550;

/** Reads the bytes of one file. Every fault comes back, not only the first; one fatal fault and the plugin is off. */
export function parsePluginFile(bytes: Uint8Array, file: string, facts: PluginFacts): PluginParse {
  const parse = new Parse(file, facts);
  for (const line of readKeyValueLines(bytes, file)) {
    if (line.kind === 'fault') parse.faults.push(line.fault);
    else parse.take(line.entry);
    if (parse.faults.length >= MOST_FAULTS) break;
  }
  const plugin = parse.result();
  return { plugin: parse.isBroken ? null : plugin, faults: parse.faults };
}

/** Nobody reads more of one file. */
const MOST_FAULTS = 20;

class Parse {
  readonly faults: Fault[] = [];
  readonly #file: string;
  readonly #facts: PluginFacts;
  #isActive = false;
  #path: KeyValueEntry | null = null;
  #args: KeyValueEntry | null = null;
  #format: PluginFormat = 'string';

  constructor(file: string, facts: PluginFacts) {
    this.#file = file;
    this.#facts = facts;
  }

  get isBroken(): boolean {
    return this.faults.some(({ severity }) => severity === 'fatal');
  }

  take(entry: KeyValueEntry): void {
    const key = entry.key.toLowerCase();
    if (key !== 'args' && entry.options.length > 0) {
      this.#refuse(entry, 'one word as the value');
      return;
    }
    switch (key) {
      case 'active':
        this.#isActive = this.#read(entry, yesNo) ?? false;
        break;
      case 'direction':
        break; // there is only one
      case 'path':
        this.#path = entry;
        break;
      case 'type':
        this.#read(entry, oneOf('always', 'builtin'));
        break;
      case 'args':
        this.#args = entry;
        break;
      case 'format':
        this.#format = this.#read(entry, oneOf('string', 'binary', 'json')) ?? 'string';
        break;
      default:
        this.#refuse(entry, 'a key that auditd-plugins(5) names');
    }
  }

  result(): PluginDescription | null {
    if (this.#path !== null) this.#checkPath(this.#path);
    if (!this.#isActive) return null;
    if (this.#path === null) {
      this.#add(null, 'path', null, 'the program of an active plugin');
      return null;
    }
    const path = this.#path.value;
    const name = posix.basename(this.#file).replace(/\.conf$/, '');
    if (path === BUILT_IN_FILE) return this.#toFile(name);
    if (path === BUILT_IN_SOCKET || this.#isMissingSocketProgram(path)) return this.#socket(name, path);
    this.#checkProgram(this.#path);
    const args = this.#args === null ? [] : [this.#args.value, ...this.#args.options];
    return { name, format: this.#format, target: { kind: 'program', path, args } };
  }

  #socket(name: string, path: string): PluginDescription | null {
    const words = this.#args === null ? [] : [this.#args.value, ...this.#args.options];
    const socket = socketArguments(words, this.#facts);
    if (socket instanceof Refusal) {
      if (this.#args !== null) this.#refuse(this.#args, socket.expected);
      return null;
    }
    // The program takes either form and sends what its arguments say; the old built-in one sends what it gets.
    const isAsked = path === BUILT_IN_SOCKET || this.#format === 'json';
    const format = socket.format ?? (isAsked ? this.#format : 'string');
    return { name, format, target: { kind: 'socket', ...socket } };
  }

  #toFile(name: string): PluginDescription | null {
    const words = this.#args === null ? [] : [this.#args.value, ...this.#args.options];
    const file = fileArguments(words);
    if (file instanceof Refusal) {
      if (this.#args === null) this.#add(null, 'args', null, file.expected);
      else this.#refuse(this.#args, file.expected);
      return null;
    }
    if (this.#format === 'binary') {
      this.#add(null, 'format', this.#format, 'string or json: a file holds lines');
      return null;
    }
    return { name, format: this.#format, target: { kind: 'file', ...file } };
  }

  #isMissingSocketProgram(path: string): boolean {
    if (!SOCKET_PROGRAM.test(path)) return false;
    try {
      this.#facts.stat(path);
      return false;
    } catch {
      // Whatever keeps it from being looked at, it could not be started either: then its work is done here.
      return true;
    }
  }

  #checkPath(entry: KeyValueEntry): void {
    const { value } = entry;
    if (value.startsWith('builtin_')) {
      if (value !== BUILT_IN_SOCKET && value !== BUILT_IN_FILE) this.#refuse(entry, PATH_EXPECTED);
    } else if (!value.startsWith('/')) this.#refuse(entry, PATH_EXPECTED);
    else if (posix.dirname(value).length < 4) {
      this.#refuse(entry, 'a directory of at least 4 characters before the file name');
    }
  }

  #checkProgram(entry: KeyValueEntry): void {
    let program: FileFacts;
    try {
      program = this.#facts.stat(entry.value);
    } catch (error) {
      this.#refuse(entry, `a program that exists (${reasonOf(error)})`);
      return;
    }
    const mode = octal(program.mode & 0o777);
    if (!program.isRegular) this.#refuse(entry, 'a regular file');
    if (program.ownerId !== 0) this.#refuse(entry, `a program with owner root, not uid ${program.ownerId}`);
    if ((program.mode & OTHERS_MAY_WRITE) !== 0) {
      this.#refuse(entry, `a program that neither its group nor others may write, not mode ${mode}`);
    }
    if ((program.mode & OWNER_AND_GROUP_MAY_RUN) !== OWNER_AND_GROUP_MAY_RUN) {
      this.#refuse(entry, `a program of at least mode 0550, not ${mode}`);
    }
  }

  #read<T>(entry: KeyValueEntry, read: (value: string) => T | Refusal): T | null {
    const value = read(entry.value);
    if (!(value instanceof Refusal)) return value;
    this.#refuse(entry, value.expected);
    return null;
  }

  #refuse(entry: KeyValueEntry, expected: string): void {
    this.#add(entry.line, entry.key, [entry.value, ...entry.options].join(' '), expected);
  }

  #add(line: number | null, field: string, value: string | null, expected: string): void {
    this.faults.push({
      severity: 'fatal',
      error: new FieldError({ file: this.#file, line, field, value, expected }),
    });
  }
}
