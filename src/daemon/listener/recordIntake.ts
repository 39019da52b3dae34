import type { Offered, Run } from '../../pipeline/pipeline.ts';
import { isFull, LogSuspended } from '../../sinks/log/logFailure.ts';
import { SinkError } from '../../sinks/recordSink.ts';

/** What became of a remote record at the log. */
export type Outcome = 'written' | 'suspended' | 'full' | 'failed';

/** The head of the pipeline. */
export interface IntakeTarget {
  offer(take: (limit: number) => Run): Promise<Offered>;
}

/** What waits for the log, of all clients together, before no client is read any more. */
const MOST_QUEUED_BYTES = 16 << 20;

interface Submission {
  readonly lines: readonly Buffer[];
  readonly outcomes: Outcome[];
  readonly settle: (outcomes: readonly Outcome[]) => void;
}

interface Waiting {
  readonly line: Buffer;
  readonly submission: Submission;
}

/**
 * Records of all clients on their way into the pipeline: merged into runs, one offered at a time, so that between any
 * two the machine's own records get their turn.
 */
export class RecordIntake {
  readonly #target: IntakeTarget;
  readonly #onRoom: () => void;
  readonly #onFault: (error: unknown) => void;
  readonly #waiting: Waiting[] = [];
  #queuedBytes = 0;
  #isPumping = false;

  /**
   * @param onRoom   There is room again after there was none.
   * @param onFault  The pipeline cannot go on.
   */
  constructor(target: IntakeTarget, onRoom: () => void, onFault: (error: unknown) => void) {
    this.#target = target;
    this.#onRoom = onRoom;
    this.#onFault = onFault;
  }

  get hasRoom(): boolean {
    return this.#queuedBytes < MOST_QUEUED_BYTES;
  }

  /** Settles with what became of each line, in their order, once the log was tried with the last one. */
  submit(lines: readonly Buffer[]): Promise<readonly Outcome[]> {
    if (lines.length === 0) return Promise.resolve([]);
    return new Promise(settle => {
      const submission: Submission = { lines, outcomes: [], settle };
      for (const line of lines) {
        this.#waiting.push({ line, submission });
        this.#queuedBytes += line.length;
      }
      if (!this.#isPumping) this.#pump().catch(this.#onFault);
    });
  }

  async #pump(): Promise<void> {
    this.#isPumping = true;
    while (this.#waiting.length > 0) {
      let taken: readonly Waiting[] = [];
      const { keptLines, error } = await this.#target.offer(limit => {
        taken = this.#take(limit);
        return { bytes: Buffer.concat(taken.map(({ line }) => line)), lines: taken.length };
      });
      for (const [index, { submission }] of taken.entries()) {
        submission.outcomes.push(index < keptLines ? 'written' : failure(error));
        if (submission.outcomes.length === submission.lines.length) submission.settle(submission.outcomes);
      }
    }
    this.#isPumping = false;
  }

  /** At least one line, and lines until the limit is reached: a run ends as the ring's do. */
  #take(limit: number): readonly Waiting[] {
    const hadRoom = this.hasRoom;
    let bytes = 0;
    let count = 0;
    for (const { line } of this.#waiting) {
      bytes += line.length;
      count++;
      if (bytes >= limit) break;
    }
    this.#queuedBytes -= bytes;
    if (!hadRoom && this.hasRoom) this.#onRoom();
    return this.#waiting.splice(0, count);
  }
}

function failure(error: unknown): Outcome {
  if (error instanceof LogSuspended) return 'suspended';
  return isFull(error instanceof SinkError ? error.cause : error) ? 'full' : 'failed';
}
