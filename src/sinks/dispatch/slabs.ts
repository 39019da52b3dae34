/** Bytes of one slab: a batch of the busiest moment, a few thousand records. */
const SLAB_BYTES = 1 << 20;
/** Less room than this at a slab's end is left alone: it might not hold even one record. */
const LEAST_ROOM_BYTES = 16 * 1024;

/** Whole records in the form in which plugins read them. Shared by all who have yet to send it; never copied. */
export class Batch {
  readonly bytes: Uint8Array;
  readonly records: number;
  readonly #slab: Slab | null;
  #holders = 1;

  constructor(bytes: Uint8Array, records: number, slab: Slab | null = null) {
    this.bytes = bytes;
    this.records = records;
    this.#slab = slab;
    if (slab !== null) slab.batches++;
  }

  hold(): this {
    this.#holders++;
    return this;
  }

  /** The last one who lets go gives the memory back. */
  release(): void {
    if (--this.#holders === 0) this.#slab?.release();
  }
}

/** What was written into a slab. */
export interface Filling {
  readonly records: number;
  readonly bytes: number;
}

/**
 * Memory for batches: one copy of each record for all plugins that read the same form. A slab is used again once
 * nobody holds a batch in it; plugins that keep pace make that always the same one, which stays in the cache.
 */
export class Slabs {
  readonly #spare: Slab[] = [];
  readonly #mostSpare: number;
  #current: Slab | null = null;
  #count = 0;

  /** @param mostSpare  In reserve: a plugin that is a little behind would otherwise cost an allocation a megabyte. */
  constructor(mostSpare = 1) {
    this.#mostSpare = mostSpare;
  }

  /** What the slabs in use and in reserve take. */
  get bytes(): number {
    return this.#count * SLAB_BYTES;
  }

  /**
   * Has a batch written, and gives it with one holder.
   *
   * @param fill  Writes whole records to `out` from `offset` on, as far as there is room.
   * @returns     Null when it wrote none.
   */
  make(fill: (out: Uint8Array, offset: number) => Filling): Batch | null {
    const slab = this.#slabWithRoom();
    const start = slab.used;
    const { records, bytes } = fill(slab.memory, start);
    if (records === 0) return null;
    slab.used += bytes;
    return new Batch(slab.memory.subarray(start, start + bytes), records, slab);
  }

  #slabWithRoom(): Slab {
    const { memory, used } = this.#current ?? { memory: { length: 0 }, used: 0 };
    if (this.#current !== null && memory.length - used >= LEAST_ROOM_BYTES) return this.#current;
    const full = this.#current;
    this.#current = this.#spare.pop() ?? this.#newSlab();
    if (full !== null && full.batches === 0) this.#setFree(full);
    return this.#current;
  }

  #newSlab(): Slab {
    this.#count++;
    return new Slab(Buffer.allocUnsafeSlow(SLAB_BYTES), slab => this.#setFree(slab));
  }

  #setFree(slab: Slab): void {
    slab.used = 0;
    if (slab === this.#current) return;
    if (this.#spare.length < this.#mostSpare) this.#spare.push(slab);
    else this.#count--;
  }
}

class Slab {
  readonly memory: Uint8Array;
  used = 0;
  batches = 0;
  readonly #onFree: (slab: Slab) => void;

  constructor(memory: Uint8Array, onFree: (slab: Slab) => void) {
    this.memory = memory;
    this.#onFree = onFree;
  }

  release(): void {
    if (--this.batches === 0) this.#onFree(this);
  }
}
