import { isErrno, reasonOf, SystemError } from '../../base/errors.ts';
import type { Messages } from '../../base/messages.ts';
import { Archives } from './archives.ts';
import { BackgroundSync } from './backgroundSync.ts';
import type { Clock } from './clock.ts';
import type { Files } from './files.ts';
import { PLAIN, ShiftFailure } from './generations.ts';
import { repairArchives, requireSafeDirectory, shareDirectory } from './logDirectory.ts';
import { runStep, StepFailure } from './logFailure.ts';
import { LogFile } from './logFile.ts';
import type { LogIndexes } from './logIndexes.ts';
import type { LogSettings } from './logSettings.ts';
import { MessagesOnce } from './messagesOnce.ts';
import { Rotation } from './rotation.ts';
import type { WriteJournal } from './writeJournal.ts';

const EINVAL = 22;
/** A rotation that failed is tried again with a record this much later. */
const RETRY_MILLISECONDS = 1000;

/**
 * The files of a log: the live one, the archives, and what lies between them while a rotation is under way. There is
 * a live file from `open` to `close`, whatever fails in between, unless somebody removed it and no other can be made.
 */
export class RotatingLog {
  readonly archives: Archives;
  readonly #files: Files;
  readonly #messages: Messages;
  /** For what is tried again and again; forgets when it works. */
  readonly #saysOnce: MessagesOnce;
  readonly #clock: Clock;
  readonly #journal: WriteJournal;
  readonly #rotation: Rotation;
  readonly #sync: BackgroundSync;
  #settings: LogSettings;
  #live: LogFile | null = null;
  #unsealed: LogFile | null = null; // the archive `.1`, between two steps of a rotation
  #rotateAgainAt = 0;
  #lastShift = 0;
  #lastKept = 1; // keep_logs: the last number that was used

  /** @param onSyncFailure  An fsync that no record waited for has failed. */
  constructor(
    settings: LogSettings,
    files: Files,
    messages: Messages,
    clock: Clock,
    journal: WriteJournal,
    indexes: LogIndexes | null,
    onSyncFailure: (error: unknown) => void,
  ) {
    this.#settings = settings;
    this.#files = files;
    this.#messages = messages;
    this.#saysOnce = new MessagesOnce(messages);
    this.#clock = clock;
    this.#journal = journal;
    this.archives = new Archives(settings, files, messages, clock, indexes);
    this.#sync = new BackgroundSync(onSyncFailure);
    this.#rotation = new Rotation({
      shift: () => this.#shift(),
      reopen: () => this.#reopen(),
      seal: () => this.#seal(),
    });
  }

  get live(): LogFile | null {
    return this.#live;
  }

  /** Bytes in the live file. */
  get size(): number {
    return this.#live?.size ?? 0;
  }

  /** The highest number an archive was moved to by the last rotation; 0 before the first. */
  get generations(): number {
    return this.#lastShift;
  }

  /** A rotation has failed, and goes on with `retry`. Records go where they went before. */
  get isRotating(): boolean {
    return this.#rotation.isUnfinished;
  }

  /** The same, but false while a rotation runs that has not failed. */
  get hasFailedRotation(): boolean {
    return this.#rotation.hasFailed;
  }

  /** Takes effect with the next call. A log elsewhere has no part in a rotation that failed here. */
  reconfigure(settings: LogSettings): void {
    if (settings.path !== this.#settings.path) {
      this.#rotation.abandon();
      this.#lastKept = 1;
    }
    this.#settings = settings;
    this.archives.reconfigure(settings);
  }

  /**
   * Checks and repairs what lies above the log and beside it.
   *
   * @throws {Error} after it was logged.
   */
  async prepare(): Promise<void> {
    const { path, gid } = this.#settings;
    await this.#explain(`Unsafe audit log directory for ${path}`, () => requireSafeDirectory(this.#files, path));
    await this.#explain(`Couldn't repair audit log permissions for ${path}`, async () => {
      await shareDirectory(this.#files, path, gid, this.#messages);
      await this.archives.repair();
    });
  }

  /** Opens the live file. @throws {SystemError} after it was logged, unless it was for the same reason as before. */
  async open(): Promise<LogFile> {
    const live = await this.#openLive();
    // A new live log was all that the rotation still lacked: going on would take it for the archive.
    if (this.#rotation.isUnfinished && !this.#rotation.isShifting) {
      this.#rotation.abandon();
      this.archives.sealed();
    }
    return live;
  }

  /** flush = incremental. @throws {StepFailure} */
  sync(live: LogFile): Promise<void> {
    return runStep('fsync', () => live.sync());
  }

  /** flush = incremental_async. */
  syncSoon(live: LogFile): void {
    this.#sync.soon(live);
  }

  /** @throws {StepFailure} The rotation goes on with `retry`. */
  async rotate(): Promise<void> {
    const kept = this.#keepsAll ? ' with keep option' : '';
    this.#messages.info(`Audit daemon rotating log files${kept}`);
    await this.#resume();
  }

  /** Goes on with a rotation that failed, when it is time to. @throws {StepFailure} */
  async retry(): Promise<void> {
    if (this.#live !== null && this.#clock.monotonic() < this.#rotateAgainAt) return;
    await this.#resume();
  }

  /** The next `retry` does not wait: what made the rotation fail may have been mended. */
  retrySoon(): void {
    this.#rotateAgainAt = 0;
  }

  /** Goes on with a rotation that failed before a live file was needed. @throws {StepFailure} */
  async retryShift(): Promise<void> {
    if (this.#rotation.isShifting) await this.#resume();
  }

  /** Opens another live file when somebody has removed this one. @throws {StepFailure} as `replaceRemoved`. */
  async reopenIfRemoved(): Promise<void> {
    if ((await this.#live?.isRemoved()) === true) await this.replaceRemoved();
  }

  /**
   * Opens another live file: somebody has removed this one.
   *
   * @throws {StepFailure} after it was logged, unless it was for the same reason as before. There is no live file then.
   */
  async replaceRemoved(): Promise<LogFile> {
    const removed = this.#live;
    this.#live = null; // whatever comes: nothing more into this one
    this.#messages.warning(`Log file ${this.#settings.path} was removed: opening it again`);
    if (removed !== null) {
      await this.#sync.release(removed);
      await removed.close(); // first of all: it still takes its room on the disk
    }
    return runStep('reopen', () => this.open());
  }

  /** @throws {SystemError} of the last fsync(2). The file is closed all the same. */
  async close(): Promise<void> {
    const live = this.#live;
    if (live === null) return;
    this.#live = null;
    await this.#sync.release(live);
    try {
      await live.sync();
    } finally {
      await live.close();
    }
  }

  /** After `close`: nothing is left open or running. */
  async stop(): Promise<void> {
    await this.#sync.stop();
    await this.archives.stop();
  }

  get #keepsAll(): boolean {
    return this.#settings.maxAction.kind === 'keep_logs';
  }

  async #openLive(): Promise<LogFile> {
    const live = await LogFile.open(this.#settings, this.#files, this.#saysOnce, this.#journal);
    this.#live = live;
    this.#saysOnce.forget();
    return live;
  }

  async #resume(): Promise<void> {
    this.#rotateAgainAt = this.#clock.monotonic() + RETRY_MILLISECONDS;
    await this.#rotation.resume();
    this.#saysOnce.forget();
    this.archives.work();
  }

  async #shift(): Promise<void> {
    await this.reopenIfRemoved();
    try {
      await this.#requireOwnName();
      this.#lastShift = this.#keepsAll ? await this.#shiftAll() : await this.#shiftFew();
    } catch (error) {
      if (!(error instanceof ShiftFailure)) throw error;
      const { from, to, isLive, cause } = error;
      this.#saysOnce.error(`Error rotating logs from ${from} to ${to} (${reasonOf(cause)})`);
      throw new StepFailure(isLive ? 'rotate2' : 'rotate', cause);
    }
  }

  #shiftFew(): Promise<number> {
    return this.archives.shift(Math.max(1, this.#settings.numLogs - 1));
  }

  async #shiftAll(): Promise<number> {
    const { path } = this.#settings;
    const { isThere, free } = await runStep('rotate', () => this.archives.find(this.#lastKept));
    if (!isThere && this.#lastKept > 1) {
      this.#messages.warning(`Last known log disappeared (${path}.${this.#lastKept})`);
      this.#messages.info(`Next log to use will be ${path}.${free}`);
    }
    const moved = await this.archives.shift(Number.POSITIVE_INFINITY);
    this.#lastKept = Math.max(1, moved);
    return moved;
  }

  // Only a regular file becomes an archive: not a link or a FIFO that took the log's name.
  async #requireOwnName(): Promise<void> {
    const { path } = this.#settings;
    try {
      const facts = await this.#files.lstat(path);
      if (!facts.isFile()) throw new SystemError({ syscall: 'rename', errno: EINVAL, path });
    } catch (error) {
      if (isErrno(error, 'ENOENT')) return; // it has moved already
      throw new ShiftFailure(path, `${path}.1`, true, error);
    }
  }

  async #reopen(): Promise<void> {
    const archive = this.#live;
    try {
      await this.#openLive();
    } catch (error) {
      this.#saysOnce.critical('Could not reopen a log after rotating.');
      throw new StepFailure('reopen', error);
    }
    this.#unsealed = archive;
  }

  async #seal(): Promise<void> {
    const archive = this.#unsealed;
    this.#unsealed = null;
    this.archives.sealed();
    if (archive === null) {
      await this.#sealClosed();
      return;
    }
    await archive.seal(this.#settings.gid);
    if (this.#settings.flush === 'incremental_async') {
      await this.#sync.closeSealed(archive);
      return;
    }
    await this.#sync.release(archive);
    await archive.close();
  }

  // The log was closed when it was rotated.
  async #sealClosed(): Promise<void> {
    const { path, gid } = this.#settings;
    try {
      await repairArchives(this.#files, path, 2, gid, [PLAIN]);
    } catch (error) {
      // The rotation matters more than the mode of what it leaves behind.
      this.#messages.warning(`Couldn't change permissions while rotating log file (${reasonOf(error)})`);
    }
  }

  async #explain<T>(what: string, run: () => Promise<T>): Promise<T> {
    try {
      return await run();
    } catch (error) {
      this.#messages.error(`${what} (${reasonOf(error)})`);
      throw error;
    }
  }
}
