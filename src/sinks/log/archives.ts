import { reasonOf } from '../../base/errors.ts';
import type { Messages } from '../../base/messages.ts';
import { ArchiveCompressor, CompressionGivenUp } from './archiveCompressor.ts';
import type { Clock } from './clock.ts';
import type { Files } from './files.ts';
import {
  COMPRESSED,
  type Form,
  firstGap,
  listGenerations,
  PLAIN,
  removeExcess,
  removeIfThere,
  shiftGenerations,
} from './generations.ts';
import { repairArchives } from './logDirectory.ts';
import { indexPath, type LogIndexes } from './logIndexes.ts';
import type { LogSettings } from './logSettings.ts';
import { deleteArchives } from './retention.ts';
import { Turn } from './turn.ts';

/**
 * The log's archives: moved by rotation; compressed and deleted in the background, while the log is written and
 * rotated. Whoever changes a name takes the turn, so a rotation waits for two renames at most, never for a file's
 * compression.
 */
export class Archives {
  readonly #files: Files;
  readonly #messages: Messages;
  readonly #clock: Clock;
  readonly #indexes: LogIndexes | null;
  readonly #turn = new Turn();
  #settings: LogSettings;
  /** `.1` is still written: between a shift and its seal. */
  #newestIsOpen = false;
  #work: Promise<void> | null = null;
  #workAgain = false;
  #isStopping = false;
  #complaint = '';

  /** @param indexes  Null where nobody makes any. */
  constructor(
    settings: LogSettings,
    files: Files,
    messages: Messages,
    clock: Clock,
    indexes: LogIndexes | null = null,
  ) {
    this.#settings = settings;
    this.#files = files;
    this.#messages = messages;
    this.#clock = clock;
    this.#indexes = indexes;
  }

  /** Settles when the work in the background is done, or given up until the next call for it. */
  get settled(): Promise<void> {
    return this.#work ?? Promise.resolve();
  }

  reconfigure(settings: LogSettings): void {
    if (!settings.indexes) this.#indexes?.cancel();
    if (settings.path !== this.#settings.path || settings.indexes !== this.#settings.indexes) this.#indexes?.forget();
    this.#settings = settings;
  }

  /** Modes and owners as the settings have them. @throws {Error} @see repairArchives */
  repair(): Promise<void> {
    return this.#turn.take(() => {
      const { path, numLogs, gid } = this.#settings;
      const forms: readonly Form[] = this.#knowsCompressed ? [PLAIN, COMPRESSED] : [PLAIN];
      return repairArchives(this.#files, path, numLogs, gid, forms);
    });
  }

  /** @throws {ShiftFailure} @see shiftGenerations */
  shift(keep: number): Promise<number> {
    return this.#turn.take(async () => {
      this.#newestIsOpen = true;
      const { path } = this.#settings;
      return shiftGenerations({ files: this.#files, logFile: path, keep, knowsCompressed: this.#knowsCompressed });
    });
  }

  /** The archive `.1` is complete. */
  sealed(): void {
    this.#newestIsOpen = false;
  }

  removeExcess(numLogs: number): Promise<void> {
    return this.#turn.take(() =>
      removeExcess(this.#files, this.#settings.path, numLogs, this.#knowsCompressed, this.#messages),
    );
  }

  /** Deletes the oldest archive. False when there is none that may go. */
  dropOldest(): Promise<boolean> {
    return this.#turn.take(async () => {
      const { path } = this.#settings;
      const present = await listGenerations(this.#files, path, this.#knowsCompressed);
      const oldest = Math.max(...present.keys());
      if (present.size === 0 || (oldest === 1 && this.#newestIsOpen)) return false;
      for (const form of present.get(oldest) ?? []) {
        await removeIfThere(this.#files, `${path}.${oldest}${form}`);
        this.#messages.notice(`Log ${path}.${oldest}${form} removed to make room for records`);
      }
      this.work(); // its index goes too
      return true;
    });
  }

  /** Whether archive `number` is there, and the first number that is free. */
  find(number: number): Promise<{ isThere: boolean; free: number }> {
    return this.#turn.take(async () => {
      const present = await listGenerations(this.#files, this.#settings.path, this.#knowsCompressed);
      return { isThere: present.has(number), free: firstGap(present, Number.POSITIVE_INFINITY) };
    });
  }

  /** Ends what a killed daemon left half done, before anything is renamed. */
  recover(): Promise<void> {
    this.#newestIsOpen = false;
    this.#isStopping = false;
    return this.#turn.take(async () => {
      try {
        await this.#compressor?.recover();
      } catch (error) {
        // Both forms of an archive are one too many, which hurts nobody; a log that does not open would.
        this.#messages.warning(`Cannot tidy up the archives of ${this.#settings.path}: ${complaintOf(error)}`);
      }
    });
  }

  /** Compresses, deletes and indexes what the settings say, in the background. A failure is logged, and tried again next time. */
  work(): void {
    const { compression, retention } = this.#settings;
    if (this.#isStopping || (compression === null && retention === null && this.#indexes === null)) return;
    this.#workAgain = true;
    this.#work ??= this.#workWhileAsked();
  }

  /** Settles when nothing runs in the background any more, until `recover`; what is being made is given up. */
  async stop(): Promise<void> {
    this.#isStopping = true;
    this.#indexes?.cancel();
    await this.#work;
  }

  get #knowsCompressed(): boolean {
    return this.#settings.compression !== null;
  }

  #compressesAs(path: string, gid: number): boolean {
    const now = this.#settings;
    return now.compression !== null && now.path === path && now.gid === gid;
  }

  get #compressor(): ArchiveCompressor | null {
    const { compression, path, gid } = this.#settings;
    if (compression === null) return null;
    return new ArchiveCompressor({
      files: this.#files,
      logFile: path,
      gid,
      level: compression.level,
      turn: this.#turn,
      messages: this.#messages,
      // Under other settings a copy would have the wrong readers, or be one that nobody counts as an archive.
      isWanted: () => !this.#isStopping && this.#compressesAs(path, gid),
    });
  }

  async #workWhileAsked(): Promise<void> {
    try {
      while (this.#workAgain && !this.#isStopping) {
        this.#workAgain = false;
        try {
          await this.#compressAll();
        } finally {
          // After that, for the total counts what lies on the disk; and also when compression failed for want of space.
          await this.#deleteOld();
        }
        await this.#index();
      }
      this.#complaint = '';
    } catch (error) {
      if (this.#isStopping) return; // given up as asked
      // No record depends on it; the archives are as they were. Said once for each reason.
      const complaint = `Cannot tidy up the archives of ${this.#settings.path}: ${complaintOf(error)}`;
      if (complaint !== this.#complaint) this.#messages.warning(complaint);
      this.#complaint = complaint;
    } finally {
      this.#work = null;
    }
  }

  async #compressAll(): Promise<void> {
    let isMore = true;
    while (isMore && !this.#isStopping) isMore = await this.#compressNext();
  }

  // False when there is none left.
  async #compressNext(): Promise<boolean> {
    const { compression, path } = this.#settings;
    const compressor = this.#compressor;
    if (compression === null || compressor === null) return false;
    const first = Math.max(compression.plainArchives + 1, this.#newestIsOpen ? 2 : 1);
    const taken = await this.#turn.take(async () => {
      const present = await listGenerations(this.#files, path, true);
      // The newest first: the oldest may be deleted before its compression has paid off.
      for (const [number, forms] of [...present].toSorted(([a], [b]) => a - b)) {
        if (number < first || !forms.includes(PLAIN) || forms.includes(COMPRESSED)) continue;
        const archive = await compressor.take(number);
        if (archive !== null) return archive;
      }
      return null;
    });
    if (taken === null) return false;
    try {
      await compressor.compress(taken);
    } catch (error) {
      if (!(error instanceof CompressionGivenUp)) throw error; // the next look is under the settings of now
    }
    return true;
  }

  // Last, and one archive at a time: whatever else is asked for meanwhile comes first.
  async #index(): Promise<void> {
    const indexes = this.#indexes;
    if (indexes === null || this.#isStopping) return;
    // Also while none are built here: ausearch makes them too, and who takes logs away takes what belongs to them.
    await indexes.removeOrphans(this.#settings.path);
    while (this.#settings.indexes && !this.#isStopping && !this.#workAgain) {
      const present = await this.#turn.take(() =>
        listGenerations(this.#files, this.#settings.path, this.#knowsCompressed),
      );
      const isMore = await indexes.buildNext(this.#settings.path, present, this.#newestIsOpen ? 2 : 1);
      if (!isMore) break;
    }
  }

  async #deleteOld(): Promise<void> {
    const { retention, path } = this.#settings;
    if (retention === null) return;
    await this.#turn.take(() =>
      deleteArchives({
        files: this.#files,
        logFile: path,
        retention,
        leastKept: this.#newestIsOpen ? 1 : 0,
        knowsCompressed: this.#knowsCompressed,
        indexPath: this.#indexes === null ? null : inode => indexPath(path, inode),
        now: this.#clock.wall(),
        messages: this.#messages,
      }),
    );
  }
}

function complaintOf(error: unknown): string {
  const cause = error instanceof Error && error.cause !== undefined ? ` (${reasonOf(error.cause)})` : '';
  return error instanceof Error && cause !== '' ? `${error.message}${cause}` : reasonOf(error);
}
