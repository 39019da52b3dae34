import t from 'tap';
import { failureOf, LogUnderTest, upTo } from '../../../test/support/logUnderTest.ts';
import { ENOSPC, EROFS, ERRNO, MemoryFiles } from '../../../test/support/memoryFiles.ts';
import type { LogAction } from './logSettings.ts';

/** How many histories each test goes through; more of them find rarer faults. */
const SEEDS = Number(process.env['LOG_TEST_SEEDS'] ?? 6);
const ERRNOS = [ERRNO.EIO, ERRNO.EPERM, ENOSPC, EROFS, ERRNO.ENFILE];

function randomFrom(seed: number): (below: number) => number {
  let state = seed >>> 0;
  return below => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

/**
 * Writes, rotations, suspensions and reloads in random order, while random calls fail and the daemon is killed in
 * the midst of any of them. What must hold at the end is the caller's.
 */
async function live(test: LogUnderTest, seed: number, kills: boolean): Promise<void> {
  const random = randomFrom(seed);
  let rate = 0;
  test.disk.fault = () => {
    if (random(1000) >= rate) return 0;
    if (kills && random(3) === 0) test.process.kill();
    return ERRNOS[random(ERRNOS.length)] ?? 0;
  };
  const orKilled = async (step: () => Promise<unknown>) => {
    await failureOf(step());
    if (!test.process.isAlive()) await reopen();
  };
  const reopen = async () => {
    rate = 0;
    test.kill();
    await test.log.open();
  };
  await test.log.open();
  for (let round = 0; round < 60; round++) {
    rate = random(2) === 0 ? 0 : 30;
    test.clock.pass(random(1500));
    switch (random(8)) {
      case 0:
        await orKilled(() => test.log.rotate());
        break;
      case 1:
        await orKilled(() => test.reconfigure({ gid: random(2) * 7, flush: random(2) === 0 ? 'none' : 'incremental' }));
        break;
      case 2:
        await orKilled(() => test.log.resume());
        break;
      default: {
        let tries = 20;
        await orKilled(() => test.write(1 + random(400), () => tries-- > 0));
      }
    }
  }
  rate = 0;
  test.clock.pass(1000);
  if (test.log.isSuspended) await test.log.resume();
  await test.write(1);
  await test.log.close();
}

for (const maxAction of [{ kind: 'keep_logs' }, { kind: 'rotate' }] as const satisfies readonly LogAction[]) {
  t.test(`${maxAction.kind}: under random failures no record is lost, repeated or out of order`, async t => {
    for (let seed = 1; seed <= SEEDS; seed++) {
      // 999 archives are more than a run makes: nothing has to be deleted, so everything must be there.
      const test = new LogUnderTest({ maxAction, numLogs: 999, flushEveryRecords: 50 });
      await live(test, seed, false);
      const expected = upTo(test.next - 1);
      const written = test.written;
      if (test.lost === 0) {
        if (!isSame(written, expected)) t.fail(`seed ${seed}: ${firstDifference(written, expected)}`);
      } else if (!isRising(written) || written.length !== expected.length - test.lost) {
        t.fail(`seed ${seed}: ${written.length} of ${expected.length}, lost ${test.lost}`);
      }
      t.equal(test.disk.openDescriptors, 0, `seed ${seed}`);
    }
  });

  t.test(`${maxAction.kind}: kills at any call neither lose nor repeat a generation`, async t => {
    for (let seed = 1; seed <= SEEDS; seed++) {
      const test = new LogUnderTest({ maxAction, numLogs: 999, flushEveryRecords: 50 });
      await live(test, seed, true);
      // A killed write may have put records on the disk that its caller never heard of, and writes again: numbers
      // may then come twice in a row of runs, never be missing.
      const seen = new Set(test.written);
      const missing = upTo(test.next - 1).filter(number => !seen.has(number)).length;
      if (missing !== test.lost) t.fail(`seed ${seed}: ${missing} are missing, ${test.lost} were counted as lost`);
      const contents = test.disk.names.map(name => test.disk.text(name)).filter(text => text !== '');
      t.equal(new Set(contents).size, contents.length, `seed ${seed}: no archive is there twice`);
    }
  });
}

t.test('With few archives the newest are always there, whole and in order', async t => {
  for (let seed = 1; seed <= SEEDS; seed++) {
    const test = new LogUnderTest({ numLogs: 4, flushEveryRecords: 50 });
    await live(test, seed, false);
    const written = test.written;
    if (!isRising(written)) t.fail(`seed ${seed}`);
    if (test.lost === 0 && written.length > 0) {
      const expected = upTo(test.next - 1).slice(-written.length);
      if (!isSame(written, expected)) t.fail(`seed ${seed}: ${firstDifference(written, expected)}`);
    }
    t.ok(test.disk.names.length <= 4, `seed ${seed}: ${test.disk.names.join()}`);
  }
});

t.test('On a small disk that fills up nothing is lost but by what is deleted to make room', async t => {
  for (let seed = 1; seed <= SEEDS; seed++) {
    const random = randomFrom(seed);
    const disk = new MemoryFiles('/var/log/audit', (3 << 20) + random(1 << 20));
    const test = new LogUnderTest({ numLogs: 4 }, disk);
    await test.log.open();
    for (let round = 0; round < 30; round++) {
      test.clock.pass(1000);
      await test.write(1 + random(700), () => {
        disk.capacityBytes += 64 << 10; // the operator makes room, little by little
        return true;
      });
    }
    const written = test.written;
    if (!isSame(written, upTo(test.next - 1).slice(-written.length))) t.fail(`seed ${seed}`);
    await test.log.close();
  }
});

function isSame(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((number, index) => number === b[index]);
}

function isRising(numbers: readonly number[]): boolean {
  return numbers.every((number, index) => index === 0 || number > (numbers[index - 1] ?? 0));
}

function firstDifference(a: readonly number[], b: readonly number[]): string {
  const index = a.findIndex((number, at) => number !== b[at]);
  return `at ${index}: ${a.slice(index - 1, index + 3)} for ${b.slice(index - 1, index + 3)}, ${a.length} for ${b.length}`;
}
