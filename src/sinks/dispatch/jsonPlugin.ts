import type { Plugin, PluginReport } from './plugin.ts';
import { type HandedProgram, ProgramPlugin } from './programPlugin.ts';
import { Batch, type Filling, Slabs } from './slabs.ts';
import { countRecords } from './streamFormat.ts';

/** Makes one JSON line of each complete event; one call at a time. The bytes handed over stay as they are meanwhile. */
export interface EventLines {
  /** Takes whole lines, in order. */
  feed(lines: readonly Uint8Array[]): Promise<void>;
  /** Completes events that no record has completed for too long. @param nowSeconds  Of the wall clock. */
  age(nowSeconds: number): Promise<void>;
  /** Completes all that is held. */
  end(): Promise<void>;
  /** Between two calls: moves lines that these have made to `out`, from `offset` on, as far as whole ones fit. */
  take(out: Uint8Array, offset: number): Filling;
  /** Moves the first of them, however long it is. Null: there is none. */
  takeFirst(): Uint8Array | null;
  /** The records of events that are not complete, as they came; they are then forgotten. */
  takeOpen(): Promise<Uint8Array>;
  /** Between two calls: some event is not complete. */
  readonly hasOpenEvents: boolean;
}

/** What another process needs to go on. */
export interface HandedEvents {
  readonly name: string;
  /** Of events that are not complete: whole lines. */
  readonly openRecords: Uint8Array;
}

export interface JsonOptions {
  /** Takes the lines. */
  readonly target: Plugin;
  readonly lines: EventLines;
  /** Most records that wait to be converted while nothing is; q_depth. */
  readonly limit: number;
  readonly wallSeconds: () => number;
  /** Runs `task` every so often until the returned function is called. */
  readonly every: (milliseconds: number, task: () => void) => () => void;
  readonly onOverflow: (plugin: Plugin, isFirst: boolean) => void;
}

const AGE_MILLISECONDS = 1000;
/** What may wait while conversion goes on: a flood of a few seconds. Making an event takes longer than logging it. */
const ELASTIC_BYTES = 128 << 20;
/** One conversion takes no more, so that its result does not come in one lump. */
const MOST_BYTES_AT_ONCE = 1 << 20;
/** In which its result has room. */
const RESERVED_SLABS = 3;

/**
 * Gives another plugin events as JSON lines instead of records: docs/json.md. Conversion runs on another thread; what
 * comes meanwhile waits, up to a limit, and beyond it is dropped and counted here.
 */
export class JsonPlugin implements Plugin {
  readonly name: string;
  readonly format = 'string';
  readonly #options: JsonOptions;
  #limit: number;
  readonly #batches: Batch[] = [];
  readonly #slabs = new Slabs(RESERVED_SLABS);
  #waitingRecords = 0;
  #mostWaitingRecords = 0;
  #waitingBytes = 0;
  #lostRecords = 0;
  #isOverflowing = false;
  #hasOverflowed = false;
  #isSuspended = false;
  #working: Promise<void> | null = null;
  #stopAgeing: (() => void) | null = null;

  constructor(options: JsonOptions) {
    this.#options = options;
    this.name = options.target.name;
    this.#limit = options.limit;
  }

  /** Its events go to a program, which another process can go on with. */
  get feedsProgram(): boolean {
    return this.#options.target instanceof ProgramPlugin;
  }

  async start(): Promise<void> {
    this.#stopAgeing ??= this.#options.every(AGE_MILLISECONDS, () => this.#age());
    await this.#options.target.start();
  }

  /**
   * Goes on where another process ended: with its open events, and with its program when there is one.
   *
   * @param program  Null: the target is started.
   */
  async adopt({ openRecords }: HandedEvents, program: HandedProgram | null): Promise<void> {
    const { target, every } = this.#options;
    this.#stopAgeing ??= every(AGE_MILLISECONDS, () => this.#age());
    // Before anything else comes: the rest of these events.
    if (openRecords.length > 0) {
      const batch = new Batch(openRecords, countRecords('string', openRecords));
      this.offer(batch);
      batch.release();
    }
    if (program !== null && target instanceof ProgramPlugin) await target.adopt(program);
    else await target.start();
  }

  /** Ends this object without writing what is open as if it were complete, and without ending a program. */
  async handOver(): Promise<{ readonly events: HandedEvents; readonly program: HandedProgram | null }> {
    const { target, lines } = this.#options;
    this.#stopAgeing?.();
    this.#stopAgeing = null;
    while (this.#working !== null) await this.#working;
    const openRecords = await lines.takeOpen();
    const program = target instanceof ProgramPlugin ? await target.handOver() : null;
    if (program === null) await target.stop();
    return { events: { name: this.name, openRecords }, program };
  }

  offer(batch: Batch): void {
    if (this.#isSuspended) {
      this.#lostRecords += batch.records;
      return;
    }
    if (!this.#hasRoomFor(batch)) {
      this.#lostRecords += batch.records;
      const isFirst = !this.#isOverflowing;
      this.#isOverflowing = true;
      this.#hasOverflowed = true;
      this.#options.onOverflow(this, isFirst);
      return;
    }
    this.#isOverflowing = false;
    this.#batches.push(batch.hold());
    this.#waitingRecords += batch.records;
    this.#waitingBytes += batch.bytes.length;
    this.#mostWaitingRecords = Math.max(this.#mostWaitingRecords, this.#waitingRecords);
    this.#work();
  }

  /** A spool behind this one holds events, not records: what was not converted yet is not in it. */
  stored(): null {
    return null;
  }

  // Being behind is what it has room for: only when half of that is taken, others wait for it.
  isBehind(bytes: number): boolean {
    return this.#waitingBytes > Math.max(bytes, ELASTIC_BYTES / 2) || this.#options.target.isBehind(bytes);
  }

  resume(): void {
    this.#isSuspended = false;
    this.#isOverflowing = false;
    this.#hasOverflowed = false;
    this.#options.target.resume();
  }

  suspend(): void {
    this.#isSuspended = true;
    this.#options.target.suspend();
  }

  setLimit(records: number): void {
    this.#limit = records;
    this.#options.target.setLimit(records);
  }

  /** What waits is converted first, and events that are still open are written as they are. */
  async stop(): Promise<void> {
    this.#stopAgeing?.();
    this.#stopAgeing = null;
    while (this.#working !== null) await this.#working; // the end of one call may be the beginning of the next
    await this.#options.lines.end();
    this.#give();
    await this.#options.target.stop();
  }

  /** Counts of the target are of events, those of this one of records. */
  report(): PluginReport {
    const target = this.#options.target.report();
    return {
      ...target,
      kind: `json ${target.kind}`,
      backlogRecords: target.backlogRecords + this.#waitingRecords,
      mostBacklogRecords: Math.max(target.mostBacklogRecords, this.#mostWaitingRecords),
      lostRecords: target.lostRecords + this.#lostRecords,
      hasOverflowed: target.hasOverflowed || this.#hasOverflowed,
      isSuspended: target.isSuspended || this.#isSuspended,
    };
  }

  #hasRoomFor(batch: Batch): boolean {
    if (this.#batches.length === 0) return true;
    if (this.#isOverflowing) return this.#waitingRecords <= this.#limit / 2;
    if (this.#waitingRecords + batch.records <= this.#limit) return true;
    return this.#waitingBytes + batch.bytes.length <= ELASTIC_BYTES;
  }

  #work(): void {
    this.#working ??= this.#convert().finally(() => {
      this.#working = null;
    });
  }

  async #convert(): Promise<void> {
    while (this.#batches.length > 0) {
      let bytes = 0;
      let count = 0;
      for (const batch of this.#batches) {
        if (count > 0 && bytes + batch.bytes.length > MOST_BYTES_AT_ONCE) break;
        bytes += batch.bytes.length;
        count++;
      }
      const batches = this.#batches.slice(0, count);
      await this.#options.lines.feed(batches.map(batch => batch.bytes));
      this.#batches.splice(0, count);
      for (const batch of batches) {
        this.#waitingRecords -= batch.records;
        this.#waitingBytes -= batch.bytes.length;
        batch.release();
      }
      this.#give();
    }
  }

  #age(): void {
    const { lines, wallSeconds } = this.#options;
    // While records come, events complete one another; and those that were late are older than the clock says.
    if (this.#working !== null || !lines.hasOpenEvents) return;
    this.#working = lines
      .age(wallSeconds())
      .then(() => this.#give())
      .finally(() => {
        this.#working = null;
        if (this.#batches.length > 0) this.#work();
      });
  }

  #give(): void {
    const { lines, target } = this.#options;
    for (;;) {
      const batch = this.#slabs.make((out, offset) => lines.take(out, offset)) ?? this.#takeFirst();
      if (batch === null) return;
      target.offer(batch);
      batch.release();
    }
  }

  // For a line that no slab has room for.
  #takeFirst(): Batch | null {
    const line = this.#options.lines.takeFirst();
    return line === null ? null : new Batch(line, 1);
  }
}
