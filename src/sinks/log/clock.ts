/** The time, handed in so that a test decides it. */
export interface Clock {
  /** Milliseconds from some moment on; never goes back. For intervals. */
  monotonic(): number;
  /** Milliseconds since the epoch; an administrator may set it to anything. For the time of day. */
  wall(): number;
  pause(milliseconds: number): Promise<void>;
}

export const systemClock: Clock = {
  monotonic: () => performance.now(),
  wall: Date.now,
  pause: milliseconds => new Promise(resolve => setTimeout(resolve, milliseconds)),
};
