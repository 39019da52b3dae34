import type { LocalClock, LocalTime, ReadTimeOfDay } from '../../auparse/localClock.ts';
import { reasonOf } from '../../base/errors.ts';

/** What a time option was given. At least one of both is not null. */
export interface TimeWords {
  readonly date: string | null;
  readonly time: string | null;
}

export type TimeLimit = 'start' | 'end';

/** A time option cannot be understood. The message is what the user is told. */
export class TimeError extends Error {
  override readonly name = 'TimeError';
}

/** Splits the one or two words of a time option: of two, the one with a colon is the time. */
export function timeWords(first: string, second: string | null): TimeWords {
  if (second !== null) return first.includes(':') ? { date: second, time: first } : { date: first, time: second };
  return first.includes(':') ? { date: null, time: first } : { date: first, time: null };
}

/**
 * The second that a time option means. Dates and times are in the form of the locale; keywords stand for dates.
 *
 * @throws {TimeError}
 * @see ausearch(8)
 */
export function searchTime(limit: TimeLimit, words: TimeWords, clock: LocalClock): number {
  try {
    return timeOf(limit, words, clock);
  } catch (error) {
    if (words.date !== 'boot' || !(error instanceof Error && 'errno' in error)) throw error;
    throw new TimeError(`Can't read uptime (${reasonOf(error)})\n${invalidDate(limit, words.date)}`, { cause: error });
  }
}

function timeOf(limit: TimeLimit, words: TimeWords, clock: LocalClock): number {
  const keyword = words.date === null ? undefined : KEYWORDS.get(words.date);
  const hasNoTime = words.time === null || words.time === '00:00:00';
  if (keyword !== undefined && hasNoTime && keyword.exact !== null) {
    const isToday = words.date === 'today';
    if (!isToday || limit === 'end') return keyword.exact(clock);
  }
  const date = keyword === undefined ? readDate(limit, words.date, clock) : keyword.date(clock);
  // A date alone ends at the time of day it is now, by the clock that is in force now.
  if (keyword === undefined && words.time === null && limit === 'end') {
    const { hours, minutes, seconds, isDst } = clock.localTime(clock.now());
    Object.assign(date, { hours, minutes, seconds, isDst });
  } else {
    const { hours, minutes, seconds } = words.time === null ? MIDNIGHT : readTimeOfDay(limit, words.time, clock);
    Object.assign(date, { hours, minutes, seconds });
  }
  const result = clock.makeTime(date);
  if (result === null) throw new TimeError(`Error converting ${limit} time`);
  return result;
}

/**
 * A time of ISO 8601 with its zone, 2026-11-22T08:37:16Z or …+01:00, as whole seconds; null for any other word. It
 * stands for itself: no second word belongs to it.
 */
export function zonedTime(word: string): number | null {
  if (!/^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d([.,]\d+)?)?(Z|[+-]\d\d(:?\d\d)?)$/.test(word)) return null;
  const [, moment = '', zone = ''] = /^(.{16,19}?)(?:[.,]\d+)?(Z|[+-].{2,5})$/.exec(word) ?? [];
  const digits = zone.replace(':', '').padEnd(5, '0');
  const milliseconds = Date.parse(`${moment}${zone === 'Z' ? 'Z' : `${digits.slice(0, 3)}:${digits.slice(3)}`}`);
  return Number.isNaN(milliseconds) ? null : Math.floor(milliseconds / 1000);
}

const MIDNIGHT = { hours: 0, minutes: 0, seconds: 0 };
const DAY = 24 * 60 * 60;
const RECENT = 10 * 60;
/** Audit is not older. */
const FIRST_YEAR = 2004;

interface Keyword {
  /** What it means without a time, or with midnight; null: midnight of its date. */
  readonly exact: ((clock: LocalClock) => number) | null;
  readonly date: (clock: LocalClock) => LocalTime;
}

const now = (clock: LocalClock): number => clock.now();
const recent = (clock: LocalClock): number => clock.now() - RECENT;
const daysAgo = (days: number) => (clock: LocalClock) => clock.localTime(clock.now() - days * DAY);
const at = (moment: (clock: LocalClock) => number): Keyword => ({
  exact: moment,
  date: clock => clock.localTime(moment(clock)),
});

const KEYWORDS: ReadonlyMap<string, Keyword> = new Map([
  ['now', at(now)],
  ['recent', at(recent)],
  // The reference leaves the minutes as they are.
  ['this-hour', at(now)],
  ['boot', at(bootTime)],
  // As a start it is midnight.
  ['today', { exact: now, date: daysAgo(0) }],
  ['yesterday', { exact: null, date: daysAgo(1) }],
  ['this-week', { exact: null, date: lastSunday }],
  ['week-ago', { exact: null, date: daysAgo(7) }],
  ['this-month', { exact: null, date: clock => ({ ...daysAgo(0)(clock), day: 1 }) }],
  ['this-year', { exact: null, date: clock => ({ ...daysAgo(0)(clock), day: 1, month: 0, isDst: 0 }) }],
]);

function lastSunday(clock: LocalClock): LocalTime {
  return daysAgo(daysAgo(0)(clock).weekday)(clock);
}

function bootTime(clock: LocalClock): number {
  return clock.now() - Math.round(clock.uptime());
}

function invalidDate(limit: TimeLimit, word: string): string {
  return `Invalid ${limit} date (${word}). Month, Day, and Year are required.`;
}

function readDate(limit: TimeLimit, word: string | null, clock: LocalClock): LocalTime {
  if (word === null) return { ...daysAgo(0)(clock), isDst: -1 };
  const read = clock.readDate(word);
  if (read === null) throw new TimeError(invalidDate(limit, word));
  if (read.rest !== '') throw new TimeError(`Error parsing ${limit} date (${word})`);
  const { year, month, day } = read;
  if (year < FIRST_YEAR) throw new TimeError(`Error - year is ${year}`);
  return { year, month, day, ...MIDNIGHT, weekday: 0, isDst: -1 };
}

function readTimeOfDay(limit: TimeLimit, word: string, clock: LocalClock): ReadTimeOfDay {
  // Seconds may be left out.
  const read = clock.readTimeOfDay(word.length <= 5 ? `${word}:00` : word);
  if (read === null) throw new TimeError(`Invalid ${limit} time (${word}). Hour, Minute, and Second are required.`);
  if (read.rest !== '') throw new TimeError(`Error parsing ${limit} time (${word})`);
  return read;
}
