import t, { type Test } from 'tap';
import { Backlog } from './backlog.ts';
import { Batch, Slabs } from './slabs.ts';

const text = (backlog: Backlog) => {
  const waiting = backlog.peek();
  return waiting === null ? '' : Buffer.concat(waiting.buffers).subarray(waiting.offset).toString();
};
const batch = (lines: string) => new Batch(Buffer.from(lines), lines.split('\n').length - 1);

function backlogOf(limit: number) {
  const clock = { now: 0 };
  const overflows: string[] = [];
  const sending: { again: () => void } = { again: () => undefined };
  const backlog = new Backlog({
    format: 'string',
    limit,
    now: () => clock.now,
    retry: () => sending.again(),
    onOverflow: (records, isFirst) => overflows.push(`${records}${isFirst ? ' first' : ''}`),
  });
  return { backlog, clock, overflows, sending };
}

/** Offered and let go, as the dispatcher does. */
function offer(backlog: Backlog, lines: string): void {
  const made = batch(lines);
  backlog.offer(made);
  made.release();
}

function counts(t: Test, backlog: Backlog, expected: { waits: number; sent: number; lost: number }): void {
  t.strictSame({ waits: backlog.records, sent: backlog.sentRecords, lost: backlog.lostRecords }, expected);
}

t.test('What is offered waits in order and goes as it is taken, also in the middle of a record', async t => {
  const { backlog } = backlogOf(10);
  offer(backlog, 'a1\na2\n');
  offer(backlog, 'b1\n');
  t.equal(text(backlog), 'a1\na2\nb1\n');
  backlog.took(4);
  t.equal(text(backlog), '2\nb1\n');
  counts(t, backlog, { waits: 3, sent: 0, lost: 0 });
  backlog.took(3);
  t.equal(text(backlog), '1\n');
  counts(t, backlog, { waits: 1, sent: 2, lost: 0 });
  backlog.took(2);
  t.equal(backlog.peek(), null);
  counts(t, backlog, { waits: 0, sent: 3, lost: 0 });
  t.equal(backlog.mostRecords, 3);
  t.equal(backlog.bytes, 0);
});

t.test('A reader that stands still costs itself what is beyond its limit, and is told of once', async t => {
  const { backlog, clock, overflows } = backlogOf(4);
  offer(backlog, 'a\nb\nc\n');
  clock.now = 1000;
  offer(backlog, 'd\ne\n');
  offer(backlog, 'f\n');
  t.equal(text(backlog), 'a\nb\nc\n');
  counts(t, backlog, { waits: 3, sent: 0, lost: 3 });
  t.strictSame(overflows, ['2 first', '1']);
  t.ok(backlog.hasOverflowed);
});

t.test('After an overflow records come again once half of the queue is free', async t => {
  const { backlog, clock, overflows } = backlogOf(4);
  offer(backlog, 'a\n');
  offer(backlog, 'b\nc\n');
  clock.now = 1000;
  offer(backlog, 'd\ne\n');
  offer(backlog, 'f\n'); // there would be room for it, but not for what comes next
  counts(t, backlog, { waits: 3, sent: 0, lost: 3 });
  backlog.took(2);
  offer(backlog, 'g\n');
  counts(t, backlog, { waits: 3, sent: 1, lost: 3 });
  t.equal(text(backlog), 'b\nc\ng\n');
  clock.now = 2000;
  offer(backlog, 'h\ni\n');
  t.strictSame(overflows, ['2 first', '1', '2 first'], 'a new overflow is told of again');
});

t.test('A reader that reads may be further behind than its limit', async t => {
  const { backlog, clock, overflows } = backlogOf(2);
  offer(backlog, 'a\nb\n');
  for (let i = 0; i < 100; i++) {
    clock.now += 200;
    offer(backlog, 'x\ny\nz\n');
    backlog.took(2);
  }
  t.strictSame(overflows, []);
  t.equal(backlog.records + backlog.sentRecords, 302);
  clock.now += 250;
  offer(backlog, 'one\n');
  t.strictSame(overflows, ['1 first'], 'until it has stood still for a quarter of a second');
});

t.test('A reader that takes bytes when asked again has not stood still: this process was late', async t => {
  const { backlog, clock, overflows, sending } = backlogOf(2);
  offer(backlog, 'a\nb\n');
  clock.now += 5000;
  sending.again = () => backlog.took(2);
  offer(backlog, 'c\nd\n');
  t.strictSame(overflows, []);
  counts(t, backlog, { waits: 4, sent: 0, lost: 0 });
});

t.test('A batch longer than the limit is taken by a reader for which nothing waits', async t => {
  const { backlog, overflows } = backlogOf(1);
  offer(backlog, 'a\nb\nc\n');
  t.equal(backlog.records, 3);
  t.strictSame(overflows, []);
});

t.test('A new reader begins with the record of which the last one got a part', async t => {
  const { backlog } = backlogOf(10);
  offer(backlog, 'first\nsecond\nthird\n');
  backlog.took(9);
  backlog.rewind();
  t.equal(text(backlog), 'second\nthird\n');
  backlog.took(7);
  backlog.rewind();
  t.equal(text(backlog), 'third\n', 'nothing whole comes again');
});

t.test('What is given up is lost, but for what was sent', async t => {
  const { backlog } = backlogOf(10);
  offer(backlog, 'first\nsecond\n');
  offer(backlog, 'third\n');
  backlog.took(8);
  backlog.discard();
  counts(t, backlog, { waits: 0, sent: 1, lost: 2 });
  t.equal(backlog.peek(), null);
});

t.test('What another process is to send begins where this one stopped', async t => {
  const { backlog } = backlogOf(10);
  offer(backlog, 'first\nsecond\n');
  offer(backlog, 'third\n');
  backlog.took(8);
  t.equal(Buffer.from(backlog.takeBytes()).toString(), 'cond\nthird\n');
  t.equal(backlog.peek(), null);
});

t.test('One write has as many batches as a call takes, and no more', async t => {
  const { backlog } = backlogOf(1000);
  for (let i = 0; i < 200; i++) offer(backlog, `${i}\n`);
  let all = '';
  for (let waiting = backlog.peek(); waiting !== null; waiting = backlog.peek()) {
    t.ok(waiting.buffers.length <= 64);
    all += Buffer.concat(waiting.buffers).subarray(waiting.offset).toString();
    backlog.took(waiting.bytes);
  }
  t.equal(all, Array.from({ length: 200 }, (_, i) => `${i}\n`).join(''));
});

t.test('A slab is used again once every holder of its batches has let go', async t => {
  const slabs = new Slabs();
  const fill = (bytes: number) =>
    slabs.make((out, offset) => ({ records: 1, bytes: Math.min(bytes, out.length - offset) }));
  const held = fill(1000);
  const offset = held?.bytes.byteOffset;
  held?.hold();
  held?.release();
  const second = fill(1000);
  t.not(second?.bytes.byteOffset, offset, 'the first is still held');
  second?.release();
  held?.release();
  t.equal(fill(1000)?.bytes.byteOffset, offset, 'now it is free');
});

t.test('Memory is bounded by what is held', async t => {
  const slabs = new Slabs();
  for (let i = 0; i < 1000; i++) slabs.make(() => ({ records: 1, bytes: 500_000 }))?.release();
  t.ok(slabs.bytes <= 2 << 20);
  const { backlog, clock } = backlogOf(100);
  const make = () => slabs.make(() => ({ records: 10, bytes: 900_000 }));
  for (let i = 0; i < 1000; i++) {
    clock.now += 100;
    const made = make();
    if (made === null) throw new Error('no batch');
    backlog.offer(made);
    made.release();
  }
  t.equal(backlog.records, 100, 'ten batches');
  t.ok(slabs.bytes <= 14 << 20);
  backlog.clear();
  t.ok(slabs.bytes <= 2 << 20);
});
