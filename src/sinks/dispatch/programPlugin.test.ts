import t from 'tap';
import { FakeLauncher } from '../../../test/support/fakeProgram.ts';
import { HandClock } from '../../../test/support/handClock.ts';
import { SaidMessages } from '../../../test/support/saidMessages.ts';
import { ProgramPlugin } from './programPlugin.ts';
import { Batch } from './slabs.ts';

const settings = { path: '/sbin/plugin', args: ['one'], maxRestarts: 3 };

function pluginOf(limit = 4) {
  const launcher = new FakeLauncher();
  const messages = new SaidMessages();
  const clock = new HandClock();
  const pauses: number[] = [];
  const overflows: boolean[] = [];
  const plugin = new ProgramPlugin({
    name: 'plugin',
    format: 'string',
    settings,
    limit,
    openSpool: null,
    launcher,
    messages,
    now: clock.monotonic,
    pause: async milliseconds => {
      pauses.push(milliseconds);
      await clock.pause(milliseconds);
    },
    onOverflow: (_plugin, isFirst) => overflows.push(isFirst),
  });
  const offer = (...lines: string[]) => {
    const batch = new Batch(Buffer.from(lines.map(line => `${line}\n`).join('')), lines.length);
    plugin.offer(batch);
    batch.release();
  };
  return { plugin, launcher, messages, clock, pauses, overflows, offer };
}

/** Settles once promises that wait for nothing else have settled. */
const turn = () => new Promise(resolve => setImmediate(resolve));

t.test('What comes before it runs waits for it; one write has all that waits', async t => {
  const { plugin, launcher, messages, offer } = pluginOf();
  offer('a', 'b');
  offer('c');
  await plugin.start();
  t.equal(launcher.last.outlet.got, 'a\nb\nc\n');
  t.equal(launcher.last.outlet.writes, 1);
  offer('d');
  t.equal(launcher.last.outlet.got, 'a\nb\nc\nd\n');
  t.match(plugin.report(), { condition: 'running', pid: 1000, sentRecords: 4, lostRecords: 0, backlogRecords: 0 });
  t.strictSame(messages.said, []);
  t.strictSame(launcher.settings, [settings]);
});

t.test('A program that takes nothing costs only what is beyond its limit', async t => {
  const { plugin, launcher, clock, overflows, offer } = pluginOf(2);
  await plugin.start();
  launcher.last.outlet.room = 3;
  offer('a', 'b');
  clock.pass(1000);
  offer('c');
  offer('d');
  t.strictSame(overflows, [true, false]);
  launcher.last.outlet.give(1000);
  offer('e');
  t.equal(launcher.last.outlet.got, 'a\nb\ne\n');
  t.match(plugin.report(), { sentRecords: 3, lostRecords: 2, hasOverflowed: true });
});

t.test('One that ends is started again and begins with the first record that was not sent whole', async t => {
  const { plugin, launcher, messages, offer } = pluginOf();
  await plugin.start();
  launcher.last.outlet.room = 9;
  offer('first', 'second', 'third');
  launcher.last.end('exit code 1');
  await turn();
  t.equal(launcher.launched.length, 2);
  t.equal(launcher.last.outlet.got, 'second\nthird\n');
  t.strictSame(messages.take(), [
    'error plugin /sbin/plugin terminated unexpectedly (exit code 1)',
    'notice plugin /sbin/plugin was restarted (1x)',
  ]);
  t.match(plugin.report(), { restarts: 1, condition: 'running', sentRecords: 3, lostRecords: 0 });
  t.ok(launcher.launched[0]?.outlet.isClosed);
});

t.test('One that ends at once is held: ever longer pauses, and max_restarts', async t => {
  const { plugin, launcher, messages, pauses, offer } = pluginOf();
  launcher.onLaunch = program => {
    program.outlet.room = 0;
    program.end('SIGSEGV');
  };
  await plugin.start();
  offer('a', 'b');
  while (plugin.report().condition !== 'off') await turn();
  t.equal(launcher.launched.length, 4, 'the start and three restarts');
  t.strictSame(pauses, [100, 200]);
  t.equal(messages.take().at(-1), 'error plugin /sbin/plugin has exceeded max_restarts');
  offer('c');
  t.match(plugin.report(), { pid: null, lostRecords: 3, sentRecords: 0, backlogRecords: 0 });
});

t.test('After a reload it starts anew, with new arguments and a new count', async t => {
  const { plugin, launcher, offer } = pluginOf();
  launcher.onLaunch = program => program.end('exit code 1');
  await plugin.start();
  while (plugin.report().condition !== 'off') await turn();
  launcher.onLaunch = () => undefined;
  await plugin.stop(false);
  offer('kept');
  await plugin.start({ ...settings, args: ['two'] });
  t.strictSame(launcher.settings.at(-1)?.args, ['two']);
  t.equal(launcher.last.outlet.got, 'kept\n');
  t.match(plugin.report(), { restarts: 0, condition: 'running' });
});

t.test('A program that cannot be started is off, with one message', async t => {
  const { plugin, launcher, messages, offer } = pluginOf();
  launcher.failures.push(Object.assign(new Error('spawn'), { errno: -13, code: 'EACCES' }));
  await plugin.start();
  t.strictSame(messages.said, ['error Error running /sbin/plugin (Permission denied) continuing without it']);
  offer('a');
  t.match(plugin.report(), { condition: 'off', lostRecords: 1 });
});

t.test('One that cannot be started again is off until a reload', async t => {
  const { plugin, launcher, messages } = pluginOf();
  await plugin.start();
  launcher.failures.push(new Error('gone'));
  launcher.last.end('exit code 1');
  await turn();
  t.equal(messages.said.at(-1), 'error plugin /sbin/plugin failed after restart: gone');
  t.equal(plugin.report().condition, 'off');
});

t.test('One that closes its input and lives on is ended, then started again', async t => {
  const { plugin, launcher, offer } = pluginOf();
  await plugin.start();
  const [first] = launcher.launched;
  if (first === undefined) throw new Error('not launched');
  first.endsOn = 'SIGTERM';
  first.outlet.isGone = true;
  offer('a');
  while (launcher.launched.length < 2) await turn();
  await turn();
  t.strictSame(first.signals, ['SIGTERM']);
  t.equal(launcher.last.outlet.got, 'a\n');
});

t.test('A stop sends what waits, then ends the input, and is patient with a program that reads', async t => {
  const { plugin, launcher, clock, offer } = pluginOf(100);
  await plugin.start();
  const { last } = launcher;
  last.endsOn = 'SIGKILL';
  last.outlet.room = 2;
  offer('a', 'b', 'c');
  last.outlet.unreadBytes = 500;
  const pass = clock.pass.bind(clock);
  clock.pass = milliseconds => {
    pass(milliseconds);
    if (last.outlet.room === 0) last.outlet.give(2);
    last.outlet.unreadBytes = Math.max(0, last.outlet.unreadBytes - 1);
  };
  const before = clock.monotonic();
  await plugin.stop();
  t.equal(last.outlet.got, 'a\nb\nc\n');
  t.ok(last.outlet.isFinished);
  t.strictSame(last.signals, ['SIGTERM', 'SIGKILL']);
  t.ok(clock.monotonic() - before >= 5000, 'it read all the time');
  t.ok(clock.monotonic() - before < 10_000);
  t.match(plugin.report(), { condition: 'stopped', pid: null, lostRecords: 0, sentRecords: 3 });
});

t.test('A stop does not wait for one that stands still, and counts what it did not get', async t => {
  const { plugin, launcher, clock, offer } = pluginOf(100);
  await plugin.start();
  launcher.last.endsOn = 'SIGTERM';
  launcher.last.outlet.room = 0;
  launcher.last.outlet.unreadBytes = 4096;
  offer('a', 'b');
  clock.pass(1000);
  const before = clock.monotonic();
  await plugin.stop();
  t.ok(clock.monotonic() - before < 2200, 'the end of the input, and SIGTERM');
  t.match(plugin.report(), { lostRecords: 2 });
  offer('c');
  t.match(plugin.report(), { lostRecords: 3 });
  t.equal(launcher.launched.length, 1, 'it is not started again');
});

t.test('While it is suspended everything is lost to it, and nothing that waits', async t => {
  const { plugin, launcher, offer } = pluginOf();
  await plugin.start();
  plugin.suspend();
  offer('a');
  t.match(plugin.report(), { isSuspended: true, lostRecords: 1 });
  plugin.resume();
  offer('b');
  t.equal(launcher.last.outlet.got, 'b\n');
});

t.test('Another process goes on with a running program where this one stopped', async t => {
  const { plugin, launcher, offer } = pluginOf();
  await plugin.start();
  launcher.last.outlet.room = 3;
  offer('first', 'second');
  const handed = await plugin.handOver();
  if (handed === null) throw new Error('nothing was handed over');
  t.match(handed, { name: 'plugin', pid: 1000, fd: 99, format: 'string' });
  t.equal(Buffer.from(handed.pending).toString(), 'st\nsecond\n');
  t.strictSame(launcher.last.signals, []);
  t.ok(launcher.last.isLetGo, 'nobody here waits for its end');
  const next = pluginOf();
  await next.plugin.adopt(handed);
  next.offer('third');
  t.equal(next.launcher.last.outlet.got, 'st\nsecond\nthird\n');
  next.launcher.last.end('exit code 1');
  await turn();
  t.equal(next.launcher.launched.length, 2, 'and starts it again when it ends');
});
