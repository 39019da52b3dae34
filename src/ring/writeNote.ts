import { NOTE_OFFSET, OWN_RECORD_BYTES, OWN_RECORD_OFFSET } from './layout.ts';

/** Which file, by number, and from which of its bytes on. */
export interface WritePlace {
  readonly dev: number;
  readonly ino: number;
  readonly offset: number;
}

/** What a process was about to append when it died. It may have written none of it, some, or all. */
export type NotedWrite =
  | { readonly kind: 'run'; readonly place: WritePlace; readonly cursor: number; readonly length: number }
  | { readonly kind: 'own'; readonly place: WritePlace; readonly bytes: Uint8Array };

const RUN = 1;
const OWN = 2;
const CHECK = 0;
const KIND = 1;
const CURSOR = 2;
const LENGTH = 3;
const WORDS = 16;
/** In units of eight bytes. */
const DEV = 2;
const INO = 3;
const OFFSET = 4;
const CHECKED_WORDS = 10;

/**
 * A note in the ring's memory, made before each write to the log: so that whoever comes after a process that was killed
 * can tell how much of that write reached the file. A note whose check does not fit was never finished, and then nothing
 * had been written.
 */
export class WriteNote {
  readonly #words: Uint32Array;
  readonly #numbers: Float64Array;
  readonly #own: Uint8Array;

  /** @param memory  A ring's, of layout 2. */
  constructor(memory: ArrayBuffer) {
    this.#words = new Uint32Array(memory, NOTE_OFFSET, WORDS);
    this.#numbers = new Float64Array(memory, NOTE_OFFSET, WORDS / 2);
    this.#own = new Uint8Array(memory, OWN_RECORD_OFFSET, OWN_RECORD_BYTES);
  }

  /** Text of the ring, from a text cursor on, is about to be written. */
  noteRun(place: WritePlace, cursor: number, length: number): void {
    this.clear();
    this.#write(RUN, place, cursor, length);
  }

  /** Bytes of our own are about to be written. False when they are too many to be kept. */
  noteOwn(place: WritePlace, bytes: Uint8Array): boolean {
    this.clear();
    if (bytes.length > OWN_RECORD_BYTES) return false;
    this.#own.set(bytes);
    this.#write(OWN, place, 0, bytes.length);
    return true;
  }

  clear(): void {
    Atomics.store(this.#words, CHECK, 0);
  }

  /** Null: nothing was being written. */
  read(): NotedWrite | null {
    const length = this.#words[LENGTH] ?? 0;
    const kind = this.#words[KIND];
    if (kind === OWN && length > OWN_RECORD_BYTES) return null;
    if (Atomics.load(this.#words, CHECK) !== this.#sum()) return null;
    const place = { dev: this.#number(DEV), ino: this.#number(INO), offset: this.#number(OFFSET) };
    if (kind === RUN) return { kind: 'run', place, cursor: this.#words[CURSOR] ?? 0, length };
    if (kind === OWN) return { kind: 'own', place, bytes: this.#own.slice(0, length) };
    return null;
  }

  #write(kind: number, place: WritePlace, cursor: number, length: number): void {
    this.#words[KIND] = kind;
    this.#words[CURSOR] = cursor;
    this.#words[LENGTH] = length;
    this.#numbers[DEV] = place.dev;
    this.#numbers[INO] = place.ino;
    this.#numbers[OFFSET] = place.offset;
    Atomics.store(this.#words, CHECK, this.#sum()); // last: a note is whole before it counts
  }

  #number(at: number): number {
    return this.#numbers[at] ?? 0;
  }

  // FNV-1a; never 0, which is no note.
  #sum(): number {
    let sum = 0x811c9dc5;
    for (let at = KIND; at < CHECKED_WORDS; at++) sum = Math.imul(sum ^ (this.#words[at] ?? 0), 0x01000193);
    if (this.#words[KIND] === OWN) {
      const length = Math.min(this.#words[LENGTH] ?? 0, OWN_RECORD_BYTES);
      for (let at = 0; at < length; at++) sum = Math.imul(sum ^ (this.#own[at] ?? 0), 0x01000193);
    }
    return sum >>> 0 || 1;
  }
}
