import type { FeedSource, Waiting } from './feed.ts';
import type { Batch } from './slabs.ts';
import { countRecords, recordStart, type StreamFormat } from './streamFormat.ts';

/** Buffers of one write: more would not fit into a socket anyway. */
const MOST_BUFFERS = 64;
/** A reader that took nothing for so long stands still. */
const PATIENCE_MILLISECONDS = 250;
/** How far beyond its limit a reader that keeps reading may be behind: a flood of nearly a second. */
const ELASTIC_BYTES = 64 << 20;

export interface BacklogOptions {
  readonly format: StreamFormat;
  /** Most records that wait for a reader that stands still: q_depth. */
  readonly limit: number;
  /** Milliseconds of a clock that never jumps. */
  readonly now: () => number;
  /** Tries to send once more: before it is held against the reader that it took nothing. */
  readonly retry: () => void;
  /** So many records were dropped; `isFirst` when the one before them was not. */
  readonly onOverflow: (records: number, isFirst: boolean) => void;
}

/**
 * The records that wait for one reader. It holds batches that others hold too, and drops new ones beyond its limit: a
 * reader that stands still costs itself records and nobody else anything.
 */
export class Backlog implements FeedSource {
  limit: number;
  readonly #options: BacklogOptions;
  readonly #batches: Batch[] = [];
  #offset = 0; // in the first batch: what was sent of it
  #bytes = 0;
  #records = 0;
  #mostRecords = 0;
  #sentRecords = 0;
  #lostRecords = 0;
  #lastTaken = 0;
  #isOverflowing = false;
  #hasOverflowed = false;

  constructor(options: BacklogOptions) {
    this.#options = options;
    this.limit = options.limit;
  }

  /** Records that wait. Those of a batch that is being sent wait until all of it was. */
  get records(): number {
    return this.#records;
  }

  get bytes(): number {
    return this.#bytes;
  }

  get mostRecords(): number {
    return this.#mostRecords;
  }

  get sentRecords(): number {
    return this.#sentRecords;
  }

  get lostRecords(): number {
    return this.#lostRecords;
  }

  get hasOverflowed(): boolean {
    return this.#hasOverflowed;
  }

  /** Forgets that it has overflowed: the state report starts anew. */
  forgive(): void {
    this.#hasOverflowed = false;
    this.#isOverflowing = false;
  }

  /** Takes a batch, or drops and counts it. */
  offer(batch: Batch): void {
    const now = this.#options.now();
    if (this.#batches.length === 0) this.#lastTaken = now; // from here on it could read
    // This process may be the one that was late, and the reader waits for it.
    if (!this.#hasRoomFor(batch, now)) this.#options.retry();
    if (!this.#hasRoomFor(batch, now)) {
      const isFirst = !this.#isOverflowing;
      this.#isOverflowing = true;
      this.#hasOverflowed = true;
      this.drop(batch.records);
      this.#options.onOverflow(batch.records, isFirst);
      return;
    }
    this.#isOverflowing = false;
    this.#add(batch.hold());
  }

  /** Records that nobody was asked to take are lost to this reader all the same. */
  drop(records: number): void {
    this.#lostRecords += records;
  }

  /** Bytes that an earlier process had still to send; they may begin in the middle of a record. */
  adopt(batch: Batch): void {
    this.#lastTaken = this.#options.now();
    this.#add(batch);
  }

  peek(): Waiting | null {
    const [first] = this.#batches;
    if (first === undefined) return null;
    if (this.#batches.length === 1) {
      return { buffers: [first.bytes], offset: this.#offset, bytes: first.bytes.length - this.#offset };
    }
    const buffers = this.#batches.slice(0, MOST_BUFFERS).map(batch => batch.bytes);
    const bytes = buffers.reduce((sum, buffer) => sum + buffer.length, -this.#offset);
    return { buffers, offset: this.#offset, bytes };
  }

  took(bytes: number): void {
    this.#lastTaken = this.#options.now();
    this.#bytes -= bytes;
    let sent = this.#offset + bytes;
    let done = 0;
    for (const batch of this.#batches) {
      if (sent < batch.bytes.length) break;
      sent -= batch.bytes.length;
      this.#records -= batch.records;
      this.#sentRecords += batch.records;
      batch.release();
      done++;
    }
    this.#batches.splice(0, done);
    this.#offset = sent;
  }

  /** A new reader begins with a whole record: the one that the last reader got a part of. */
  rewind(): void {
    const [first] = this.#batches;
    if (first === undefined || this.#offset === 0) return;
    const start = recordStart(this.#options.format, first.bytes, this.#offset);
    this.#bytes += this.#offset - start;
    this.#offset = start;
  }

  /** Gives up what waits, and counts it as lost. */
  discard(): void {
    const [first] = this.#batches;
    if (first === undefined) return;
    const sent = this.#offset === 0 ? 0 : countRecords(this.#options.format, first.bytes.subarray(0, this.#offset));
    this.#lostRecords += this.#records - sent;
    this.#sentRecords += sent;
    this.clear();
  }

  /** Gives away what waits, with the holds on it; nothing of it was sent. */
  takeBatches(): Batch[] {
    const batches = this.#batches.map(batch => batch.hold());
    this.clear();
    return batches;
  }

  /** Gives away what waits, unsent, for another process to send. */
  takeBytes(): Uint8Array {
    const bytes = Buffer.concat(this.#batches.map(batch => batch.bytes)).subarray(this.#offset);
    this.clear();
    return bytes;
  }

  /** Forgets what waits: its reader has left. */
  clear(): void {
    for (const batch of this.#batches.splice(0)) batch.release();
    this.#offset = 0;
    this.#bytes = 0;
    this.#records = 0;
  }

  /** Whether it reads, and is nevertheless far behind. */
  isBehind(bytes: number): boolean {
    return this.#bytes > bytes && this.#options.now() - this.#lastTaken < PATIENCE_MILLISECONDS;
  }

  #hasRoomFor(batch: Batch, now: number): boolean {
    if (this.#batches.length === 0) return true;
    // Once it has overflowed it gets records again when it has caught up a good deal: long runs instead of shreds.
    if (this.#isOverflowing) return this.#records <= this.limit / 2;
    if (this.#records + batch.records <= this.limit) return true;
    return now - this.#lastTaken < PATIENCE_MILLISECONDS && this.#bytes + batch.bytes.length <= ELASTIC_BYTES;
  }

  #add(batch: Batch): void {
    this.#batches.push(batch);
    this.#bytes += batch.bytes.length;
    this.#records += batch.records;
    if (this.#records > this.#mostRecords) this.#mostRecords = this.#records;
  }
}
