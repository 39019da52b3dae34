import t from 'tap';
import { Dispatcher, type RecordRenderer } from './dispatcher.ts';
import type { Plugin, PluginReport } from './plugin.ts';
import type { Batch } from './slabs.ts';
import type { StreamFormat } from './streamFormat.ts';

/** Numbered records: `n\n`, or `<n>` in binary. Index numbers may begin anywhere below 2^32. */
class Numbers implements RecordRenderer {
  readonly tail: number;
  head: number;
  readonly first: number;
  rendered = 0;

  constructor(first = 0) {
    this.first = first;
    this.head = first;
    this.tail = first;
  }

  add(count: number): void {
    this.head = (this.head + count) >>> 0;
  }

  render(format: StreamFormat, start: number, end: number, out: Uint8Array, offset: number) {
    let bytes = 0;
    let next = start;
    let records = 0;
    for (; next !== end; next = (next + 1) >>> 0) {
      const number = (next - this.first) >>> 0;
      const record = Buffer.from(format === 'string' ? `${number}\n` : `<${number}>`);
      if (offset + bytes + record.length > out.length) break;
      out.set(record, offset + bytes);
      bytes += record.length;
      records++;
    }
    this.rendered += records;
    return { next, records, bytes };
  }

  renderLine(
    _format: StreamFormat,
    { bytes, isWhole }: { bytes: Uint8Array; isWhole: boolean },
    out: Uint8Array,
    offset: number,
  ) {
    const line = Buffer.concat([bytes, Buffer.from(isWhole ? '!' : '.')]);
    out.set(line, offset);
    return line.length;
  }
}

class Collector implements Plugin {
  readonly name: string;
  readonly format: StreamFormat;
  got = '';
  isSlow = false;
  storing: Promise<void> | null = null;

  constructor(name: string, format: StreamFormat = 'string') {
    this.name = name;
    this.format = format;
  }

  offer(batch: Batch): void {
    this.got += Buffer.from(batch.bytes).toString();
  }
  stored = () => this.storing;
  isBehind = () => this.isSlow;
  async start() {}
  async stop() {}
  resume() {}
  suspend() {}
  setLimit() {}
  report(): PluginReport {
    throw new Error('not asked for');
  }
}

function dispatching(renderer = new Numbers()) {
  const pauses: number[] = [];
  const dispatcher = new Dispatcher({
    renderer,
    pause: async milliseconds => {
      pauses.push(milliseconds);
    },
  });
  return { renderer, dispatcher, pauses };
}

const upTo = (count: number) => Array.from({ length: count }, (_, i) => `${i}\n`).join('');

t.test('Every plugin gets every record once, in order; each form is made once', async t => {
  const { renderer, dispatcher } = dispatching();
  const plugins = [new Collector('a'), new Collector('b'), new Collector('c', 'binary')];
  dispatcher.setPlugins(plugins);
  renderer.add(3);
  t.equal(dispatcher.advance(), false);
  renderer.add(2);
  t.equal(dispatcher.advanceTo(4), null);
  t.equal(dispatcher.advanceTo(4), null, 'it may be asked again');
  dispatcher.advance();
  t.equal(plugins[0]?.got, upTo(5));
  t.equal(plugins[1]?.got, upTo(5));
  t.equal(plugins[2]?.got, '<0><1><2><3><4>');
  t.equal(renderer.rendered, 10, 'twice for three plugins');
});

t.test('More than a slab holds goes in several batches, in all forms', async t => {
  const { renderer, dispatcher } = dispatching();
  const plugins = [new Collector('a'), new Collector('b', 'binary')];
  dispatcher.setPlugins(plugins);
  renderer.add(500_000);
  dispatcher.advanceTo(500_000);
  t.equal(plugins[0]?.got, upTo(500_000));
  t.equal(plugins[1]?.got, upTo(500_000).replaceAll(/(\d+)\n/g, '<$1>'));
});

t.test('Ahead of the log it gives some in a turn, and says that there is more', async t => {
  const { renderer, dispatcher } = dispatching();
  const plugin = new Collector('a');
  dispatcher.setPlugins([plugin]);
  renderer.add(100_000);
  let turns = 1;
  while (dispatcher.advance()) turns++;
  t.ok(turns > 5);
  t.equal(plugin.got, upTo(100_000));
});

t.test('Index numbers wrap', async t => {
  const { renderer, dispatcher } = dispatching(new Numbers(2 ** 32 - 5));
  const plugin = new Collector('a');
  dispatcher.setPlugins([plugin]);
  renderer.add(10);
  dispatcher.advanceTo(2 ** 32 - 2);
  dispatcher.advance();
  renderer.add(1);
  dispatcher.advanceTo(renderer.head);
  t.equal(plugin.got, upTo(11));
  t.equal(dispatcher.next, 6);
});

t.test('Without plugins nothing is made, and who comes later begins with what comes then', async t => {
  const { renderer, dispatcher } = dispatching();
  renderer.add(5);
  dispatcher.advance();
  t.equal(renderer.rendered, 0);
  const plugin = new Collector('a');
  dispatcher.setPlugins([plugin]);
  renderer.add(1);
  dispatcher.advance();
  t.equal(plugin.got, '5\n');
});

t.test('What an earlier process left in the ring comes first', async t => {
  const renderer = new Numbers();
  renderer.add(5);
  const dispatcher = new Dispatcher({ renderer, pause: async () => undefined });
  const plugin = new Collector('a');
  dispatcher.setPlugins([plugin]);
  dispatcher.advance();
  t.equal(plugin.got, upTo(5));
});

t.test('What an earlier process gave away is not given again', async t => {
  const renderer = new Numbers();
  renderer.add(5);
  const dispatcher = new Dispatcher({ renderer, pause: async () => undefined }, 3);
  const plugin = new Collector('a');
  dispatcher.setPlugins([plugin]);
  dispatcher.advance();
  t.equal(plugin.got, '3\n4\n');
});

t.test('Lines from elsewhere go to all, those of other machines whole', async t => {
  const { dispatcher } = dispatching();
  const plugins = [new Collector('a'), new Collector('b', 'binary')];
  dispatcher.setPlugins(plugins);
  dispatcher.dispatchLine(1200, Buffer.from('own'), false);
  dispatcher.dispatchLine(1300, Buffer.from('remote'), true);
  for (const plugin of plugins) t.equal(plugin.got, 'own.remote!');
});

t.test(
  'The log waits for a spool and, some milliseconds, for a reader that is far behind; else for nothing',
  async t => {
    const { renderer, dispatcher, pauses } = dispatching();
    const [slow, spooled] = [new Collector('slow'), new Collector('spooled')];
    dispatcher.setPlugins([slow, spooled]);
    renderer.add(1);
    t.equal(dispatcher.advanceTo(1), null);
    slow.isSlow = true;
    await dispatcher.advanceTo(1);
    t.strictSame(pauses.splice(0), [8]);
    slow.isSlow = false;
    let store = () => {};
    spooled.storing = new Promise(resolve => {
      store = resolve;
    });
    const waited = dispatcher.advanceTo(1);
    t.ok(waited instanceof Promise);
    store();
    await waited;
    t.strictSame(pauses, [1000], 'and no longer than a second');
  },
);
