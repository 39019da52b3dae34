import {
  COUNTER_NAMES,
  COUNTERS_OFFSET,
  type CounterName,
  ENTRY_BYTES,
  ENTRY_LENGTH,
  ENTRY_LINES,
  ENTRY_TEXT_END,
  FIRST_LAYOUT_VERSION,
  HEAD_OFFSET,
  HEADER_BYTES,
  INDEX_ENTRIES_OFFSET,
  INDEX_OFFSET_OFFSET,
  LAYOUT_VERSION,
  LAYOUT_VERSION_OFFSET,
  MAGIC,
  MAGIC_OFFSET,
  MOST_RECOVERIES,
  RECOVERIES_OFFSET,
  TAIL_OFFSET,
  TEXT_BYTES_OFFSET,
} from './layout.ts';
import { WriteNote } from './writeNote.ts';

/** Consecutive records, oldest first. Their lines lie one behind the other: one write, however many. */
export interface Run {
  /** Whole lines, newlines included. Borrowed: they lie in the ring and may be overwritten once the run is released. */
  readonly bytes: Uint8Array;
  /** How many lines. Records without text (AUDIT_EOE) are in the run but not in this count. */
  readonly lines: number;
  /** Index numbers, free-running, modulo 2^32: the first record and the one after the last. */
  readonly start: number;
  readonly end: number;
}

/** The memory is no ring of this layout, or contradicts itself. The daemon cannot go on with it. */
export class RingError extends Error {
  override readonly name = 'RingError';
}

/**
 * The consumer's side of the ring between the reader thread and the event loop: takes runs of finished lines out of
 * shared memory. Knows cursors and offsets, not what the lines mean.
 *
 * @see native/ring/layout.h for the memory, native/ring/ring.h for the producer's side
 */
export class Ring {
  readonly textBytes: number;
  /** Null in a ring of layout 1. */
  readonly note: WriteNote | null;
  readonly #memory: ArrayBuffer;
  readonly #words: Uint32Array; // header and index; Atomics work on it
  readonly #counters: BigUint64Array;
  readonly #indexMask: number;
  readonly #indexOffset: number;
  readonly #textOffset: number;
  readonly #tails: BigUint64Array; // tail and text tail in one word, and their copy
  readonly #hasCopy: boolean;
  #tail: number;
  #lines: number; // running count of lines before the tail

  static readonly HEADER_BYTES = HEADER_BYTES;

  /** Why a ring with this header cannot be read; null when it can, as far as the header tells. */
  static faultOf(header: Uint8Array): string | null {
    const view = new DataView(header.buffer, header.byteOffset, header.length);
    if (view.getBigUint64(MAGIC_OFFSET, true) !== MAGIC) return 'this memory holds no ring';
    const version = view.getUint32(LAYOUT_VERSION_OFFSET, true);
    if (version >= FIRST_LAYOUT_VERSION && version <= LAYOUT_VERSION) return null;
    return `ring layout ${version}, expected ${FIRST_LAYOUT_VERSION} to ${LAYOUT_VERSION}`;
  }

  /** @throws {RingError} for memory of another layout. */
  constructor(memory: ArrayBuffer) {
    const fault = Ring.faultOf(new Uint8Array(memory, 0, HEADER_BYTES));
    if (fault !== null) throw new RingError(fault);
    const header = new DataView(memory, 0, HEADER_BYTES);
    const version = header.getUint32(LAYOUT_VERSION_OFFSET, true);
    const entries = header.getUint32(INDEX_ENTRIES_OFFSET, true);
    this.textBytes = header.getUint32(TEXT_BYTES_OFFSET, true);
    this.#memory = memory;
    this.#indexMask = entries - 1;
    this.#indexOffset = header.getUint32(INDEX_OFFSET_OFFSET, true);
    this.#textOffset = this.#indexOffset + entries * ENTRY_BYTES;
    this.#words = new Uint32Array(memory, 0, this.#textOffset / 4);
    this.#tails = new BigUint64Array(memory, TAIL_OFFSET, 2);
    this.#hasCopy = version > 1;
    this.note = version > 1 ? new WriteNote(memory) : null;
    this.#counters = new BigUint64Array(memory, COUNTERS_OFFSET, COUNTER_NAMES.length);
    this.#tail = this.#load(TAIL_OFFSET);
    // A ring that an earlier process left: the first entry tells how many lines came before it.
    const isEmpty = this.#load(HEAD_OFFSET) === this.#tail;
    const first = this.#entry(this.#tail, ENTRY_LENGTH) > 0 ? 1 : 0;
    this.#lines = isEmpty ? this.#entry(this.#tail - 1, ENTRY_LINES) : this.#entry(this.#tail, ENTRY_LINES) - first;
  }

  /**
   * The records now waiting, as far as they make at most about `limit` bytes of text: the run ends with the record
   * that reaches the limit, and holds at least one record.
   *
   * @returns Null while the ring is empty. The same records again until they are released.
   */
  peek(limit: number): Run | null {
    const head = this.#load(HEAD_OFFSET); // pairs with the release store in Ring::Publish
    if (head === this.#tail) return null;
    const start = this.#textStart();
    const end = this.#endWithin(head, start, limit);
    const bytes = (this.#entry(end - 1, ENTRY_TEXT_END) - start) >>> 0;
    if (bytes > this.textBytes) throw new RingError('an index entry contradicts the cursors');
    return {
      // The text is mapped twice, so a run that wraps is contiguous all the same.
      bytes: new Uint8Array(this.#memory, this.#textOffset + (start & (this.textBytes - 1)), bytes),
      lines: (this.#entry(end - 1, ENTRY_LINES) - this.#lines) >>> 0,
      start: this.#tail,
      end,
    };
  }

  /** The run, and all before it, is done with: its space is the reader thread's again. */
  release(run: Run): void {
    this.#lines = this.#entry(run.end - 1, ENTRY_LINES);
    const textTail = this.#entry(run.end - 1, ENTRY_TEXT_END);
    this.#tail = run.end;
    // Once per batch, not per record: every store takes the cache line from the reader thread. Both in one: the index
    // entry that told the text's end may be overwritten once the tail has passed it.
    const both = (BigInt(textTail) << 32n) | BigInt(this.#tail);
    Atomics.store(this.#tails, 0, both);
    if (this.#hasCopy) Atomics.store(this.#tails, 1, both);
  }

  /**
   * Where in the text borrowed bytes of a waiting run begin, as a free-running cursor modulo 2^32; null for bytes that
   * do not lie in the ring.
   */
  cursorOf(bytes: Uint8Array): number | null {
    if (bytes.buffer !== this.#memory) return null;
    const start = this.#textStart();
    const mask = this.textBytes - 1;
    return (start + ((bytes.byteOffset - this.#textOffset - start) & mask)) >>> 0;
  }

  /**
   * Waiting text from a cursor on, borrowed.
   *
   * @returns Empty when the cursor is not that of waiting text.
   */
  textFrom(cursor: number, limit: number): Uint8Array {
    const start = this.#textStart();
    const before = (cursor - start) >>> 0;
    const length = before >= this.usedBytes ? 0 : Math.min(limit, this.usedBytes - before);
    return new Uint8Array(this.#memory, this.#textOffset + (cursor & (this.textBytes - 1)), length);
  }

  /**
   * The waiting records whose text ends at or before a cursor are done with: an earlier process had written them.
   *
   * @returns How many lines.
   */
  releaseUpTo(cursor: number): number {
    const head = this.#load(HEAD_OFFSET);
    const start = this.#textStart();
    const limit = (cursor - start) >>> 0;
    if (head === this.#tail || limit === 0 || limit > this.usedBytes) return 0;
    let end = this.#endWithin(head, start, limit);
    if ((this.#entry(end - 1, ENTRY_TEXT_END) - start) >>> 0 > limit) end = (end - 1) >>> 0;
    if (end === this.#tail) return 0;
    const lines = (this.#entry(end - 1, ENTRY_LINES) - this.#lines) >>> 0;
    this.release({ bytes: new Uint8Array(0), lines, start: this.#tail, end });
    return lines;
  }

  /** The number of the entry that comes next; with `isPast`, whether all that waits now is done with. */
  get head(): number {
    return this.#load(HEAD_OFFSET);
  }

  isPast(number: number): boolean {
    return ((this.#tail - number) | 0) >= 0;
  }

  /** This memory cannot be followed: no later process is to try. */
  condemn(): void {
    if (this.#hasCopy) Atomics.store(this.#words, RECOVERIES_OFFSET / 4, MOST_RECOVERIES);
  }

  /** Lines waiting. */
  get usedLines(): number {
    const head = this.#load(HEAD_OFFSET);
    return head === this.#tail ? 0 : (this.#entry(head - 1, ENTRY_LINES) - this.#lines) >>> 0;
  }

  /** Text bytes waiting. */
  get usedBytes(): number {
    const head = this.#load(HEAD_OFFSET);
    return head === this.#tail ? 0 : (this.#entry(head - 1, ENTRY_TEXT_END) - this.#textStart()) >>> 0;
  }

  /** What the reader thread has counted so far; each is exact, but they are not of one instant. */
  counters(): Readonly<Record<CounterName, number>> {
    const entries = COUNTER_NAMES.map((name, i): [CounterName, number] => [
      name,
      Number(Atomics.load(this.#counters, i)),
    ]);
    return Object.fromEntries(entries) as Record<CounterName, number>;
  }

  // The first index number, of tail+1..head, at which the text reaches `limit`: a binary search, as text_end grows.
  #endWithin(head: number, start: number, limit: number): number {
    let low = (this.#tail + 1) >>> 0;
    let span = (head - low) >>> 0; // the answer lies in low..low+span
    while (span > 0) {
      const half = span >>> 1;
      const middle = (low + half) >>> 0;
      const bytes = (this.#entry(middle - 1, ENTRY_TEXT_END) - start) >>> 0;
      if (bytes >= limit) {
        span = half;
      } else {
        low = (middle + 1) >>> 0;
        span -= half + 1;
      }
    }
    return low;
  }

  // Where the oldest waiting record's text begins. Not where the last released one's ended: an empty ring rewinds.
  #textStart(): number {
    return (this.#entry(this.#tail, ENTRY_TEXT_END) - this.#entry(this.#tail, ENTRY_LENGTH)) >>> 0;
  }

  #load(offset: number): number {
    return Atomics.load(this.#words, offset / 4);
  }

  #entry(number: number, field: number): number {
    return this.#words[(this.#indexOffset + (number & this.#indexMask) * ENTRY_BYTES + field) / 4] ?? 0;
  }
}
