import t from 'tap';
import { JsonPlugin } from './jsonPlugin.ts';
import type { Plugin, PluginReport } from './plugin.ts';
import { Batch } from './slabs.ts';

/** A plugin that notes what it gets. */
class Target implements Plugin {
  readonly name = 'events';
  readonly format = 'string';
  readonly got: string[] = [];
  readonly calls: string[] = [];
  async start() {
    this.calls.push('start');
  }
  async stop() {
    this.calls.push('stop');
  }
  offer(batch: Batch) {
    this.got.push(`${batch.records}:${Buffer.from(batch.bytes)}`);
  }
  stored() {
    return null;
  }
  isBehind() {
    return false;
  }
  resume() {
    this.calls.push('resume');
  }
  suspend() {
    this.calls.push('suspend');
  }
  setLimit(records: number) {
    this.calls.push(`limit ${records}`);
  }
  report(): PluginReport {
    return {
      name: this.name,
      kind: 'program',
      condition: 'running',
      pid: 1,
      restarts: 0,
      backlogRecords: 1,
      mostBacklogRecords: 2,
      sentRecords: 3,
      lostRecords: 4,
      hasOverflowed: false,
      isSuspended: false,
      spool: null,
      clients: null,
    };
  }
}

function converting(limit = 4) {
  const target = new Target();
  const asked: string[] = [];
  const waiting: (() => void)[] = [];
  let tick = () => {};
  const overflows: boolean[] = [];
  const made: Buffer[] = [];
  const lines = {
    hasOpenEvents: false,
    feed: async (buffers: readonly Uint8Array[]) => {
      asked.push(`feed ${buffers.length}`);
      await new Promise<void>(resolve => waiting.push(resolve));
      made.push(
        ...(Buffer.concat(buffers)
          .toString()
          .toUpperCase()
          .match(/.*\n/g)
          ?.map(line => Buffer.from(line)) ?? []),
      );
    },
    age: async (now: number) => {
      asked.push(`age ${now}`);
      made.push(Buffer.from('aged\n'));
    },
    end: async () => {
      asked.push('end');
      made.push(Buffer.from('rest\n'));
    },
    take: (out: Uint8Array, offset: number) => {
      let [records, bytes] = [0, 0];
      for (let [line] = made; line !== undefined && line.length <= out.length - offset - bytes; [line] = made) {
        out.set(line, offset + bytes);
        bytes += line.length;
        records++;
        made.shift();
      }
      return { records, bytes };
    },
    takeFirst: () => made.shift() ?? null,
    takeOpen: async () => {
      asked.push('take open');
      return Buffer.from('open\n');
    },
  };
  const plugin = new JsonPlugin({
    target,
    lines,
    limit,
    wallSeconds: () => 77,
    every: (_, task) => {
      tick = task;
      return () => {
        tick = () => {};
      };
    },
    onOverflow: (_, isFirst) => overflows.push(isFirst),
  });
  const held: Batch[] = [];
  const offer = (...texts: string[]) => {
    const batch = new Batch(Buffer.from(texts.map(text => `${text}\n`).join('')), texts.length);
    held.push(batch);
    plugin.offer(batch);
    batch.release();
  };
  /** The conversion that is going on comes to its end, and what follows from it happens. */
  const finish = async () => {
    waiting.shift()?.();
    await new Promise(resolve => setImmediate(resolve));
  };
  return { plugin, target, lines, asked, overflows, offer, finish, tick: () => tick() };
}

t.test('Records are converted in order, one portion at a time, and go on as lines', async t => {
  const { plugin, target, asked, offer, finish } = converting();
  await plugin.start();
  offer('a', 'b');
  offer('c');
  t.strictSame(asked, ['feed 1']);
  await finish();
  t.strictSame(asked, ['feed 1', 'feed 1']);
  await finish();
  t.strictSame(target.got, ['2:A\nB\n', '1:C\n']);
  t.match(plugin.report(), { kind: 'json program', backlogRecords: 1, lostRecords: 4 });
});

t.test('A line that no slab has room for goes on by itself, in its place', async t => {
  const { target, offer, finish } = converting();
  const long = 'L'.repeat(2 << 20);
  offer('a', long, 'b');
  await finish();
  t.ok(target.got.join('') === `1:A\n1:${long}\n1:B\n`);
});

t.test('Nothing goes on where no event was complete', async t => {
  const { target, offer, finish } = converting();
  offer();
  await finish();
  t.strictSame(target.got, []);
});

t.test('A conversion that is slow costs records beyond the limit only in bytes, and each is counted', async t => {
  const { plugin, overflows, offer, finish } = converting(2);
  offer('a');
  const large = 'x'.repeat(65 << 20);
  offer(large, 'b');
  offer(large);
  t.strictSame(overflows, [true], 'the second large one has no room');
  offer('c');
  t.strictSame(overflows, [true, false], 'nor has what follows, until it has caught up');
  t.equal(plugin.report().lostRecords, 4 + 2);
  t.ok(plugin.report().hasOverflowed);
  t.ok(plugin.isBehind(64 << 20));
  await finish();
  await finish();
  offer('d');
  t.equal(plugin.report().lostRecords, 4 + 2);
  plugin.resume();
  t.notOk(plugin.report().hasOverflowed);
});

t.test('Open events are completed by the clock while nothing comes', async t => {
  const { plugin, target, lines, asked, offer, finish, tick } = converting();
  await plugin.start();
  tick();
  lines.hasOpenEvents = true;
  offer('a');
  tick();
  t.strictSame(asked, ['feed 1'], 'not while records are converted');
  await finish();
  tick();
  await finish();
  t.strictSame(asked, ['feed 1', 'age 77']);
  t.strictSame(target.got, ['1:A\n', '1:aged\n']);
});

t.test('A stop converts what waits, completes what is open, and then stops the target', async t => {
  const { plugin, target, offer, finish } = converting();
  await plugin.start();
  offer('a');
  const stopped = plugin.stop();
  await finish();
  await stopped;
  t.strictSame(target.got, ['1:A\n', '1:rest\n']);
  t.strictSame(target.calls, ['start', 'stop']);
});

t.test('A stop amid the ageing converts what came meanwhile, too', async t => {
  const { plugin, target, lines, asked, offer, finish, tick } = converting();
  await plugin.start();
  lines.hasOpenEvents = true;
  tick();
  offer('a');
  const stopped = plugin.stop();
  await finish(); // the ageing
  await finish(); // the conversion
  await stopped;
  t.strictSame(asked, ['age 77', 'feed 1', 'end'], 'one call at a time');
  t.strictSame(target.got, ['1:aged\n', '1:A\n', '1:rest\n']);
});

t.test('Suspended, it drops and counts', async t => {
  const { plugin, target, offer } = converting();
  plugin.suspend();
  offer('a', 'b');
  t.match(plugin.report(), { lostRecords: 4 + 2, isSuspended: true });
  plugin.resume();
  plugin.setLimit(9);
  t.strictSame(target.calls, ['suspend', 'resume', 'limit 9']);
});

t.test('What is open goes to another process, after all that waits was converted', async t => {
  const { plugin, target, asked, offer, finish } = converting();
  await plugin.start();
  offer('a');
  const handing = plugin.handOver();
  await finish();
  const { events, program } = await handing;
  t.strictSame(asked, ['feed 1', 'take open']);
  t.strictSame(target.got, ['1:A\n']);
  t.strictSame(target.calls, ['start', 'stop'], 'one that cannot be handed over');
  t.equal(program, null);
  t.equal(Buffer.from(events.openRecords).toString(), 'open\n');

  const next = converting();
  const adopted = next.plugin.adopt(events, program);
  next.offer('b');
  await adopted;
  await next.finish();
  await next.finish();
  t.strictSame(next.target.calls, ['start']);
  t.strictSame(next.target.got.join(''), '1:OPEN\n1:B\n');
});
