import t from 'tap';
import { RotationSchedule } from './rotationSchedule.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const at = (day: number, hour: number, minute = 0, second = 0) =>
  new Date(2030, 0, day, hour, minute, second).getTime();

const daily = { kind: 'daily', hour: 3, minute: 30 } as const;
const hourly = { kind: 'hourly', minute: 15 } as const;

/** The moments at which a log would be rotated, looking at the given times one after the other. */
function rotations(schedule: RotationSchedule, times: readonly number[]): number[] {
  return times.filter(now => {
    const isDue = schedule.isDue(now);
    if (isDue) schedule.done(now);
    return isDue;
  });
}

const every = (step: number, from: number, to: number) =>
  Array.from({ length: Math.floor((to - from) / step) + 1 }, (_, index) => from + index * step);

t.test('daily is due once a day, from its minute on', async t => {
  const schedule = new RotationSchedule(daily, at(10, 12));
  t.strictSame(rotations(schedule, every(MINUTE, at(10, 12), at(13, 12))), [
    at(11, 3, 30),
    at(12, 3, 30),
    at(13, 3, 30),
  ]);
});

t.test('hourly is due once an hour', async t => {
  const schedule = new RotationSchedule(hourly, at(10, 12, 20));
  t.strictSame(rotations(schedule, every(MINUTE, at(10, 12, 20), at(10, 15))), [at(10, 13, 15), at(10, 14, 15)]);
});

t.test('What passed while the daemon was not running is due at once, and once', async t => {
  const schedule = new RotationSchedule(daily, at(7, 12));
  t.strictSame(rotations(schedule, [at(10, 12), at(10, 13), at(11, 3, 29)]), [at(10, 12)]);
});

t.test('A clock set back does not make the same moment count twice', async t => {
  const schedule = new RotationSchedule(daily, at(10, 12));
  t.strictSame(rotations(schedule, [at(11, 4), at(11, 2), at(11, 3, 30), at(11, 4), at(11, 1), at(11, 5)]), [
    at(11, 4),
  ]);
  t.strictSame(rotations(schedule, [at(12, 3, 30)]), [at(12, 3, 30)], 'the next day does');
  const often = new RotationSchedule(hourly, at(10, 12));
  t.strictSame(rotations(often, [at(10, 13, 15), at(10, 12, 10), at(10, 13, 15), at(10, 13, 59)]), [at(10, 13, 15)]);
});

t.test('A clock that was wrong by far does not stop rotation until its time comes again', async t => {
  const schedule = new RotationSchedule(daily, at(10, 12) + 10 * 365 * 24 * HOUR);
  t.strictSame(rotations(schedule, [at(10, 12), at(10, 13)]), [], 'not at once: nothing has passed');
  t.strictSame(rotations(schedule, [at(11, 3, 30)]), [at(11, 3, 30)]);
});

t.test('A random clock never makes two rotations of one moment, nor misses one that it steps over', async t => {
  let seed = 7;
  const random = () => {
    seed = (Math.imul(seed, 1103515245) + 12345) >>> 0;
    return seed / 2 ** 32;
  };
  for (const time of [daily, hourly]) {
    let now = at(10, 12);
    let latest = now;
    const schedule = new RotationSchedule(time, now);
    const moments = new Set<number>();
    for (let step = 0; step < 5000; step++) {
      now += (random() < 0.2 ? -1 : 1) * random() * 3 * HOUR;
      const isDue = schedule.isDue(now);
      if (isDue) {
        schedule.done(now);
        const fields = new Date(now);
        const moment =
          time.kind === 'hourly'
            ? Math.floor((now - 15 * MINUTE) / HOUR)
            : Math.floor((now - fields.getTimezoneOffset() * MINUTE - 3.5 * HOUR) / (24 * HOUR));
        if (moments.has(moment)) t.fail(`twice: ${fields.toISOString()}`);
        if (now < latest - HOUR * 24) t.fail('in the past');
        moments.add(moment);
      }
      latest = Math.max(latest, now);
    }
    t.ok(moments.size > 100);
  }
});
