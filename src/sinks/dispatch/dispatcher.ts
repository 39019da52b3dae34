import type { Plugin } from './plugin.ts';
import { type Batch, type Filling, Slabs } from './slabs.ts';
import type { StreamFormat } from './streamFormat.ts';

/** Records by their index numbers, free-running modulo 2^32, and the form in which plugins read them. */
export interface RecordRenderer {
  /** The first record that there is: what an earlier process left comes first. */
  readonly tail: number;
  /** One past the last record that there is. */
  readonly head: number;
  /** Writes records from `start` up to `end` to `out`, as far as whole ones fit. `next` is the first that did not. */
  render(
    format: StreamFormat,
    start: number,
    end: number,
    out: Uint8Array,
    offset: number,
  ): Filling & { readonly next: number };
  /** One line from elsewhere. Bytes written, 0 when it does not fit. */
  renderLine(format: StreamFormat, line: ForeignLine, out: Uint8Array, offset: number): number;
}

/** A record that does not come from the ring. */
export interface ForeignLine {
  readonly type: number;
  readonly bytes: Uint8Array;
  /** It goes out whole, as protocol version 1, whatever the ring's records do. */
  readonly isWhole: boolean;
}

export interface DispatcherOptions {
  readonly renderer: RecordRenderer;
  readonly pause: (milliseconds: number) => Promise<void>;
}

/** A reader this far behind makes the others wait a little, once a run. */
const BEHIND_BYTES = 8 << 20;
/** How long: as long as the reference waits for a slot of its queue. */
const PACE_MILLISECONDS = 8;
/** Records made into one batch, at most: what is worked on stays in the cache. */
const MOST_BATCH_RECORDS = 4096;
/** Records given to plugins while the log has not asked for them yet, in one turn of the event loop. */
const MOST_AHEAD_RECORDS = 2 * MOST_BATCH_RECORDS;
/** What a plugin that is a little behind holds: memory that is taken anew costs more than what is done in it. */
const RESERVED_SLABS = 8;
/** How long the log waits for a record to be in a plugin's spool. */
const STORE_MILLISECONDS = 1000;

/**
 * Gives every record to every plugin, in order, once. Records come from the ring by number and are put into the form
 * that plugins read once for each form; plugins share the result. It never waits for a plugin.
 */
export class Dispatcher {
  readonly #options: DispatcherOptions;
  readonly #slabs = new Slabs(RESERVED_SLABS);
  #plugins: readonly Plugin[] = [];
  #formats: readonly StreamFormat[] = [];
  #next: number;

  /** @param next  The first record to give away, where an earlier process has given away others. */
  constructor(options: DispatcherOptions, next: number | null = null) {
    this.#options = options;
    this.#next = next ?? options.renderer.tail;
  }

  get plugins(): readonly Plugin[] {
    return this.#plugins;
  }

  /** The first record that was not given away yet. */
  get next(): number {
    return this.#next;
  }

  /** Memory that records in plugins' form take. */
  get slabBytes(): number {
    return this.#slabs.bytes;
  }

  /** Who gets records from here on. */
  setPlugins(plugins: readonly Plugin[]): void {
    this.#plugins = plugins;
    this.#formats = [...new Set(plugins.map(plugin => plugin.format))];
  }

  /** Gives away what there is, ahead of the log. True when some is left for another turn. */
  advance(): boolean {
    const { head } = this.#options.renderer;
    this.#giveUntil(recordsAhead(this.#next, head) > MOST_AHEAD_RECORDS ? this.#next + MOST_AHEAD_RECORDS : head);
    return this.#next !== head;
  }

  /**
   * Gives away everything before record `end`, which then may go. Called before the log writes it, once or more.
   *
   * @returns Null, or what is worth waiting for: a spool that has it, and, for some milliseconds, readers that are slow.
   */
  advanceTo(end: number): Promise<void> | null {
    // It may have run ahead of the log.
    if (recordsAhead(this.#next, end) > 0) this.#giveUntil(end);
    return this.#settled();
  }

  /** A record that is not from the ring: one of the daemon's own, or of another machine. */
  dispatchLine(type: number, bytes: Uint8Array, isWhole: boolean): void {
    const line = { type, bytes, isWhole };
    for (const format of this.#formats) {
      const batch = this.#slabs.make((out, offset) => {
        const length = this.#options.renderer.renderLine(format, line, out, offset);
        return { records: length === 0 ? 0 : 1, bytes: length };
      });
      if (batch !== null) this.#offer(format, batch);
    }
  }

  /** Stops all plugins, in bounded time. */
  async stop(): Promise<void> {
    await Promise.all(this.#plugins.map(plugin => plugin.stop()));
  }

  #giveUntil(end: number): void {
    if (this.#plugins.length === 0) this.#next = end >>> 0;
    while (recordsAhead(this.#next, end) > 0) {
      const start = this.#next;
      const records = Math.min(recordsAhead(start, end), MOST_BATCH_RECORDS);
      for (const format of this.#formats) this.#giveRecords(format, start, (start + records) >>> 0);
      this.#next = (start + records) >>> 0;
    }
  }

  // In as many batches as slabs have room for.
  #giveRecords(format: StreamFormat, start: number, end: number): void {
    for (let next = start; next !== end; ) {
      const first = next;
      const batch = this.#slabs.make((out, offset) => {
        const rendered = this.#options.renderer.render(format, next, end, out, offset);
        next = rendered.next;
        return rendered;
      });
      if (batch !== null) this.#offer(format, batch);
      else if (next === first) throw new Error('a record does not fit into an empty slab');
    }
  }

  #offer(format: StreamFormat, batch: Batch): void {
    for (const plugin of this.#plugins) if (plugin.format === format) plugin.offer(batch);
    batch.release();
  }

  #settled(): Promise<void> | null {
    const { pause } = this.#options;
    const waits: Promise<void>[] = [];
    let isBehind = false;
    for (const plugin of this.#plugins) {
      const stored = plugin.stored();
      if (stored !== null) waits.push(Promise.race([stored, pause(STORE_MILLISECONDS)]));
      isBehind ||= plugin.isBehind(BEHIND_BYTES);
    }
    if (isBehind) waits.push(pause(PACE_MILLISECONDS));
    return waits.length === 0 ? null : Promise.all(waits).then(() => undefined);
  }
}

/** Record numbers wrap, so only their difference counts; negative when `to` lies before `from`. */
function recordsAhead(from: number, to: number): number {
  return (to - from) | 0;
}
