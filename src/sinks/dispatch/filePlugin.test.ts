import t from 'tap';
import { HandClock } from '../../../test/support/handClock.ts';
import { SaidMessages } from '../../../test/support/saidMessages.ts';
import { FilePlugin } from './filePlugin.ts';
import { Batch } from './slabs.ts';

const enospc = Object.assign(new Error('full'), { code: 'ENOSPC', errno: -28 });

function writing(limit = 4) {
  const messages = new SaidMessages();
  const clock = new HandClock();
  const disk = { text: '', fault: null as Error | null, most: Number.POSITIVE_INFINITY, isClosed: false };
  const overflows: boolean[] = [];
  const plugin = new FilePlugin({
    name: 'events',
    path: '/x/events.json',
    mode: 0o640,
    limit,
    open: async () => {
      if (disk.fault !== null) throw disk.fault;
      return {
        write: async (buffers, offset) => {
          if (disk.fault !== null) throw disk.fault;
          const taken = Buffer.concat(buffers).subarray(offset, offset + disk.most);
          disk.text += taken.toString();
          return taken.length;
        },
        close: async () => {
          disk.isClosed = true;
        },
      };
    },
    messages,
    now: clock.monotonic,
    pause: clock.pause,
    onOverflow: (_, isFirst) => overflows.push(isFirst),
  });
  const offer = (...texts: string[]) => {
    const batch = new Batch(Buffer.from(texts.map(text => `${text}\n`).join('')), texts.length);
    plugin.offer(batch);
    batch.release();
  };
  const settle = () => new Promise(resolve => setImmediate(resolve));
  return { plugin, messages, clock, disk, overflows, offer, settle };
}

t.test('Lines are appended in order, also where a write takes a part', async t => {
  const { plugin, disk, offer, settle } = writing();
  await plugin.start();
  disk.most = 3;
  offer('one', 'two');
  offer('three');
  await settle();
  t.equal(disk.text, 'one\ntwo\nthree\n');
  t.match(plugin.report(), { condition: 'running', sentRecords: 3, backlogRecords: 0, lostRecords: 0 });
  await plugin.stop();
  t.ok(disk.isClosed);
});

t.test('A full disk costs what does not fit into the queue, and it goes on when there is room', async t => {
  const { plugin, messages, clock, disk, overflows, offer, settle } = writing(2);
  await plugin.start();
  disk.fault = enospc;
  offer('1');
  await settle();
  clock.pass(300);
  offer('2');
  offer('3');
  t.strictSame(overflows, [true]);
  t.match(messages.said.join('\n'), /cannot write \/x\/events\.json \(No space left on device\)/);
  disk.fault = null;
  clock.pass(1000);
  await settle();
  await settle();
  t.equal(disk.text, '1\n2\n');
  t.match(plugin.report(), { lostRecords: 1, sentRecords: 2 });
  t.match(messages.said.join('\n'), /is written again/);
});

t.test('A file that cannot be opened is off, and what comes is counted', async t => {
  const { plugin, messages, disk, offer } = writing();
  disk.fault = enospc;
  offer('before');
  await plugin.start();
  offer('after');
  t.match(plugin.report(), { condition: 'off', lostRecords: 2 });
  t.match(messages.said.join('\n'), /cannot write/);
});

t.test('A stop does not wait for a disk that takes nothing', async t => {
  const { plugin, disk, offer, settle } = writing();
  await plugin.start();
  disk.fault = enospc;
  offer('1');
  await settle();
  const stopped = plugin.stop();
  await settle();
  disk.fault = null;
  await stopped;
  t.match(plugin.report(), { condition: 'stopped' });
});
