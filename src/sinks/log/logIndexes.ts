import { basename, dirname } from 'node:path';
import { isErrno, reasonOf } from '../../base/errors.ts';
import type { Messages } from '../../base/messages.ts';
import type { FileFacts, Files } from './files.ts';
import { type Generations, PLAIN } from './generations.ts';

/** Who makes indexes; what an index is, is not the log's to know. */
export interface IndexBuilder {
  /** Bytes of the new index; null when there is one, can be none, or the work was cancelled. May throw. */
  build(log: string): Promise<number | null>;
  /** Deletes the indexes of files that `log`'s set no longer has. Their number. */
  removeOrphans(log: string): Promise<number>;
  cancel(): void;
}

/** For the state report. */
export interface IndexCounts {
  /** Since the start. */
  built: number;
  failed: number;
  /** Of all that were built since the start. */
  builtBytes: number;
  removed: number;
}

/** An archive as it was when it was seen to. */
interface Seen {
  readonly identity: string;
  readonly hasIndex: boolean;
}

/** Where the index of a log file lies: by its inode, so that rotation keeps it. @see IndexPath in native/scan. */
export function indexPath(logFile: string, inode: number): string {
  return `${dirname(logFile)}/.${basename(logFile)}.index-${inode}`;
}

/** The indexes of a log's archives, built one by one. A failure costs the index alone, and is told once. */
export class LogIndexes {
  readonly counts: IndexCounts = { built: 0, failed: 0, builtBytes: 0, removed: 0 };
  readonly #files: Files;
  readonly #builder: IndexBuilder;
  readonly #messages: Messages;
  readonly #isPaused: () => boolean;
  /** By inode, the archives that have been seen to. */
  #seen = new Map<number, Seen>();
  #complaint = '';
  #isCancelled = false;

  /** @param isPaused  Nothing is built then: space that is running out is the records'. */
  constructor(files: Files, builder: IndexBuilder, messages: Messages, isPaused: () => boolean) {
    this.#isPaused = isPaused;
    this.#files = files;
    this.#builder = builder;
    this.#messages = messages;
  }

  cancel(): void {
    this.#isCancelled = true;
    this.#builder.cancel();
  }

  async removeOrphans(logFile: string): Promise<void> {
    this.counts.removed += await this.#builder.removeOrphans(logFile);
  }

  /**
   * Builds one index that is missing, of the newest such archive.
   *
   * @param first  The newest archive that is complete.
   * @returns Whether there may be more.
   */
  async buildNext(logFile: string, present: Generations, first: number): Promise<boolean> {
    if (this.#isPaused()) return false;
    const stillThere = new Map<number, Seen>();
    let next: { path: string; facts: FileFacts } | null = null;
    for (const [number, forms] of [...present].toSorted(([a], [b]) => a - b)) {
      if (number < first || !forms.includes(PLAIN)) continue;
      const path = `${logFile}.${number}`;
      const facts = await this.#factsIfThere(path);
      if (facts === null || !facts.isFile()) continue;
      const seen = this.#seen.get(facts.ino);
      const isDone =
        seen?.identity === identity(facts) &&
        (!seen.hasIndex || (await this.#factsIfThere(indexPath(logFile, facts.ino))) !== null);
      if (isDone) stillThere.set(facts.ino, seen);
      else next ??= { path, facts };
    }
    this.#seen = stillThere;
    if (next === null) return false;
    return this.#build(logFile, next.path, next.facts);
  }

  /** All archives are looked at again. */
  forget(): void {
    this.#seen.clear();
    this.#complaint = '';
  }

  async #build(logFile: string, path: string, facts: FileFacts): Promise<boolean> {
    this.#isCancelled = false;
    try {
      const bytes = await this.#builder.build(path);
      this.#complaint = '';
      if (bytes !== null) {
        this.counts.built++;
        this.counts.builtBytes += bytes;
      }
      if (this.#isCancelled) return false;
      // Not there: the log is empty, or compressed by somebody else.
      const hasIndex = (await this.#factsIfThere(indexPath(logFile, facts.ino))) !== null;
      this.#seen.set(facts.ino, { identity: identity(facts), hasIndex });
      return true;
    } catch (error) {
      // Rotated since it was listed, and deleted: there is nothing to index.
      if (isErrno(error, 'ENOENT')) return true;
      this.counts.failed++;
      // Searches read the log itself then. It is tried again when the archives are looked at the next time.
      const reason = reasonOf(error);
      if (reason !== this.#complaint) this.#messages.warning(`Cannot index ${path}: ${reason}`);
      this.#complaint = reason;
      return false;
    }
  }

  async #factsIfThere(path: string): Promise<FileFacts | null> {
    try {
      return await this.#files.lstat(path);
    } catch (error) {
      if (isErrno(error, 'ENOENT')) return null; // removed by hand since the listing
      throw error;
    }
  }
}

function identity({ dev, size, mtimeMs }: FileFacts): string {
  return `${dev}:${size}:${mtimeMs}`;
}
