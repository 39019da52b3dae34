import { type AuditEvent, EventFeed, type ParseOptions, type ReadCounts } from '../auparse/index.ts';
import { LineCutter } from './lineCutter.ts';
import { RecordQueue } from './recordQueue.ts';

export interface PluginOptions {
  /** What the daemon feeds: standard input unless said otherwise. */
  readonly input?: AsyncIterable<Buffer> & { destroy?(): unknown };
  /** Records held here before reading waits; the daemon's own queue for this plugin comes before it. Default 1024. */
  readonly queueRecords?: number;
  /** Runs on SIGHUP: read the configuration again. Default: nothing. */
  readonly onReload?: () => void;
  /** Runs on SIGUSR1: report. Default: nothing. */
  readonly onReport?: (statistics: PluginStatistics) => void;
}

/** Counts since the start. */
export interface PluginStatistics {
  /** Records handed out. */
  readonly records: number;
  /** Records that wait now, and the most that ever waited; portions of up to 64 KiB when events are read. */
  readonly queued: number;
  readonly mostQueued: number;
  /** Records longer than the longest there may be (8,969 bytes), handed out without their end. */
  readonly cut: number;
}

const DEFAULT_QUEUE_RECORDS = 1024;
/** Of up to 64 KiB each: 4 MiB. */
const QUEUED_PORTIONS = 64;
const END_OF_EVENT_SECONDS = 2;
/** How often open events are looked at while nothing arrives. */
const AGE_MILLISECONDS = 1000;

/**
 * The frame of an audit plugin with `format = string`: takes the records that the daemon feeds to standard input.
 *
 * ```ts
 * const plugin = new Plugin();
 * for await (const record of plugin.records()) console.log(record.toString('latin1'));
 * ```
 *
 * SIGTERM and the end of input end the loop, after the records that had arrived by then. SIGHUP and SIGUSR1 do what
 * the options say, and never end the plugin.
 *
 * @see auditd-plugins(5)
 */
export class Plugin {
  readonly #input: AsyncIterable<Buffer> & { destroy?(): unknown };
  readonly #queue = new RecordQueue();
  readonly #queueRecords: number;
  readonly #cutter = new LineCutter();
  readonly #handlers: readonly (readonly [NodeJS.Signals, () => void])[];
  #counts: ReadCounts | null = null;
  #records = 0;
  #hasStarted = false;
  #hasStopped = false;

  constructor(options: PluginOptions = {}) {
    this.#input = options.input ?? process.stdin;
    this.#queueRecords = options.queueRecords ?? DEFAULT_QUEUE_RECORDS;
    const { onReload, onReport } = options;
    this.#handlers = [
      ['SIGTERM', () => this.stop()],
      // An ignored SIGHUP is still one that must not end the plugin.
      ['SIGHUP', () => onReload?.()],
      ['SIGUSR1', () => onReport?.(this.statistics)],
    ];
    for (const [signal, handler] of this.#handlers) process.on(signal, handler);
  }

  get statistics(): PluginStatistics {
    return {
      records: this.#counts?.records ?? this.#records,
      queued: this.#queue.depth,
      mostQueued: this.#queue.mostQueued,
      cut: this.#counts?.cutLines ?? this.#cutter.cutRecords,
    };
  }

  /** Ends the reading; the loop ends after the records that have arrived. */
  stop(): void {
    if (this.#hasStopped) return;
    this.#hasStopped = true;
    for (const [signal, handler] of this.#handlers) process.off(signal, handler);
    this.#queue.end();
    this.#input.destroy?.();
  }

  /** Every record, in order: one line each, without its newline, as bytes: a record need not be UTF-8. */
  async *records(): AsyncGenerator<Buffer, void, undefined> {
    for await (const batch of this.batches()) yield* batch;
  }

  /** The same in the portions in which they arrive: cheaper where much arrives. */
  async *batches(): AsyncGenerator<readonly Buffer[], void, undefined> {
    this.#start();
    const reading = this.#read(chunk => this.#cutter.cut(chunk), this.#queueRecords);
    try {
      for (let batch = await this.#queue.take(); batch !== null; batch = await this.#queue.take()) {
        this.#records += batch.length;
        yield batch;
      }
    } finally {
      this.stop();
      await reading;
    }
  }

  /**
   * Complete events, in order. One that nothing completes is handed out once it is `endOfEventTimeoutSeconds` old by
   * the clock (2 unless said otherwise), and at the end.
   */
  async *events(options: ParseOptions = {}): AsyncGenerator<AuditEvent, void, undefined> {
    const feed = new EventFeed({
      ...options,
      endOfEventTimeoutSeconds: options.endOfEventTimeoutSeconds ?? END_OF_EVENT_SECONDS,
    });
    this.#start();
    const reading = this.#read(chunk => [chunk], QUEUED_PORTIONS);
    try {
      for (
        let chunks = await this.#queue.take(AGE_MILLISECONDS);
        chunks !== null;
        chunks = await this.#queue.take(AGE_MILLISECONDS)
      ) {
        for (const chunk of chunks) yield* feed.feed(chunk);
        // Only when nothing came for a while: records that were spooled are old when they come, and an event that is
        // cut in two by where a read ended would be completed between its halves.
        if (chunks.length === 0) yield* feed.ageEvents();
        this.#counts = feed.counts;
      }
      yield* feed.end();
      this.#counts = feed.counts;
    } finally {
      this.stop();
      await reading;
    }
  }

  #start(): void {
    if (this.#hasStarted) throw new Error('a plugin has one stream of records, or of events');
    this.#hasStarted = true;
  }

  /** Never rejects: what went wrong comes out of the queue, behind the records. */
  async #read(portionsOf: (chunk: Buffer) => readonly Buffer[], limit: number): Promise<void> {
    try {
      for await (const chunk of this.#input) {
        this.#queue.push(portionsOf(chunk));
        if (this.#hasStopped) break;
        await this.#queue.room(limit);
      }
      const last = this.#cutter.end();
      // Ended by the other side within a record: what is there of it is handed on.
      if (last !== null && !this.#hasStopped) this.#queue.push([last]);
      this.#queue.end();
    } catch (error) {
      // Destroying the input to stop it makes the loop above throw.
      this.#queue.end(this.#hasStopped ? null : error);
    }
  }
}
