import { setTimeout as pause } from 'node:timers/promises';
import { SystemError } from '../base/errors.ts';
import { addon, type NativeReader, native, type ReaderSource, type RingMemory } from '../binding/addon.ts';
import { type Destination, type FailureDecision, Pipeline, type RecordQueue } from '../pipeline/pipeline.ts';
import { Ring, type Run } from '../ring/ring.ts';
import { PacedRing } from './pacedRing.ts';

/** The reference waits this long for the kernel's answers: 80 times half a second. */
const REGISTRATION_MILLISECONDS = 40_000;

/** While records come fast, the reader thread looks this often instead of being woken for each one. */
const COALESCE_MICROSECONDS = 1000;

export interface RecordPathOptions {
  /** Null: no records but the daemon's own (local_events = no). */
  readonly source: ReaderSource | null;
  readonly ring: RingMemory;
  readonly isEnriched: boolean;
  /** Null: no node= prefix. */
  readonly node: string | null;
  readonly destination: () => Destination;
  readonly onFailure: (error: unknown) => Promise<FailureDecision>;
  /** The record path cannot go on: damaged memory. */
  readonly onFault: (error: unknown) => void;
  /** The source has ended by itself: a recorded log was read to its end. */
  readonly onEnd: () => void;
}

const emptyQueue: RecordQueue<Run> = { peek: () => null, release: () => undefined };

/** Who takes the ring's records beside the log: the dispatcher. */
export interface RecordTap {
  /** Takes what there is, ahead of the log. True when some is left for another turn of the event loop. */
  advance(): boolean;
  /** Takes everything before index number `end`. Null, or what the log should wait for. */
  advanceTo(end: number): Promise<void> | null;
}

/** Reader thread, ring and pipeline, put together. */
export class RecordPath {
  readonly reader: NativeReader | null;
  readonly ring: Ring | null;
  /** The ring's. */
  readonly memory: ArrayBuffer | null;
  readonly pipeline: Pipeline<Run>;
  readonly #options: RecordPathOptions;
  readonly #paced: PacedRing | null = null;
  #pause: NodeJS.Timeout | null = null;
  #tap: RecordTap | null = null;
  #isTapAhead = false;
  #onFinished: (() => void) | null = null;
  #isStopping = false;

  /** Opens the source. @throws {SystemError} EPROTONOSUPPORT for a kernel without audit, EPERM without privilege. */
  constructor(options: RecordPathOptions) {
    this.#options = options;
    const { source, ring, isEnriched, node, destination, onFailure } = options;
    if (source === null) {
      this.reader = null;
      this.ring = null;
      this.memory = null;
      this.pipeline = new Pipeline(emptyQueue, destination, onFailure);
      return;
    }
    this.reader = native(
      () =>
        new addon.AuditReader(ring, source, isEnriched, node ?? '', COALESCE_MICROSECONDS, () => this.#onReadable()),
    );
    this.memory = this.reader.memory;
    this.ring = new Ring(this.memory);
    this.#paced = new PacedRing(
      this.ring,
      () => performance.now(),
      milliseconds => this.#pauseFor(milliseconds),
    );
    this.pipeline = new Pipeline(this.#paced, destination, onFailure, run => this.#tap?.advanceTo(run.end) ?? null);
  }

  /** From here on `tap` gets every record, before the log does and whatever becomes of the log. */
  tapBy(tap: RecordTap): void {
    this.#tap = tap;
  }

  /**
   * Registers with the kernel, which may take a while: it first sends what it has queued, and the ring must take that.
   *
   * @throws {SystemError} EPERM; EEXIST when another daemon is registered; ETIMEDOUT.
   */
  async register(): Promise<void> {
    const { reader } = this;
    if (reader === null) return;
    native(() => reader.requestRegistration());
    const deadline = performance.now() + REGISTRATION_MILLISECONDS;
    while (!native(() => reader.isRegistered())) {
      if (performance.now() > deadline) throw new SystemError({ syscall: 'AUDIT_SET pid', errno: 110, path: null });
      await pause(1);
    }
  }

  start(): void {
    if (this.#hurry(false)) this.#take();
    native(() => this.reader?.start());
  }

  /**
   * The reader thread ends after the batch it is at. Socket and ring stay as they are, for another process or another
   * `start`; what is in the ring is still being written.
   */
  async leave(): Promise<void> {
    await this.#ended(reader => reader.leave());
    this.#isStopping = false;
  }

  /** Unregisters, and settles once every record that was on its way has reached its destination. */
  async stop(): Promise<void> {
    await this.#ended(reader => reader.stop());
    await this.pipeline.drain();
  }

  /** What the ring cannot take any more is counted as abandoned: for a stop that a dead disk holds up. */
  abandon(): void {
    this.reader?.abandon();
  }

  close(): void {
    this.reader?.close();
  }

  async #ended(end: (reader: NativeReader) => void): Promise<void> {
    this.#isStopping = true;
    const { reader } = this;
    if (this.#hurry(true)) this.#take();
    if (reader === null || reader.isFinished) return;
    const finished = new Promise<void>(resolve => {
      this.#onFinished = resolve;
    });
    end(reader);
    await finished;
  }

  // While the log stands still the ring fills, and plugins get their records all the same.
  #advanceTap(): void {
    try {
      if (this.#tap?.advance() !== true || this.#isTapAhead) return;
    } catch (error) {
      this.#options.onFault(error);
      return;
    }
    this.#isTapAhead = true;
    setImmediate(() => {
      this.#isTapAhead = false;
      this.#advanceTap();
    });
  }

  // True when a pause was cut short: what waited for its end must be taken now. Nobody tells of it again, and a full
  // ring would hold up the reader thread for ever.
  #hurry(isHurried: boolean): boolean {
    if (this.#paced !== null) this.#paced.isHurried = isHurried;
    if (this.#pause === null) return false;
    clearTimeout(this.#pause);
    this.#pause = null;
    return true;
  }

  #pauseFor(milliseconds: number): void {
    this.#pause ??= setTimeout(() => {
      this.#pause = null;
      this.#take();
    }, milliseconds);
  }

  // What is not acknowledged is not told again: during a pause nobody wakes this thread.
  #onReadable(): void {
    if (this.reader?.isFinished === true) this.#hurry(true);
    if (this.#pause === null && this.#paced?.pauses() !== true) this.#take();
  }

  #take(): void {
    this.reader?.acknowledge();
    this.#advanceTap();
    this.pipeline.drain().catch(this.#options.onFault);
    if (this.reader?.isFinished !== true) return;
    this.#onFinished?.();
    this.#onFinished = null;
    if (!this.#isStopping) this.#options.onEnd();
  }
}
