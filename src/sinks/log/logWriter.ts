import { isErrno, reasonOf } from '../../base/errors.ts';
import type { Messages } from '../../base/messages.ts';
import type { RecordSink } from '../recordSink.ts';
import { type Clock, systemClock } from './clock.ts';
import type { Files, SpaceFacts } from './files.ts';
import { type DiskOperation, LogFailure, LogSuspended, StepFailure } from './logFailure.ts';
import { type LogFile, LogRemoved, PartialWrite } from './logFile.ts';
import { type IndexBuilder, type IndexCounts, LogIndexes } from './logIndexes.ts';
import { isSameAction, isSameSpace, isSameTime, type LogAction, type LogSettings } from './logSettings.ts';
import { RotatingLog } from './rotatingLog.ts';
import { RotationSchedule } from './rotationSchedule.ts';
import { type SpaceCrossing, SpaceWatch } from './spaceWatch.ts';
import { noJournal, type WriteJournal } from './writeJournal.ts';

/** The live log is too large, or its file system too full; `action` is what the configuration wants done. */
export type Crossing = SpaceCrossing | { readonly stage: 'max_log_file'; readonly action: LogAction };

/**
 * Hears of each crossing at the end of the call that found it, when the log may be called again: it may rotate or
 * suspend it there and then. The records wait until it settles.
 */
export type OnCrossing = (crossing: Crossing) => Promise<void>;

/** What the state report tells of the log. */
export interface LogCondition {
  readonly sizeBytes: number;
  readonly maxMegabytes: number;
  /** The highest number an archive was moved to by the last rotation; 0 before the first. */
  readonly generations: number;
  readonly hasSpace: boolean;
  /** Null while the log is closed, or when its file system could not be asked. */
  readonly partition: {
    readonly freeMegabytes: number;
    readonly spaceLeftMegabytes: number;
    readonly adminSpaceLeftMegabytes: number;
  } | null;
  readonly isSuspended: boolean;
  readonly spaceActionDone: boolean;
  readonly adminSpaceActionDone: boolean;
  readonly diskError: boolean;
}

const MEGABYTE = 1 << 20;
const DESCRIPTOR_WAIT_MILLISECONDS = 100;

/**
 * The log: written in whole runs, flushed, rotated by size, time and signal, and watched for space. Three states:
 *
 * - open: what `write` resolved is in the file.
 * - failing: the last call threw a LogFailure. Whoever holds the records repeats what was not kept; each further
 *   write first tries to mend what is broken. A failed rotation does not stop the records: they go on into the file
 *   they went to before.
 * - suspended: by `suspend`, or by a `resume` or `reconfigure` that failed. The file is closed and every write throws
 *   LogSuspended, until `resume`. A rotation goes on as ever, and leaves an empty log.
 *
 * One call at a time, which the caller sees to and `#exclusively` asserts; the getters and `condition` may be asked
 * at any moment.
 */
export class LogWriter implements RecordSink {
  readonly #messages: Messages;
  readonly #onCrossing: OnCrossing;
  readonly #clock: Clock;
  readonly #files: RotatingLog;
  readonly #indexes: LogIndexes | null;
  readonly #space: SpaceWatch;
  readonly #crossings: Crossing[] = [];
  #settings: LogSettings;
  #schedule: RotationSchedule | null = null;
  #isBusy = false;
  #isSuspended = false;
  #saidSpaceUnknown = false;
  #helperDueAt = 0; // exec: the size from which the helper is wanted; infinite while it runs
  #records = 0; // since start; rotation does not reset it
  #trouble: StepFailure | null = null; // went wrong around a write; thrown once the write is done
  #failuresInRow = 0;

  constructor(
    settings: LogSettings,
    files: Files,
    messages: Messages,
    onCrossing: OnCrossing = () => Promise.resolve(),
    clock: Clock = systemClock,
    journal: WriteJournal = noJournal,
    indexBuilder: IndexBuilder | null = null,
  ) {
    this.#settings = settings;
    this.#messages = messages;
    this.#onCrossing = onCrossing;
    this.#clock = clock;
    this.#indexes =
      indexBuilder === null ? null : new LogIndexes(files, indexBuilder, messages, () => this.isLowOnSpace);
    this.#files = new RotatingLog(settings, files, messages, clock, journal, this.#indexes, error =>
      this.#note(new StepFailure('fsync', error)),
    );
    this.#space = new SpaceWatch(settings.space, messages);
  }

  /** Bytes in the live file. */
  get size(): number {
    return this.#files.size;
  }

  /** The highest number an archive was moved to by the last rotation; 0 before the first. */
  get generations(): number {
    return this.#files.generations;
  }

  /** The live file's descriptor; null while it is closed. */
  get fd(): number | null {
    return this.#files.live?.fd ?? null;
  }

  /** The last call failed, or logging is suspended: what becomes of the records is being seen to. */
  get isFailing(): boolean {
    return this.#failuresInRow > 0 || this.#isSuspended;
  }

  get isSuspended(): boolean {
    return this.#isSuspended;
  }

  /** Whether the space_left warning stands. */
  get isLowOnSpace(): boolean {
    return this.#space.spaceActionDone;
  }

  /** Whether a rotation for want of space is allowed to. */
  get canRotate(): boolean {
    return this.#settings.numLogs > 1;
  }

  /** Settles when no archive is being compressed or deleted. */
  get archivesSettled(): Promise<void> {
    return this.#files.archives.settled;
  }

  /** Null where nobody makes indexes. */
  get indexCounts(): Readonly<IndexCounts> | null {
    return this.#indexes?.counts ?? null;
  }

  get roomBytes(): number {
    // A rotation that fails must not turn every record into a run of its own.
    if (!this.#endsAtMaximum || this.#isSuspended || this.#files.isRotating) return Number.MAX_SAFE_INTEGER;
    const limit = Math.max(this.#settings.maxMegabytes * MEGABYTE, this.#helperDueAt);
    return Math.max(1, limit - this.size);
  }

  /** For the state report. Asks the file system anew. */
  async condition(): Promise<LogCondition> {
    const facts = this.#files.live === null ? null : await this.#askSpace(this.#files.live);
    const partition = facts && {
      freeMegabytes: Math.floor((facts.bavail * facts.bsize) / MEGABYTE),
      spaceLeftMegabytes: this.#space.spaceLeftMegabytes,
      adminSpaceLeftMegabytes: this.#space.adminSpaceLeftMegabytes,
    };
    return {
      sizeBytes: this.size,
      maxMegabytes: this.#settings.maxMegabytes,
      generations: this.#files.generations,
      hasSpace: this.#space.hasSpace,
      partition,
      isSuspended: this.#isSuspended,
      spaceActionDone: this.#space.spaceActionDone,
      adminSpaceActionDone: this.#space.adminSpaceActionDone,
      // Records get through meanwhile, which ends the failures in a row.
      diskError: this.#failuresInRow > 0 || this.#files.hasFailedRotation,
    };
  }

  /** The disk was full at a write. True when that is news: disk_full_action is due. */
  takeSpaceFlag(): boolean {
    return this.#space.takeSpaceFlag();
  }

  /**
   * Checks and repairs directory and archives, opens the live file, and rotates it when it is already too large.
   *
   * @throws {Error} after it was logged: the daemon does not start without a log it may trust.
   */
  async open(): Promise<void> {
    await this.#exclusively(async () => {
      if (!this.#settings.writesLogs) return;
      await this.#files.prepare();
      await this.#files.archives.recover();
      const live = await this.#openPatiently();
      this.#space.measure(await this.#askSpace(live));
      await this.#try(() => this.#checkSize());
      await this.#removeExcess();
    });
    await this.#deliver();
    this.#files.archives.work();
  }

  async write(bytes: Uint8Array, lines: number): Promise<void> {
    try {
      await this.#exclusively(() => this.#writeRun(bytes, lines));
    } finally {
      if (this.#crossings.length > 0) await this.#deliver();
    }
  }

  /**
   * The live file becomes `.1`, as SIGUSR1 wants it: nothing is deleted under keep_logs, and num_logs below 2 has no
   * archives.
   *
   * @throws {LogFailure} The rotation goes on with one of the next writes; records go where they went before.
   */
  async rotate(): Promise<void> {
    await this.#exclusively(async () => {
      if (!this.#settings.writesLogs) return;
      if (!this.#mayRotate) {
        this.#messages.notice('Log rotation disabled (num_logs < 2), skipping');
        return;
      }
      await this.#try(() => this.#rotate());
      this.#throwTrouble(0);
    });
  }

  /**
   * Deletes the oldest archive, for records that a rotation has not made room for. False when none may go: keep_logs
   * keeps them all.
   *
   * @throws {LogFailure}
   */
  async dropOldest(): Promise<boolean> {
    return this.#exclusively(async () => {
      if (this.#keepsAll || this.#settings.numLogs < 2) return false;
      try {
        return await this.#files.archives.dropOldest();
      } catch (error) {
        throw this.#failure('rotate', error, 0, false);
      }
    });
  }

  /**
   * What has no record to wait for: a rotation whose time has come, archives whose age has. Once a minute will do.
   *
   * @throws {LogFailure} as `rotate`.
   */
  async tick(): Promise<void> {
    await this.#exclusively(async () => {
      if (this.#files.live === null || this.#isSuspended) return;
      await this.#try(() => this.#rotateIfTime());
      this.#throwTrouble(0);
    });
    this.#files.archives.work();
  }

  /** Closes the log: nothing is written until `resume`. */
  async suspend(): Promise<void> {
    await this.#exclusively(() => this.#suspend());
  }

  /**
   * Logging goes on, every warning is due again, and a log that was closed is checked and opened as at the start.
   *
   * @throws {LogFailure} `resume`: logging is suspended again.
   */
  async resume(): Promise<void> {
    await this.#exclusively(async () => {
      this.#messages.notice('Audit daemon is attempting to resume logging.');
      this.#isSuspended = false;
      this.#space.setSpaceFlag();
      this.#failuresInRow = 0;
      this.#files.retrySoon();
      try {
        if (this.#files.live === null && this.#settings.writesLogs) await this.#openClosed();
      } finally {
        this.#space.clearWarnings();
      }
    });
    await this.#deliver();
  }

  /**
   * Goes on under other settings. A call that was begun ends under the old ones, the next begins under the new.
   *
   * @throws {LogFailure} `reconfig`: the log could not be opened; logging is suspended.
   */
  async reconfigure(settings: LogSettings): Promise<void> {
    await this.#exclusively(async () => {
      const before = this.#settings;
      this.#settings = settings;
      this.#files.reconfigure(settings);
      if (!isSameTime(settings.rotationTime, before.rotationTime)) this.#setSchedule();
      if (!settings.writesLogs) {
        await this.#closeAnyhow();
        return;
      }
      try {
        await this.#applyFile(before);
      } catch (error) {
        this.#messages.error('Could not reopen a log after reconfigure');
        await this.#suspend();
        throw this.#failure('reconfig', error, 0, false);
      }
      await this.#applySpace(before);
    });
    await this.#deliver();
    this.#files.archives.work();
  }

  /**
   * The helper of max_log_file_action = exec has ended: what it did to the files is taken note of, and it may run
   * again once the log has grown.
   *
   * @throws {LogFailure} It removed the log, and a new one could not be opened.
   */
  async helperEnded(): Promise<void> {
    await this.#exclusively(async () => {
      const maximum = Math.max(1, this.#settings.maxMegabytes) * MEGABYTE;
      await this.#try(() => this.#files.reopenIfRemoved());
      // Without archives it is the same file as before: a helper that left it there is not run for every record.
      this.#helperDueAt = this.canRotate || this.size < maximum ? 0 : this.size + maximum;
      this.#throwTrouble(0);
    });
  }

  /**
   * Everything on the disk, the file closed, nothing left running.
   *
   * @throws {LogFailure} `fsync`; the file is closed all the same.
   */
  async close(): Promise<void> {
    await this.#exclusively(async () => {
      try {
        await this.#files.close();
      } catch (error) {
        throw this.#failure('fsync', error, 0, true);
      } finally {
        await this.#files.stop();
      }
    });
  }

  // Two calls at once would write into each other's rotation. Nothing can go on sensibly after that.
  async #exclusively<T>(call: () => Promise<T>): Promise<T> {
    if (this.#isBusy) throw new Error('the log takes one call at a time');
    this.#isBusy = true;
    try {
      return await call();
    } finally {
      this.#isBusy = false;
    }
  }

  async #deliver(): Promise<void> {
    for (let next = this.#crossings.shift(); next !== undefined; next = this.#crossings.shift()) {
      await this.#onCrossing(next);
    }
  }

  async #writeRun(bytes: Uint8Array, lines: number): Promise<void> {
    if (!this.#settings.writesLogs) return;
    if (this.#isSuspended) throw new LogSuspended();
    if (this.#files.isRotating) await this.#try(() => this.#files.retry());
    else if (this.#schedule !== null) await this.#try(() => this.#rotateIfTime());
    const live = await this.#append(bytes);
    if (this.#countsToFlush(lines)) await this.#try(() => this.#flush(live));
    await this.#try(() => this.#checkSize());
    if (this.#space.isDue(this.#clock.monotonic())) await this.#try(() => this.#checkSpace());
    this.#throwTrouble(bytes.length);
    this.#failuresInRow = 0;
  }

  /** Returns the file that has them. */
  async #append(bytes: Uint8Array): Promise<LogFile> {
    let live = this.#files.live ?? (await this.#openAgain(() => this.#open()));
    for (;;) {
      try {
        await live.write(bytes);
        break;
      } catch (error) {
        if (error instanceof PartialWrite) {
          this.#space.wrote(error.keptBytes);
          throw this.#failure('write', error.cause, error.keptBytes, false);
        }
        if (!(error instanceof LogRemoved)) throw error;
        live = await this.#openAgain(() => this.#files.replaceRemoved());
      }
    }
    this.#space.wrote(bytes.length);
    return live;
  }

  // Steps around a write fail without taking the write with them.
  async #try(run: () => Promise<void>): Promise<void> {
    try {
      await run();
    } catch (error) {
      if (!(error instanceof StepFailure)) throw error;
      this.#note(error);
    }
  }

  #note(trouble: StepFailure): void {
    this.#trouble ??= trouble;
  }

  #throwTrouble(keptBytes: number): void {
    const trouble = this.#trouble;
    if (trouble === null) return;
    this.#trouble = null;
    throw this.#failure(trouble.operation, trouble.cause, keptBytes, true);
  }

  #failure(operation: DiskOperation, cause: unknown, keptBytes: number, isWritten: boolean): LogFailure {
    this.#failuresInRow++;
    return new LogFailure({ operation, cause, keptBytes, isWritten, failuresInRow: this.#failuresInRow });
  }

  async #open(): Promise<LogFile> {
    const live = await this.#files.open();
    if (this.#schedule === null) this.#setSchedule();
    return live;
  }

  // Nothing is lost by waiting before the first record, and a daemon that gives up would have to be started by hand.
  async #openPatiently(): Promise<LogFile> {
    for (;;) {
      try {
        return await this.#open();
      } catch (error) {
        if (!isErrno(error, 'ENFILE')) throw error;
      }
      await this.#clock.pause(DESCRIPTOR_WAIT_MILLISECONDS);
    }
  }

  async #openAgain(open: () => Promise<LogFile>): Promise<LogFile> {
    try {
      return await open();
    } catch (error) {
      throw this.#failure('reopen', error instanceof StepFailure ? error.cause : error, 0, false);
    }
  }

  #countsToFlush(lines: number): boolean {
    const { flush, flushEveryRecords } = this.#settings;
    const before = this.#records;
    this.#records += lines;
    if ((flush !== 'incremental' && flush !== 'incremental_async') || flushEveryRecords === 0) return false;
    return Math.floor(before / flushEveryRecords) !== Math.floor(this.#records / flushEveryRecords);
  }

  async #flush(live: LogFile): Promise<void> {
    if (this.#settings.flush === 'incremental') await this.#files.sync(live);
    else this.#files.syncSoon(live);
  }

  get #keepsAll(): boolean {
    return this.#settings.maxAction.kind === 'keep_logs';
  }

  get #mayRotate(): boolean {
    return this.#keepsAll || this.#settings.numLogs > 1;
  }

  /** Whether something happens at max_log_file that the next record must not miss. */
  get #endsAtMaximum(): boolean {
    switch (this.#settings.maxAction.kind) {
      case 'rotate':
      case 'keep_logs':
        return this.#mayRotate;
      case 'suspend':
        return true;
      case 'exec':
        return Number.isFinite(this.#helperDueAt);
      default:
        return false;
    }
  }

  async #checkSize(): Promise<void> {
    const { maxMegabytes, maxAction } = this.#settings;
    if (Math.floor(this.size / MEGABYTE) < maxMegabytes || this.#files.live === null) return;
    switch (maxAction.kind) {
      case 'rotate':
      case 'keep_logs':
        if (this.#mayRotate && !this.#files.isRotating) await this.#rotate();
        break;
      case 'exec':
        if (this.size < this.#helperDueAt) break;
        this.#helperDueAt = Number.POSITIVE_INFINITY; // until helperEnded
        this.#crossings.push({ stage: 'max_log_file', action: maxAction });
        break;
      case 'ignore':
        break;
      default:
        this.#crossings.push({ stage: 'max_log_file', action: maxAction });
    }
  }

  async #checkSpace(): Promise<void> {
    const { live } = this.#files;
    const facts = live === null ? null : await this.#askSpace(live);
    if (facts !== null) this.#crossings.push(...this.#space.look(facts, this.#clock.monotonic()));
  }

  async #askSpace(live: LogFile): Promise<SpaceFacts | null> {
    try {
      const facts = await live.space();
      this.#saidSpaceUnknown = false;
      return facts;
    } catch (error) {
      // Not knowing is no reason not to write. Said once, until it is known again.
      if (!this.#saidSpaceUnknown) this.#messages.warning(`Cannot ask for the log's free space (${reasonOf(error)})`);
      this.#saidSpaceUnknown = true;
      return null;
    }
  }

  async #rotate(): Promise<void> {
    await this.#files.rotate();
    if (Number.isFinite(this.#helperDueAt)) this.#helperDueAt = 0;
  }

  async #rotateIfTime(): Promise<void> {
    const now = this.#clock.wall();
    if (this.#schedule?.isDue(now) !== true || this.#files.isRotating) return;
    this.#schedule.done(now);
    if (this.size > 0 && this.#mayRotate) await this.#rotate();
  }

  async #suspend(): Promise<void> {
    this.#isSuspended = true;
    await this.#closeAnyhow();
  }

  async #closeAnyhow(): Promise<void> {
    try {
      await this.#files.close();
    } catch (error) {
      // Most often the disk that made somebody close the log; what comes next does not depend on it.
      this.#messages.warning(`Couldn't flush the log before closing it (${reasonOf(error)})`);
    }
  }

  async #openClosed(): Promise<void> {
    try {
      await this.#prepareAndOpen();
    } catch (error) {
      this.#messages.warning('Could not reopen a log after resume logging');
      await this.#suspend();
      throw this.#failure('resume', error, 0, false);
    } finally {
      this.#messages.notice('Audit daemon resumed logging.');
    }
    await this.#try(() => this.#checkSize());
  }

  async #prepareAndOpen(isElsewhere = false): Promise<void> {
    await this.#files.prepare();
    if (isElsewhere) await this.#files.archives.recover();
    await this.#try(() => this.#files.retryShift());
    if (this.#files.live === null) await this.#open();
  }

  async #applyFile(before: LogSettings): Promise<void> {
    const { path, gid, flush, maxMegabytes, maxAction } = this.#settings;
    const isElsewhere = path !== before.path;
    const reopens = isElsewhere || !before.writesLogs || gid !== before.gid || flush !== before.flush;
    const rechecks = maxMegabytes !== before.maxMegabytes || !isSameAction(maxAction, before.maxAction);
    if (!reopens && !rechecks) return;
    if (reopens) await this.#closeAnyhow();
    if (isElsewhere) this.#schedule = null;
    this.#isSuspended = false;
    if (Number.isFinite(this.#helperDueAt)) this.#helperDueAt = 0;
    if (this.#files.live === null) await this.#prepareAndOpen(isElsewhere);
    await this.#try(() => this.#checkSize());
  }

  async #applySpace(before: LogSettings): Promise<void> {
    this.#failuresInRow = 0;
    const { space, path } = this.#settings;
    if (path === before.path && isSameSpace(space, before.space)) return;
    this.#space.reconfigure(space);
    await this.#removeExcess();
    const { live } = this.#files;
    if (live === null) return;
    this.#space.measure(await this.#askSpace(live));
    await this.#try(() => this.#checkSpace());
  }

  async #removeExcess(): Promise<void> {
    const { maxAction, numLogs } = this.#settings;
    if (maxAction.kind !== 'rotate' || numLogs < 2) return;
    try {
      await this.#files.archives.removeExcess(numLogs);
    } catch (error) {
      // An archive too many hurts nothing; a log that does not open because of it would.
      this.#messages.warning(`Couldn't remove logs that exceed num_logs (${reasonOf(error)})`);
    }
  }

  #setSchedule(): void {
    const { rotationTime } = this.#settings;
    const since = this.#files.live?.lastWrittenAt ?? this.#clock.wall();
    this.#schedule = rotationTime === null ? null : new RotationSchedule(rotationTime, since);
  }
}
