/** Consecutive records as the ring hands them out: whole lines, borrowed until `release`. */
export interface Run {
  readonly bytes: Uint8Array;
  readonly lines: number;
}

/** What the pipeline needs of the ring between the reader thread and itself. */
export interface RecordQueue<R extends Run> {
  peek(limit: number): R | null;
  release(run: R): void;
}

/** What the pipeline needs of a sink. */
export interface Destination {
  readonly roomBytes: number;
  write(bytes: Uint8Array, lines: number): Promise<void>;
}

/**
 * What becomes of records that the destination did not take. retry: the same again; whoever decides so has waited as
 * long as is sensible. discard: they are lost, and counted.
 */
export type FailureDecision = 'retry' | 'discard';

/** What became of records that somebody else still has: the first `keptLines` are written. */
export interface Offered {
  readonly keptLines: number;
  /** What the destination threw at the rest; null when there is no rest. */
  readonly error: unknown;
}

/** Bytes of one run: enough that a write's cost is the bytes', few enough to stay in the processor's cache. */
const MOST_RUN_BYTES = 1 << 20;

/** Something done between two writes. What it returns, a record of the daemon's own, is written before all else. */
type Step = () => Promise<Uint8Array | null>;

interface PendingStep {
  readonly run: Step;
  readonly settled: () => void;
}

/**
 * Carries records to their destination: runs of the ring, and between them the daemon's own records and steps. One
 * write at a time, in order; a run's space is given back when its write is done, so a slow disk fills the ring and nothing else.
 */
export class Pipeline<R extends Run> {
  readonly #queue: RecordQueue<R>;
  readonly #destination: () => Destination;
  readonly #onFailure: (error: unknown) => Promise<FailureDecision>;
  readonly #beforeWrite: (run: R) => Promise<void> | null;
  readonly #steps: PendingStep[] = [];
  #draining: Promise<void> | null = null;
  #discardedLines = 0;
  #writtenLines = 0;

  /**
   * @param destination  Asked before each write, so that another can take over between two.
   * @param onFailure    Gets what `write` threw. The pipeline stands still until it has decided.
   * @param beforeWrite  Gets each run once before the destination does: what else takes records takes them here. What
   *                     it returns is waited for.
   */
  constructor(
    queue: RecordQueue<R>,
    destination: () => Destination,
    onFailure: (error: unknown) => Promise<FailureDecision>,
    beforeWrite: (run: R) => Promise<void> | null = () => null,
  ) {
    this.#queue = queue;
    this.#destination = destination;
    this.#onFailure = onFailure;
    this.#beforeWrite = beforeWrite;
  }

  /** Lines that reached the destination. */
  get writtenLines(): number {
    return this.#writtenLines;
  }

  /** Lines given up because the destination did not take them. */
  get discardedLines(): number {
    return this.#discardedLines;
  }

  /** Writes a record of the daemon's own, newline included, before what the ring holds from now on. */
  emit(bytes: Uint8Array): Promise<void> {
    return this.between(async () => bytes);
  }

  /**
   * Runs a step while no write is under way: a rotation, a reload. Steps run in order; while a write keeps failing they
   * run between its tries. The promise settles when the step's own record, too, has reached the destination.
   *
   * @throws what the step threw; the pipeline then stands still, as after damaged memory.
   */
  between(run: Step): Promise<void> {
    const done = new Promise<void>(settled => this.#steps.push({ run, settled }));
    // Under load a drain may not end for a long time; its failure, though, is this step's failure.
    return Promise.race([done, this.drain()]);
  }

  /**
   * Writes records that somebody else still has, a remote machine, and can be told that they were not taken. They wait
   * for nobody: what fails, and fails again after the daemon has answered the failure, goes back.
   *
   * @param take  Called when it is their turn, with the most bytes that may be handed over.
   */
  async offer(take: (limit: number) => Run): Promise<Offered> {
    let offered: Offered = { keptLines: 0, error: null };
    await this.between(async () => {
      offered = await this.#writeOrReturn(take(this.#mostBytes));
      return null;
    });
    return offered;
  }

  /** Writes until nothing is left in the ring and no step waits. Cheap to call when a drain is under way. */
  drain(): Promise<void> {
    this.#draining ??= this.#writeAll();
    return this.#draining;
  }

  async #writeAll(): Promise<void> {
    await null; // so that #draining is set before the end, below, resets it
    for (;;) {
      await this.#runSteps();
      const run = this.#queue.peek(this.#mostBytes);
      if (run === null) {
        // At once, not when the promise settles: whoever finds something new from here on starts another drain.
        this.#draining = null;
        return;
      }
      const taken = this.#beforeWrite(run);
      if (taken !== null) await taken;
      if (run.bytes.length > 0) await this.#write(run.bytes, run.lines);
      this.#queue.release(run);
    }
  }

  async #runSteps(): Promise<void> {
    for (let step = this.#steps.shift(); step !== undefined; step = this.#steps.shift()) {
      const own = await step.run();
      if (own !== null) await this.#write(own, 1);
      step.settled();
    }
  }

  get #mostBytes(): number {
    return Math.min(this.#destination().roomBytes, MOST_RUN_BYTES);
  }

  async #writeOrReturn({ bytes, lines }: Run): Promise<Offered> {
    let kept = 0;
    let keptLines = 0;
    for (let isLast = false; ; isLast = true) {
      try {
        await this.#destination().write(bytes.subarray(kept), lines - keptLines);
        this.#writtenLines += lines - keptLines;
        return { keptLines: lines, error: null };
      } catch (error) {
        const more = countLines(bytes.subarray(kept, kept + keptBytes(error)));
        kept += keptBytes(error);
        keptLines += more;
        this.#writtenLines += more;
        const decision = await this.#onFailure(error);
        if (keptLines === lines) return { keptLines, error: null };
        if (isLast || decision === 'discard') return { keptLines, error };
      }
    }
  }

  async #write(bytes: Uint8Array, lines: number): Promise<void> {
    let rest = bytes;
    let restLines = lines;
    while (restLines > 0) {
      try {
        await this.#destination().write(rest, restLines);
        this.#writtenLines += restLines;
        return;
      } catch (error) {
        const kept = keptBytes(error);
        const keptLines = countLines(rest.subarray(0, kept));
        this.#writtenLines += keptLines;
        rest = rest.subarray(kept);
        restLines -= keptLines;
        if ((await this.#onFailure(error)) === 'discard') {
          this.#discardedLines += restLines;
          return;
        }
        // What somebody asked for may be just what mends the destination.
        await this.#runSteps();
      }
    }
  }
}

function keptBytes(error: unknown): number {
  return error instanceof Error && 'keptBytes' in error && typeof error.keptBytes === 'number' ? error.keptBytes : 0;
}

function countLines(bytes: Uint8Array): number {
  let lines = 0;
  for (let at = bytes.indexOf(0x0a); at !== -1; at = bytes.indexOf(0x0a, at + 1)) lines++;
  return lines;
}
