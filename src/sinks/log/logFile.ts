import { constants } from 'node:fs';
import { isErrno, reasonOf, SystemError } from '../../base/errors.ts';
import type { Messages } from '../../base/messages.ts';
import type { FileFacts, Files, SpaceFacts } from './files.ts';
import { archiveMode } from './logDirectory.ts';
import type { LogSettings } from './logSettings.ts';
import type { WriteJournal } from './writeJournal.ts';

const NEWLINE = 0x0a;
const EINVAL = 22;
const EIO = 5;

/** Not all of a run could be written. What was are whole lines, and stays. */
export class PartialWrite extends Error {
  override readonly name = 'PartialWrite';
  readonly keptBytes: number;

  constructor(keptBytes: number, cause: unknown) {
    super(reasonOf(cause), { cause });
    this.keptBytes = keptBytes;
  }
}

/** Somebody has removed the file, and what was to be written is not in the log: it would go with the descriptor. */
export class LogRemoved extends Error {
  override readonly name = 'LogRemoved';
}

/** One open log: made, or opened as the policy wants it, and ending in a whole line after every write. */
export class LogFile {
  readonly fd: number;
  /** When it was last written before it was opened, in milliseconds since the epoch; null for an empty one. */
  readonly lastWrittenAt: number | null;
  readonly #files: Files;
  readonly #messages: Messages;
  readonly #journal: WriteJournal;
  readonly #dev: number;
  readonly #ino: number;
  #size: number;
  /** Bytes of a line that did not fit and could not be cut off either. */
  #tornBytes = 0;
  #endsInLine: boolean;

  private constructor(
    fd: number,
    facts: FileFacts,
    endsInLine: boolean,
    files: Files,
    messages: Messages,
    journal: WriteJournal,
  ) {
    this.fd = fd;
    this.lastWrittenAt = facts.size === 0 ? null : facts.mtimeMs;
    this.#size = facts.size;
    this.#endsInLine = endsInLine;
    this.#files = files;
    this.#messages = messages;
    this.#journal = journal;
    this.#dev = facts.dev;
    this.#ino = facts.ino;
  }

  /** @throws {SystemError} after it was logged; ENFILE alone is not. */
  static async open(settings: LogSettings, files: Files, messages: Messages, journal: WriteJournal): Promise<LogFile> {
    const { path, gid, flush } = settings;
    const durability = flush === 'data' ? constants.O_DSYNC : flush === 'sync' ? constants.O_SYNC : 0;
    // Readable, because how the last line ends must be known before another follows it.
    const flags = constants.O_RDWR | constants.O_APPEND | constants.O_NOFOLLOW | constants.O_NONBLOCK | durability;
    const fd = await openOrCreate(path, flags, files, messages);
    try {
      const facts = await files.fstat(fd);
      // A FIFO or a device under the log's name would swallow records or hang the daemon.
      if (!facts.isFile()) throw new SystemError({ syscall: 'open', errno: EINVAL, path });
      const endsInLine = await endsInNewline(fd, facts.size, files);
      if (facts.uid !== 0) messages.warning(`Log file ${path} belonged to uid ${facts.uid}: it is root's now`);
      await share(fd, gid, files, messages);
      if (!endsInLine) messages.warning(`The last record in ${path} is not whole: a daemon was stopped in its midst`);
      return new LogFile(fd, facts, endsInLine, files, messages, journal);
    } catch (error) {
      if (!(error instanceof Explained)) messages.critical(`Couldn't open log file ${path} (${reasonOf(error)})`);
      await closeAnyhow(fd, files, messages);
      throw error instanceof Explained ? error.cause : error;
    }
  }

  get size(): number {
    return this.#size;
  }

  /** @throws {PartialWrite | LogRemoved} */
  async write(bytes: Uint8Array): Promise<void> {
    let written = 0;
    let links: number | null = null;
    try {
      if (this.#tornBytes > 0) await this.#cutTornLine();
      if (!this.#endsInLine) await this.#endLine();
      this.#journal.begin(bytes, { dev: this.#dev, ino: this.#ino, offset: this.#size });
      while (written < bytes.length) {
        const appended = await this.#files.append(this.fd, written === 0 ? bytes : bytes.subarray(written));
        // write(2) gives 0 only for an empty request; anything else would loop for ever.
        if (appended.bytes === 0) throw new SystemError({ syscall: 'write', errno: EIO, path: null });
        written += appended.bytes;
        links = appended.links;
      }
    } catch (error) {
      if (await this.isRemoved()) throw new LogRemoved(reasonOf(error), { cause: error });
      const kept = written === 0 ? 0 : bytes.lastIndexOf(NEWLINE, written - 1) + 1;
      this.#size += kept;
      this.#tornBytes += written - kept;
      if (this.#tornBytes > 0) await this.#cutNowOrLater();
      throw new PartialWrite(kept, error);
    }
    // After the write and before the journal's end: a kill at any moment leaves it in a file with a name, or undone.
    if (links === 0 || (links === null && (await this.isRemoved()))) throw new LogRemoved();
    this.#size += written;
    this.#journal.done(bytes);
  }

  sync(): Promise<void> {
    return this.#files.fsync(this.fd);
  }

  /** Room on the file system this file lies on, wherever its name is now. */
  space(): Promise<SpaceFacts> {
    return this.#files.fstatfs(this.fd);
  }

  /** True once somebody has removed the file: what is written then is gone when it is closed. */
  async isRemoved(): Promise<boolean> {
    try {
      const { nlink } = await this.#files.fstat(this.fd);
      return nlink === 0;
    } catch (error) {
      // Not knowing is no reason to write the same elsewhere once more.
      this.#messages.warning(`Cannot see whether the log file was removed (${reasonOf(error)})`);
      return false;
    }
  }

  /** An archive from now on: nobody writes it any more. What cannot be changed about it is a warning. */
  async seal(gid: number): Promise<void> {
    await this.#warn("Couldn't change permissions while rotating log file", () =>
      this.#files.fchmod(this.fd, archiveMode(gid)),
    );
    await this.#warn("Couldn't change ownership while rotating log file", () => this.#files.fchown(this.fd, 0, gid));
  }

  /** The descriptor is gone afterwards, whatever close(2) says: that is a warning. */
  close(): Promise<void> {
    return closeAnyhow(this.fd, this.#files, this.#messages);
  }

  // What a stopped daemon left of a line: the next record would otherwise become part of it.
  async #endLine(): Promise<void> {
    await this.#files.write(this.fd, Uint8Array.of(NEWLINE));
    this.#endsInLine = true;
    this.#size++;
  }

  // What reached the file of the line that did not fit is taken back: the record comes again from its beginning.
  async #cutTornLine(): Promise<void> {
    const { size } = await this.#files.fstat(this.fd);
    await this.#files.ftruncate(this.fd, size - this.#tornBytes);
    this.#tornBytes = 0;
  }

  async #cutNowOrLater(): Promise<void> {
    try {
      await this.#cutTornLine();
    } catch (error) {
      // The failure that is about to be thrown matters more. The next write begins with this.
      this.#messages.debug(`Cannot cut off a torn line yet (${reasonOf(error)})`);
    }
  }

  async #warn(what: string, step: () => Promise<void>): Promise<void> {
    try {
      await step();
    } catch (error) {
      // The rotation matters more than the mode of what it leaves behind.
      this.#messages.warning(`${what} (${reasonOf(error)})`);
    }
  }
}

async function openOrCreate(path: string, flags: number, files: Files, messages: Messages): Promise<number> {
  try {
    return await files.open(path, flags, 0);
  } catch (error) {
    if (isErrno(error, 'ENFILE')) throw error;
    if (!isErrno(error, 'ENOENT')) {
      messages.critical(`Couldn't open log file ${path} (${reasonOf(error)})`);
      throw error;
    }
  }
  try {
    // Root's alone until its mode is set: nobody may read a record in between.
    return await files.open(path, flags | constants.O_CREAT | constants.O_EXCL, 0o600);
  } catch (error) {
    messages.error(`Unable to create ${path} (${reasonOf(error)})`);
    messages.critical(`Couldn't create log file ${path} (${reasonOf(error)})`);
    throw error;
  }
}

async function endsInNewline(fd: number, size: number, files: Files): Promise<boolean> {
  if (size === 0) return true;
  const last = new Uint8Array(1);
  const count = await files.read(fd, last, size - 1);
  return count === 0 || last[0] === NEWLINE;
}

async function share(fd: number, gid: number, files: Files, messages: Messages): Promise<void> {
  await explain("Couldn't change permissions of log file", messages, () => files.fchmod(fd, gid === 0 ? 0o600 : 0o640));
  await explain("Couldn't change ownership of log file", messages, () => files.fchown(fd, 0, gid));
}

/** Its cause has been told in words of its own. */
class Explained extends Error {}

async function explain(what: string, messages: Messages, step: () => Promise<void>): Promise<void> {
  try {
    await step();
  } catch (error) {
    messages.error(`${what} (${reasonOf(error)})`);
    throw new Explained(what, { cause: error });
  }
}

async function closeAnyhow(fd: number, files: Files, messages: Messages): Promise<void> {
  try {
    await files.close(fd);
  } catch (error) {
    // Lost data was told by fsync, and trying again might close somebody else's descriptor.
    messages.warning(`Couldn't close a log file (${reasonOf(error)})`);
  }
}
