import { SystemError } from '../base/errors.ts';
import { addon } from './addon.ts';

/** What native/search/index_addon.cc exports. The addon's typed face extends this. */
export interface IndexAddon {
  readonly IndexWork: new (log: Uint8Array, removesOrphans: boolean) => NativeIndexWork;
}

interface NativeIndexWork {
  /** Once. */
  run(): Promise<IndexAnswer>;
  cancel(): void;
}

interface IndexAnswer {
  readonly isThere: boolean;
  readonly isBuilt: boolean;
  /** 0: the log is empty or compressed, or the work was cancelled. */
  readonly errno: number;
  readonly path: Uint8Array;
  readonly bytes: number;
  readonly removed: number;
}

/** Builds indexes beside logs, one at a time, on a thread of the lowest priority. */
export class LogIndexer {
  #running: NativeIndexWork | null = null;

  /**
   * Builds the index of a log that is no longer written. A rotation may give the log another name meanwhile.
   *
   * @returns Bytes of the new index; null when the log has one, can have none, or the work was cancelled.
   * @throws {SystemError} EAGAIN for a log that changed; ENOSPC. Nothing is left of the index then.
   */
  async build(log: string): Promise<number | null> {
    const answer = await this.#run(log, false);
    if (answer.errno !== 0) {
      throw new SystemError({ syscall: 'index', errno: answer.errno, path: Buffer.from(answer.path).toString() });
    }
    return answer.isBuilt ? answer.bytes : null;
  }

  /** Deletes the indexes beside `log`, the newest of a set, that belong to no file of the set. Their number. */
  async removeOrphans(log: string): Promise<number> {
    return (await this.#run(log, true)).removed;
  }

  /** What runs ends soon. */
  cancel(): void {
    this.#running?.cancel();
  }

  async #run(log: string, removesOrphans: boolean): Promise<IndexAnswer> {
    const work = new addon.IndexWork(Buffer.from(log), removesOrphans);
    this.#running = work;
    try {
      return await work.run();
    } finally {
      this.#running = null;
    }
  }
}
