/**
 * Records, or portions of bytes, on their way from the daemon to a plugin's code: one that fills it, one that empties
 * it, and a limit. A full queue makes the reader wait; then the daemon's own queue for this plugin fills, and what it
 * drops there it counts and reports. So nothing is lost here.
 */
export class RecordQueue {
  #records: Buffer[] = [];
  #mostQueued = 0;
  #hasEnded = false;
  #error: unknown = null;
  #timer: NodeJS.Timeout | undefined;
  #onRecords: (() => void) | null = null;
  #onRoom: (() => void) | null = null;

  get depth(): number {
    return this.#records.length;
  }

  get mostQueued(): number {
    return this.#mostQueued;
  }

  push(records: readonly Buffer[]): void {
    for (const record of records) this.#records.push(record);
    this.#mostQueued = Math.max(this.#mostQueued, this.#records.length);
    this.#wake();
  }

  /** Resolves once fewer than `limit` wait: at once when so. Those of one read more may be held. */
  async room(limit: number): Promise<void> {
    while (this.#records.length >= limit && !this.#hasEnded) {
      await new Promise<void>(resolve => {
        this.#onRoom = resolve;
      });
    }
  }

  /** No more records will come; what is queued is still handed out. An `error` is thrown after that. */
  end(error: unknown = null): void {
    this.#hasEnded = true;
    this.#error ??= error;
    this.#wake();
    this.#onRoom?.();
  }

  /**
   * All that is queued, oldest first; waits for a record, but no longer than `patienceMilliseconds`: then the list is
   * empty. Null once the queue has ended.
   */
  async take(patienceMilliseconds: number | null = null): Promise<Buffer[] | null> {
    if (this.#records.length === 0 && !this.#hasEnded) {
      await new Promise<void>(resolve => {
        this.#onRecords = resolve;
        if (patienceMilliseconds !== null) this.#timer = setTimeout(resolve, patienceMilliseconds);
      });
      clearTimeout(this.#timer);
      if (this.#records.length === 0 && !this.#hasEnded) return [];
    }
    if (this.#records.length === 0) {
      if (this.#error !== null) throw this.#error;
      return null;
    }
    const records = this.#records;
    this.#records = [];
    this.#onRoom?.();
    return records;
  }

  #wake(): void {
    this.#onRecords?.();
    this.#onRecords = null;
  }
}
