import { readFileSync } from 'node:fs';
import { addon } from '../binding/addon.ts';

/** A local time as struct tm has it, but for the year, which is whole: 2026. */
export interface LocalTime {
  year: number;
  /** 0 to 11. */
  month: number;
  day: number;
  hours: number;
  minutes: number;
  seconds: number;
  /** 0 is Sunday. */
  weekday: number;
  /** Whether summer time is in force: 1, 0, or -1 for what the time zone says. */
  isDst: number;
}

/** A date or a time read in the locale's form, and what is left of the word. */
export interface ReadDate {
  readonly year: number;
  readonly month: number;
  readonly day: number;
  readonly rest: string;
}
export interface ReadTimeOfDay {
  readonly hours: number;
  readonly minutes: number;
  readonly seconds: number;
  readonly rest: string;
}

/** The C library's times and dates, which follow the time zone and the locale of this process's environment. */
export interface LocalClock {
  /** Seconds since the epoch. */
  now(): number;
  localTime(seconds: number): LocalTime;
  /** mktime(3): seconds; null when there is no such time. Fields out of range count on. */
  makeTime(time: LocalTime): number | null;
  /** strptime(3) with %x; null when the word, a byte string, starts with no date. */
  readDate(word: string): ReadDate | null;
  /** strptime(3) with %X. */
  readTimeOfDay(word: string): ReadTimeOfDay | null;
  /** Seconds since boot. @throws the failure of reading /proc/uptime */
  uptime(): number;
}

export const localClock: LocalClock = {
  now: () => Math.floor(Date.now() / 1000),
  localTime(at) {
    const [year = 0, month = 0, day = 0, hours = 0, minutes = 0, seconds = 0, weekday = 0, isDst = 0] =
      addon.localTime(at);
    return { year, month, day, hours, minutes, seconds, weekday, isDst };
  },
  makeTime: time => addon.makeTime(time.year, time.month, time.day, time.hours, time.minutes, time.seconds, time.isDst),
  readDate(word) {
    const read = addon.readDate(Buffer.from(word, 'latin1'));
    if (read === null) return null;
    const [year = 0, month = 0, day = 0, taken = 0] = read;
    return { year, month, day, rest: word.slice(taken) };
  },
  readTimeOfDay(word) {
    const read = addon.readTimeOfDay(Buffer.from(word, 'latin1'));
    if (read === null) return null;
    const [hours = 0, minutes = 0, seconds = 0, taken = 0] = read;
    return { hours, minutes, seconds, rest: word.slice(taken) };
  },
  uptime: () => Number(readFileSync('/proc/uptime', 'latin1').split(' ')[0]),
};
