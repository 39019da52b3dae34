/** What one rotation does, in order. Each step may run again after it failed. */
export interface RotationSteps {
  /** Every archive becomes one older, the live file becomes the first; it stays open, and records still go there. */
  shift(): Promise<void>;
  /** A new live file takes the records. */
  reopen(): Promise<void>;
  /** The archive is complete: read-only, and no longer ours to write. */
  seal(): Promise<void>;
}

const ORDER = ['shift', 'reopen', 'seal'] as const;

/**
 * One rotation at a time, resumed where it failed: a full disk between two steps costs no generation, however often
 * it is tried again. The order keeps a file open for the records at every moment, whichever step fails.
 */
export class Rotation {
  readonly #steps: RotationSteps;
  #next = 0;
  #isStarted = false;
  #hasFailed = false;

  constructor(steps: RotationSteps) {
    this.#steps = steps;
  }

  /** True between a failed step and the resume that gets through. */
  get isUnfinished(): boolean {
    return this.#isStarted;
  }

  /** True between a failed step and the end of the rotation, also while it is tried again. */
  get hasFailed(): boolean {
    return this.#hasFailed;
  }

  /** True while a failed `shift` is what has to be repeated: the archives may have moved in part. */
  get isShifting(): boolean {
    return this.#isStarted && ORDER[this.#next] === 'shift';
  }

  /** Starts a rotation, or goes on with the one that failed. Throws what the step threw. */
  async resume(): Promise<void> {
    this.#isStarted = true;
    try {
      for (; this.#next < ORDER.length; this.#next++) {
        const step = ORDER[this.#next];
        if (step !== undefined) await this.#steps[step]();
      }
    } finally {
      this.#hasFailed = this.#next < ORDER.length;
    }
    this.abandon();
  }

  /** What the failed rotation still had to do has been done otherwise, or is of no use any more. */
  abandon(): void {
    this.#next = 0;
    this.#isStarted = false;
    this.#hasFailed = false;
  }
}
