/** How to take back what a trial has done to the machine: last done, first undone. */
export class Undo {
  readonly #steps: (() => void | Promise<void>)[] = [];
  #running: Promise<void> | null = null;

  /**
   * Remembers how to undo what has just been done. A step may find that it is undone already.
   *
   * @throws {Error} once undoing has begun: nothing new may start then.
   */
  add(step: () => void | Promise<void>): void {
    this.requireOpen();
    this.#steps.push(step);
  }

  get hasBegun(): boolean {
    return this.#running !== null;
  }

  /** @throws {Error} once undoing has begun. */
  requireOpen(): void {
    if (this.hasBegun) throw new Error('interrupted');
  }

  /** Undoes everything. A step that fails is reported, and the others run all the same. */
  run(): Promise<void> {
    this.#running ??= this.#runAll();
    return this.#running;
  }

  async #runAll(): Promise<void> {
    for (let step = this.#steps.pop(); step !== undefined; step = this.#steps.pop()) {
      try {
        await step();
      } catch (error) {
        process.stderr.write(`cannot undo: ${error instanceof Error ? error.message : String(error)}\n`);
      }
    }
  }
}

/** Undoes everything, then exits with 128 + the signal's number, when the process is told to stop. */
export function undoOnSignals(undo: Undo): void {
  const exitCodes = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 } as const;
  for (const signal of ['SIGHUP', 'SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => void undo.run().then(() => process.exit(exitCodes[signal])));
  }
}
