/** Where records are, at one moment. */
export interface FlowFacts {
  /** Something lies in the audit socket. */
  readonly isReadable: boolean;
  /** How often the reader thread has taken something out of it. */
  readonly batches: number;
  /** Text bytes in the ring, and how many it has room for. */
  readonly waitingBytes: number;
  readonly ringBytes: number;
  /** Lines that reached the log, or were given up as configured. */
  readonly settledLines: number;
  /** The log cannot be written, which is known and acted upon: a new process could not do it either. */
  readonly isHeldUp: boolean;
}

/** More than this in the ring, and the reader thread may be waiting for room. */
const FULL_SHARE = 0.9;

/**
 * Whether records flow end to end: what lies in the socket is taken out, what lies in the ring reaches the log. Asked at
 * intervals; what had no time to move between two questions is given one more.
 */
export class FlowWatch {
  #before: FlowFacts | null = null;
  #standsSince = 0;

  /** False when something waited at the last two questions and none of it has moved. */
  flows(now: FlowFacts): boolean {
    const before = this.#before;
    this.#before = now;
    if (before === null) return true;
    const readerStands =
      before.isReadable &&
      now.isReadable &&
      now.batches === before.batches &&
      now.waitingBytes < now.ringBytes * FULL_SHARE;
    const writerStands = before.waitingBytes > 0 && now.waitingBytes > 0 && now.settledLines === before.settledLines;
    const stands = readerStands || (writerStands && !now.isHeldUp);
    this.#standsSince = stands ? this.#standsSince + 1 : 0;
    return this.#standsSince < 2;
  }
}
