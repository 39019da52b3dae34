import type { RotationTime } from './logSettings.ts';

/** A clock set back by more than this was wrong before: waiting for its old time would stop rotation for as long. */
const LARGEST_SETBACK_MILLISECONDS = 25 * 60 * 60 * 1000;

/**
 * When a log is to be rotated by the time of day. Each of the moments counts once, whatever the clock does meanwhile:
 * set back, it does not count again when the same moment comes a second time; set forward over several, they count
 * as one.
 */
export class RotationSchedule {
  readonly #time: RotationTime;
  /** The latest moment that has been dealt with, in milliseconds since the epoch. */
  #dealtWith: number;

  /** @param since  When the live log was last written, or now for a new one: what passed since then is due. */
  constructor(time: RotationTime, since: number) {
    this.#time = time;
    this.#dealtWith = latestMoment(time, since);
  }

  isDue(now: number): boolean {
    if (now < this.#dealtWith - LARGEST_SETBACK_MILLISECONDS) this.#dealtWith = latestMoment(this.#time, now);
    // Most calls end here: the day's arithmetic is for one record in many.
    if (now < this.#dealtWith + LEAST_BETWEEN_MILLISECONDS) return false;
    return latestMoment(this.#time, now) > this.#dealtWith;
  }

  /** The log has been rotated for every moment up to now. */
  done(now: number): void {
    this.#dealtWith = Math.max(this.#dealtWith, latestMoment(this.#time, now));
  }
}

/** Between two moments there are 60 minutes at least; a change to summer time takes an hour off a day. */
const LEAST_BETWEEN_MILLISECONDS = 60 * 60 * 1000;

/** The latest of the schedule's moments that is not after `now`, by the local time of day. */
function latestMoment(time: RotationTime, now: number): number {
  const moment = new Date(now);
  if (time.kind === 'hourly') {
    // Counted back from now, not set: the local hour comes twice when summer time ends.
    const minutes = (moment.getMinutes() - time.minute + 60) % 60;
    return now - ((minutes * 60 + moment.getSeconds()) * 1000 + moment.getMilliseconds());
  }
  moment.setHours(time.hour, time.minute, 0, 0);
  if (moment.getTime() > now) {
    moment.setDate(moment.getDate() - 1);
    moment.setHours(time.hour, time.minute, 0, 0);
  }
  return moment.getTime();
}
