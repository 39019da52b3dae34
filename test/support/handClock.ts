import type { Clock } from '../../src/sinks/log/clock.ts';

/** A clock that moves when a test moves it. A pause is over at once, and moves it too. */
export class HandClock implements Clock {
  monotonicMilliseconds = 0;
  wallMilliseconds: number;
  pauses = 0;

  constructor(wallMilliseconds = Date.UTC(2030, 0, 15, 12)) {
    this.wallMilliseconds = wallMilliseconds;
  }

  monotonic = (): number => this.monotonicMilliseconds;
  wall = (): number => this.wallMilliseconds;

  pause = async (milliseconds: number): Promise<void> => {
    this.pauses++;
    this.pass(milliseconds);
    await new Promise(resolve => setImmediate(resolve));
  };

  pass(milliseconds: number): void {
    this.monotonicMilliseconds += milliseconds;
    this.wallMilliseconds += milliseconds;
  }
}
