import { PassThrough } from 'node:stream';
import t from 'tap';
import { LineCutter, MOST_RECORD_BYTES } from './lineCutter.ts';
import { Plugin } from './plugin.ts';

async function all(plugin: Plugin): Promise<string[]> {
  const records: string[] = [];
  for await (const record of plugin.records()) records.push(record.toString('latin1'));
  return records;
}

t.test('Records come in order, however their bytes were cut', async t => {
  const lines = Array.from({ length: 500 }, (_, i) => `type=USER msg=audit(1.000:${i}): ${'x'.repeat(i)}`);
  const bytes = Buffer.from(`${lines.join('\n')}\n`);
  for (const size of [1, 7, 64, 4096, bytes.length]) {
    const input = new PassThrough();
    const plugin = new Plugin({ input });
    const records = all(plugin);
    for (let at = 0; at < bytes.length; at += size) input.write(bytes.subarray(at, at + size));
    input.end();
    t.strictSame(await records, lines, `pieces of ${size} bytes`);
    t.match(plugin.statistics, { records: 500, queued: 0, cut: 0 });
  }
});

t.test('A record without an end costs its end, and no other record', async t => {
  const cutter = new LineCutter();
  const records: Buffer[] = [];
  for (let i = 0; i < 1000; i++) records.push(...cutter.cut(Buffer.alloc(1000, 'a')));
  t.equal(records.length, 0);
  records.push(...cutter.cut(Buffer.from('\n\nnext\n')));
  t.strictSame(
    records.map(record => record.length),
    [MOST_RECORD_BYTES, 4],
  );
  t.equal(cutter.cutRecords, 1);
});

t.test('Bytes that are not UTF-8 stay what they are', async t => {
  const input = new PassThrough();
  const plugin = new Plugin({ input });
  input.end(Buffer.from([0xff, 0x00, 0xfe, 10]));
  for await (const record of plugin.records()) t.strictSame(record, Buffer.from([0xff, 0x00, 0xfe]));
});

t.test('A record that the daemon did not finish is handed on', async t => {
  const input = new PassThrough();
  input.end('one\ntw');
  t.strictSame(await all(new Plugin({ input })), ['one', 'tw']);
});

t.test('SIGTERM ends the loop after the records that have arrived', async t => {
  const input = new PassThrough();
  const plugin = new Plugin({ input });
  const records: string[] = [];
  input.write('1\n2\n3\n');
  for await (const record of plugin.records()) {
    records.push(record.toString());
    if (records.length === 1) process.emit('SIGTERM', 'SIGTERM');
  }
  t.strictSame(records, ['1', '2', '3']);
  t.ok(input.destroyed);
});

t.test('SIGHUP and SIGUSR1 do what they are for, and the plugin goes on', async t => {
  const input = new PassThrough();
  let reloads = 0;
  let reported = -1;
  const plugin = new Plugin({ input, onReload: () => reloads++, onReport: ({ records }) => (reported = records) });
  const records = all(plugin);
  input.write('1\n');
  process.emit('SIGHUP', 'SIGHUP');
  process.emit('SIGUSR1', 'SIGUSR1');
  input.end('2\n');
  t.strictSame(await records, ['1', '2']);
  t.equal(reloads, 1);
  t.ok(reported >= 0);
});

t.test('A full queue makes the reader wait, and loses nothing', async t => {
  let sent = 0;
  async function* endless() {
    for (; sent < 1000; sent++) yield Buffer.from(`${sent}\n`);
  }
  const plugin = new Plugin({ input: endless(), queueRecords: 10 });
  const records = plugin.records();
  const first = await records.next();
  t.equal(first.value?.toString(), '0');
  t.ok(sent <= 20, `${sent} taken while one was asked for`);
  let count = 1;
  for await (const record of records) t.equal(record.toString(), String(count++));
  t.equal(count, 1000);
  t.ok(plugin.statistics.mostQueued <= 10);
});

t.test('A failing input is an error, behind the records before it', async t => {
  async function* broken() {
    yield Buffer.from('1\n');
    throw new Error('gone');
  }
  const plugin = new Plugin({ input: broken() });
  const records: string[] = [];
  await t.rejects(
    async () => {
      for await (const record of plugin.records()) records.push(record.toString());
    },
    { message: 'gone' },
  );
  t.strictSame(records, ['1']);
});

t.test('Leaving the loop early stops the reading', async t => {
  const input = new PassThrough();
  input.write('1\n2\n');
  const listeners = process.listenerCount('SIGTERM');
  const plugin = new Plugin({ input });
  for await (const record of plugin.records()) {
    t.equal(record.toString(), '1');
    break;
  }
  t.ok(input.destroyed);
  t.equal(process.listenerCount('SIGTERM'), listeners);
});
