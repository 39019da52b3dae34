import { mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t from 'tap';
import { addon, type NativeReader } from '../binding/addon.ts';
import { Ring, RingError, type Run } from './ring.ts';

const MEGABYTE = 1 << 20;
const directory = mkdtempSync(join(tmpdir(), 'ring-'));
t.teardown(() => rmSync(directory, { recursive: true }));

const line = (serial: number, padding = 0) =>
  `type=CWD msg=audit(1700000000.${String(serial % 1000).padStart(3, '0')}:${serial}): cwd="/${'x'.repeat(padding)}"\n`;

/** A reader thread that plays a recorded log into a small ring, and a wait for its wake-ups. */
function playing(lines: readonly string[], ringBytes = MEGABYTE) {
  const file = join(directory, 'log');
  writeFileSync(file, lines.join(''));
  let wake = () => {};
  const reader: NativeReader = new addon.AuditReader(
    { bytes: ringBytes, memfd: null },
    { kind: 'recorded', fd: openSync(file, 'r') },
    false,
    '',
    0,
    () => {
      reader.acknowledge();
      wake();
    },
  );
  const ring = new Ring(reader.memory);
  reader.start();
  const woken = () =>
    new Promise<void>(resolve => {
      wake = resolve;
    });
  return { reader, ring, woken };
}

async function readAll(lines: readonly string[], limit: number, ringBytes = MEGABYTE) {
  const { reader, ring, woken } = playing(lines, ringBytes);
  const runs: { text: string; lines: number }[] = [];
  for (;;) {
    const next = woken();
    const isLast = reader.isFinished;
    for (let run = ring.peek(limit); run !== null; run = ring.peek(limit)) {
      runs.push({ text: Buffer.from(run.bytes).toString(), lines: run.lines });
      ring.release(run);
    }
    if (isLast) break;
    await next;
  }
  reader.close();
  return runs;
}

t.test('Runs hold every line once, in order', async t => {
  const lines = Array.from({ length: 1000 }, (_, i) => line(i));
  const runs = await readAll(lines, 64 * 1024);
  t.equal(runs.map(run => run.text).join(''), lines.join(''));
  t.equal(
    runs.reduce((sum, run) => sum + run.lines, 0),
    lines.length,
  );
});

t.test('A run ends with the line that reaches the limit', async t => {
  const lines = Array.from({ length: 10 }, (_, i) => line(i));
  const size = line(0).length;
  const runs = await readAll(lines, size + 1);
  t.strictSame(
    runs.map(run => run.lines),
    [2, 2, 2, 2, 2],
  );
  t.strictSame(
    (await readAll(lines, 1)).map(run => run.lines),
    lines.map(() => 1),
  );
});

t.test('Lines that wrap around the end of the ring stay contiguous', async t => {
  // Ten times what the ring holds, in lines whose length divides nothing.
  const lines = Array.from({ length: 10_000 }, (_, i) => line(i, 1000 + (i % 7)));
  const runs = await readAll(lines, 200_000);
  t.ok(runs.map(run => run.text).join('') === lines.join(''));
  t.ok(runs.every(run => run.text.startsWith('type=') && run.text.endsWith('\n')));
});

t.test('What was not released is handed out again, and nothing overwrites it', async t => {
  const lines = Array.from({ length: 5000 }, (_, i) => line(i, 1000));
  const { reader, ring, woken } = playing(lines);
  await woken();
  const first = ring.peek(10_000) as Run;
  const before = Buffer.from(first.bytes);
  // The reader thread fills the rest of the ring and then waits for room.
  while (ring.counters().timesFull === 0) await new Promise(resolve => setImmediate(resolve));
  t.ok(Buffer.from(first.bytes).equals(before));
  t.strictSame(ring.peek(10_000), first);
  t.ok(ring.usedBytes > MEGABYTE - 10_000);
  reader.abandon();
  reader.stop();
  reader.close();
  t.ok(Buffer.from(first.bytes).equals(before), 'the memory outlives the reader');
  t.ok(ring.counters().abandoned > 0, 'what found no room is counted');
});

t.test('Counters tell what was kept and what was not', async t => {
  const { reader, ring } = playing([
    line(1),
    'no record at all\n',
    '\n',
    line(2),
    'type=CWD msg=without a stamp\n',
    'type=UNKNOWN[1950] msg=audit(1700000000.000:3): a=1\n',
    'type=CWD msg=audit(1700000000.000:9): gap\n',
  ]);
  while (!reader.isFinished) await new Promise(resolve => setImmediate(resolve));
  const counters = ring.counters();
  t.equal(counters.records, 5);
  t.equal(counters.unreadable, 1);
  t.equal(counters.malformed, 1);
  t.match(Buffer.from((ring.peek(MEGABYTE) as Run).bytes).toString(), /type=UNKNOWN\[1950\] msg=audit/);
  reader.close();
});

t.test('Memory that is no ring is refused', async t => {
  t.throws(() => new Ring(new ArrayBuffer(8192)), RingError);
});

t.test('A ring of an impossible size is refused', async t => {
  for (const bytes of [0, 1, 3 * MEGABYTE, 2 ** 31]) {
    const fd = openSync('/dev/null', 'r');
    t.throws(
      () => new addon.AuditReader({ bytes, memfd: null }, { kind: 'recorded', fd }, true, '', 0, () => {}),
      /memfd_create: Invalid argument/,
    );
  }
});
