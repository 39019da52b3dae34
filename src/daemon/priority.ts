import { getPriority, setPriority } from 'node:os';

const HIGHEST = -20;

/**
 * The process's priority: what it was started with, and priority_boost above that. A reload replaces the boost before
 * it; it does not add to it.
 */
export class Priority {
  readonly #atStart = getPriority();

  /** @throws {Error} as setpriority(2). */
  boost(by: number): void {
    const wanted = Math.max(HIGHEST, this.#atStart - by);
    if (wanted !== getPriority()) setPriority(wanted);
  }
}
