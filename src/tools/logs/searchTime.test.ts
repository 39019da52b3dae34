import t from 'tap';
import type { LocalClock, LocalTime } from '../../auparse/localClock.ts';
import { SystemError } from '../../base/errors.ts';
import { searchTime, TimeError, timeWords, zonedTime } from './searchTime.ts';

// 2026-11-22 18:30:05 in a zone without offset, a Sunday.
const NOW = Date.UTC(2026, 10, 22, 18, 30, 5) / 1000;

const clock: LocalClock = {
  now: () => NOW,
  localTime(seconds): LocalTime {
    const date = new Date(seconds * 1000);
    return {
      year: date.getUTCFullYear(),
      month: date.getUTCMonth(),
      day: date.getUTCDate(),
      hours: date.getUTCHours(),
      minutes: date.getUTCMinutes(),
      seconds: date.getUTCSeconds(),
      weekday: date.getUTCDay(),
      isDst: 0,
    };
  },
  makeTime: time => Date.UTC(time.year, time.month, time.day, time.hours, time.minutes, time.seconds) / 1000,
  readDate(word) {
    const [all, month, day, year] = /^(\d\d?)\/(\d\d?)\/(\d\d)/.exec(word) ?? [];
    if (all === undefined || Number(month) > 12) return null;
    const full = Number(year) + (Number(year) < 69 ? 2000 : 1900);
    return { year: full, month: Number(month) - 1, day: Number(day), rest: word.slice(all.length) };
  },
  readTimeOfDay(word) {
    const [all, hours, minutes, seconds] = /^(\d\d?):(\d\d?):(\d\d?)/.exec(word) ?? [];
    if (all === undefined || Number(hours) > 23) return null;
    return {
      hours: Number(hours),
      minutes: Number(minutes),
      seconds: Number(seconds),
      rest: word.slice(all.length),
    };
  },
  uptime: () => 3600.4,
};

function at(limit: 'start' | 'end', first: string, second: string | null = null): string {
  return new Date(searchTime(limit, timeWords(first, second), clock) * 1000).toISOString().slice(0, 19);
}

t.test('Of two words the one with a colon is the time', async t => {
  t.equal(at('start', '11/20/26', '10:00:00'), '2026-11-20T10:00:00');
  t.equal(at('start', '10:00:00', '11/20/26'), '2026-11-20T10:00:00');
});

t.test('A date alone starts at midnight and ends at the time of day it is', async t => {
  t.equal(at('start', '11/20/26'), '2026-11-20T00:00:00');
  t.equal(at('end', '11/20/26'), '2026-11-20T18:30:05');
});

t.test('A time alone is of today, and its seconds may be left out', async t => {
  t.equal(at('start', '10:15'), '2026-11-22T10:15:00');
});

t.test('Keywords stand for dates, and some for moments', async t => {
  t.equal(at('start', 'now'), '2026-11-22T18:30:05');
  t.equal(at('start', 'recent'), '2026-11-22T18:20:05');
  t.equal(at('start', 'this-hour'), '2026-11-22T18:30:05');
  t.equal(at('start', 'boot'), '2026-11-22T17:30:05');
  t.equal(at('start', 'today'), '2026-11-22T00:00:00');
  t.equal(at('end', 'today'), '2026-11-22T18:30:05');
  t.equal(at('start', 'yesterday'), '2026-11-21T00:00:00');
  t.equal(at('start', 'this-week'), '2026-11-22T00:00:00');
  t.equal(at('start', 'week-ago'), '2026-11-15T00:00:00');
  t.equal(at('start', 'this-month'), '2026-11-01T00:00:00');
  t.equal(at('start', 'this-year'), '2026-01-01T00:00:00');
  t.equal(at('start', 'yesterday', '12:00'), '2026-11-21T12:00:00');
});

t.test('What is no date or time says what is missing', async t => {
  const complaint = (first: string, second: string | null = null) => {
    try {
      return at('start', first, second);
    } catch (error) {
      if (error instanceof TimeError) return error.message;
      throw error;
    }
  };
  t.equal(complaint('tomorrow'), 'Invalid start date (tomorrow). Month, Day, and Year are required.');
  t.equal(complaint('11/20/2026'), 'Error parsing start date (11/20/2026)');
  t.equal(complaint('01/01/03'), 'Error - year is 2003');
  t.equal(complaint('25:00'), 'Invalid start time (25:00). Hour, Minute, and Second are required.');
  t.equal(complaint('10:00:00x'), 'Error parsing start time (10:00:00x)');
});

t.test('Without an uptime there is no boot', async t => {
  const broken = {
    ...clock,
    uptime: () => {
      throw new SystemError({ syscall: 'open', errno: 2, path: '/proc/uptime' });
    },
  };
  t.throws(() => searchTime('end', timeWords('boot', null), broken), {
    message:
      "Can't read uptime (No such file or directory)\nInvalid end date (boot). Month, Day, and Year are required.",
  });
});

t.test('ISO 8601 with a zone stands for itself', async t => {
  t.equal(zonedTime('2026-11-22T08:37:16Z'), Date.UTC(2026, 10, 22, 8, 37, 16) / 1000);
  t.equal(zonedTime('2026-11-22T08:37+01:00'), Date.UTC(2026, 10, 22, 7, 37) / 1000);
  t.equal(zonedTime('2026-11-22T08:37:16.9-0530'), Date.UTC(2026, 10, 22, 14, 7, 16) / 1000);
  t.equal(zonedTime('2026-11-22T08:37:16+01'), Date.UTC(2026, 10, 22, 7, 37, 16) / 1000);
  for (const word of ['2026-11-22', '2026-11-22T08:37:16', '2026-13-01T00:00:00Z', 'now'])
    t.equal(zonedTime(word), null);
});
