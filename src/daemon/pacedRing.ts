import type { RecordQueue } from '../pipeline/pipeline.ts';
import type { Run } from '../ring/ring.ts';

/** What this needs of the ring. */
export interface WaitingRecords extends RecordQueue<Run> {
  /** Text bytes waiting. */
  readonly usedBytes: number;
}

/** So many bytes a millisecond are a flood: some 20,000 events a second. */
const FLOOD_BYTES = 16 << 10;
/** Over how long that is looked at. */
const WINDOW_MILLISECONDS = 4;
/** So much is worth a wake of everybody at once. */
const ENOUGH_BYTES = 128 << 10;
/** What a record of a flood waits at most for others to come with it. */
const PAUSE_MILLISECONDS = 2;

/**
 * The ring's records in portions that are worth it. In a flood whoever takes them would otherwise be woken for a few
 * events each time, and with it the thread that writes and every plugin; those wakes cost more than the records do.
 * Outside of a flood nothing waits.
 */
export class PacedRing implements RecordQueue<Run> {
  readonly #ring: WaitingRecords;
  readonly #now: () => number;
  readonly #onPause: (milliseconds: number) => void;
  #windowBytes = 0;
  #windowStart = Number.NEGATIVE_INFINITY;
  #lastAt = Number.NEGATIVE_INFINITY;
  #isFlood = false;
  #isHurried = false;

  /**
   * @param now      Milliseconds of a clock that never jumps.
   * @param onPause  Records wait, and shall be asked for again after so long.
   */
  constructor(ring: WaitingRecords, now: () => number, onPause: (milliseconds: number) => void) {
    this.#ring = ring;
    this.#now = now;
    this.#onPause = onPause;
  }

  /** In a hurry nothing waits: the end of the daemon. */
  set isHurried(isHurried: boolean) {
    this.#isHurried = isHurried;
  }

  /** Whether it is better to wait for more; then `onPause` was called. */
  pauses(): boolean {
    if (this.#isHurried || !this.#isFlood) return false;
    if (this.#now() - this.#lastAt >= PAUSE_MILLISECONDS || this.#ring.usedBytes >= ENOUGH_BYTES) return false;
    this.#onPause(PAUSE_MILLISECONDS);
    return true;
  }

  /** As the ring's own, but null also while it is better to wait. */
  peek(limit: number): Run | null {
    if (this.pauses()) return null;
    const run = this.#ring.peek(limit);
    if (run === null) return null;
    this.#took(run.bytes.length, this.#now());
    return run;
  }

  release(run: Run): void {
    this.#ring.release(run);
  }

  #took(bytes: number, now: number): void {
    this.#lastAt = now;
    this.#windowBytes += bytes;
    const elapsed = now - this.#windowStart;
    if (elapsed < WINDOW_MILLISECONDS) return;
    this.#isFlood = this.#windowBytes / elapsed >= FLOOD_BYTES;
    this.#windowStart = now;
    this.#windowBytes = 0;
  }
}
