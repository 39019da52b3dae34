import type { LogFile } from './logFile.ts';

/** Between two fsyncs: under load they would otherwise take the disk from the writes. */
const PAUSE_MILLISECONDS = 10;
/** Sealed files whose last fsync may still be under way; beyond that the kernel's own writeback has to do. */
const MOST_SEALED = 8;

/** flush = incremental_async: fsyncs that no record waits for. One at a time; requests during one coalesce. */
export class BackgroundSync {
  readonly #onFailure: (error: unknown) => void;
  readonly #sealed = new Set<Promise<void>>();
  #underWay: Promise<void> | null = null;
  #pause: NodeJS.Timeout | null = null;
  #wanted: LogFile | null = null;

  /** @param onFailure  The write it belonged to has settled long before. */
  constructor(onFailure: (error: unknown) => void) {
    this.#onFailure = onFailure;
  }

  soon(file: LogFile): void {
    if (this.#underWay !== null || this.#pause !== null) {
      this.#wanted = file;
      return;
    }
    this.#underWay = file
      .sync()
      .catch((error: unknown) => this.#onFailure(error))
      .then(() => {
        this.#underWay = null;
        this.#pause = setTimeout(() => this.#afterPause(), PAUSE_MILLISECONDS);
      });
  }

  /** Settles when no fsync of this file is under way or wanted any more: it may be closed. */
  async release(file: LogFile): Promise<void> {
    if (this.#wanted === file) this.#wanted = null;
    await this.#underWay;
  }

  /** Closes an archive once it is on the disk, without anybody waiting for that. */
  async closeSealed(file: LogFile): Promise<void> {
    const released = this.release(file);
    if (this.#sealed.size >= MOST_SEALED) {
      await released;
      await file.close();
      return;
    }
    const closed = released
      .then(() => file.sync())
      .catch((error: unknown) => this.#onFailure(error))
      .then(() => file.close())
      .finally(() => this.#sealed.delete(closed));
    this.#sealed.add(closed);
  }

  /** Settles when nothing is under way and no timer is left. */
  async stop(): Promise<void> {
    this.#wanted = null;
    await this.#underWay;
    if (this.#pause !== null) clearTimeout(this.#pause);
    this.#pause = null;
    await Promise.all(this.#sealed);
  }

  #afterPause(): void {
    this.#pause = null;
    const file = this.#wanted;
    this.#wanted = null;
    if (file !== null) this.soon(file);
  }
}
