import t from 'tap';
import { FakeOutlet } from '../../../test/support/fakeProgram.ts';
import { HandClock } from '../../../test/support/handClock.ts';
import { SaidMessages } from '../../../test/support/saidMessages.ts';
import { Batch } from './slabs.ts';
import { type ListenEvents, SocketPlugin } from './socketPlugin.ts';

const settings = { path: '/run/events', mode: 0o640, uid: null, gid: null, limit: null };

function listening(limit = 2, failure: Error | null = null) {
  const messages = new SaidMessages();
  const clock = new HandClock();
  const log: string[] = [];
  let events: ListenEvents | null = null;
  const plugin = new SocketPlugin({
    name: 'af_unix',
    format: 'string',
    settings,
    limit,
    listeners: {
      listen: async (_settings, given) => {
        if (failure !== null) throw failure;
        events = given;
        return { pause: () => log.push('pause'), go: () => log.push('go'), close: async () => void log.push('close') };
      },
    },
    messages,
    now: clock.monotonic,
    pause: clock.pause,
  });
  /** Somebody connects; null when refused. */
  const connect = (pid = 1): FakeOutlet | null => {
    let outlet: FakeOutlet | null = null;
    events?.onClient(
      { pid, uid: 2, gid: 3 },
      outletEvents => {
        outlet = new FakeOutlet(outletEvents);
        return outlet;
      },
      () => undefined,
    );
    return outlet;
  };
  const offer = (...lines: string[]) => {
    const batch = new Batch(Buffer.from(lines.map(line => `${line}\n`).join('')), lines.length);
    plugin.offer(batch);
    batch.release();
  };
  const fail = (error: Error) => events?.onFailure(error);
  return { plugin, messages, clock, log, connect, offer, fail };
}

t.test('Every client gets what comes from its connection on, and is named with its credentials', async t => {
  const { plugin, messages, connect, offer } = listening();
  await plugin.start();
  offer('nobody');
  const first = connect(10);
  offer('a');
  const second = connect(11);
  offer('b');
  t.equal(first?.got, 'a\nb\n');
  t.equal(second?.got, 'b\n');
  t.strictSame(messages.take(), [
    'info plugin af_unix is listening for clients on /run/events',
    'info plugin af_unix: client pid=10 uid=2 gid=3 connected',
    'info plugin af_unix: client pid=11 uid=2 gid=3 connected',
  ]);
  t.match(plugin.report(), { sentRecords: 3, lostRecords: 0, clients: [{ pid: 10, uid: 2, gid: 3 }, { pid: 11 }] });
});

t.test('A client that stops reading loses only its own records', async t => {
  const { plugin, messages, clock, connect, offer } = listening(2);
  await plugin.start();
  const [stuck, healthy] = [connect(10), connect(11)];
  if (stuck === null || healthy === null) throw new Error('refused');
  stuck.room = 0;
  offer('a', 'b');
  clock.pass(1000);
  for (const line of ['c', 'd', 'e']) offer(line);
  t.equal(healthy.got, 'a\nb\nc\nd\ne\n');
  t.match(plugin.report(), {
    lostRecords: 3,
    hasOverflowed: true,
    clients: [
      { pid: 10, backlogRecords: 2, lostRecords: 3 },
      { pid: 11, backlogRecords: 0, lostRecords: 0, sentRecords: 5 },
    ],
  });
  t.equal(messages.said.filter(text => text.includes('does not keep pace')).length, 1);
  stuck.leave();
  t.ok(stuck.isClosed);
  t.match(plugin.report(), { lostRecords: 3, sentRecords: 5, clients: [{ pid: 11 }] });
});

t.test('A client that has left when something is written to it is gone, without harm', async t => {
  const { plugin, connect, offer } = listening();
  await plugin.start();
  const [first, second] = [connect(), connect()];
  if (first === null || second === null) throw new Error('refused');
  first.isGone = true;
  offer('a');
  offer('b');
  t.equal(second.got, 'a\nb\n');
  t.ok(first.isClosed);
  t.equal(plugin.report().clients?.length, 1);
});

t.test('Ten thousand connections leave nothing behind, and not ten thousand messages', async t => {
  const { plugin, messages, connect } = listening();
  await plugin.start();
  for (let i = 0; i < 10_000; i++) connect(i)?.leave();
  t.equal(plugin.report().clients?.length, 0);
  t.ok(messages.said.length < 30);
  t.equal(messages.said.at(-1), 'notice plugin af_unix: no more messages about clients in this minute');
});

t.test('More than 64 at a time are refused', async t => {
  const { plugin, connect } = listening();
  await plugin.start();
  const accepted = Array.from({ length: 100 }, () => connect()).filter(outlet => outlet !== null);
  t.equal(accepted.length, 64);
  accepted[0]?.leave();
  t.ok(connect());
});

t.test('When descriptors are short, clients wait and the daemon does not spin', async t => {
  const { plugin, messages, log, fail } = listening();
  await plugin.start();
  fail(Object.assign(new Error('accept4'), { errno: -24, code: 'EMFILE' }));
  t.strictSame(log, ['pause']);
  while (log.length < 2) await new Promise(resolve => setImmediate(resolve));
  t.strictSame(log, ['pause', 'go']);
  t.equal(messages.said.at(-1), 'error plugin af_unix: cannot accept a client (Too many open files)');
});

t.test('A socket that cannot be opened is off, with one message', async t => {
  const failure = Object.assign(new Error('bind'), { errno: -98, code: 'EADDRINUSE' });
  const { plugin, messages, offer } = listening(2, failure);
  await plugin.start();
  t.strictSame(messages.said, ['error plugin af_unix: cannot listen on /run/events (Address already in use)']);
  offer('a');
  t.match(plugin.report(), { condition: 'off', lostRecords: 0 });
});

t.test('A stop lets clients that read have what waits for them', async t => {
  const { plugin, clock, log, connect, offer } = listening(100);
  await plugin.start();
  const [reading, stuck] = [connect(1), connect(2)];
  if (reading === null || stuck === null) throw new Error('refused');
  reading.room = 2;
  stuck.room = 0;
  offer('a', 'b', 'c');
  const pass = clock.pass.bind(clock);
  clock.pass = milliseconds => {
    pass(milliseconds);
    if (!reading.isClosed) reading.give(2);
  };
  await plugin.stop();
  t.equal(reading.got, 'a\nb\nc\n');
  t.match(plugin.report(), { condition: 'stopped', sentRecords: 3, lostRecords: 3, clients: [] });
  t.strictSame(log, ['close']);
  t.ok(reading.isClosed && stuck.isClosed);
});
