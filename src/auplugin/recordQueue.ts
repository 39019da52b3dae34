/**
 * Records on their way from the daemon to a plugin's code: one that fills it, one that empties it, and a limit.
 * A full queue makes the reader wait; then the daemon's own queue for this plugin fills, and what it drops there it
 * counts and reports. So nothing is lost here.
 */
export class RecordQueue {
  readonly #limit: number;
  #records: Buffer[] = [];
  #mostQueued = 0;
  #hasEnded = false;
  #error: unknown = null;
  #onRecords: (() => void) | null = null;
  #onRoom: (() => void) | null = null;

  /** @param limit  Records from which on the reader waits; those of one read more may be held. */
  constructor(limit: number) {
    this.#limit = limit;
  }

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

  /** Resolves once there is room: at once when there is. */
  async room(): Promise<void> {
    while (this.#records.length >= this.#limit && !this.#hasEnded) {
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

  /** All that is queued, oldest first; waits for a record. Null once the queue has ended. */
  async take(): Promise<Buffer[] | null> {
    while (this.#records.length === 0 && !this.#hasEnded) {
      await new Promise<void>(resolve => {
        this.#onRecords = resolve;
      });
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
