import { appendFileSync, chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { FakeOutlet } from '../../../test/support/fakeProgram.ts';
import { SaidMessages } from '../../../test/support/saidMessages.ts';
import { Feed } from './feed.ts';
import { Batch } from './slabs.ts';
import { Spool } from './spool.ts';

const MEGABYTE = 1 << 20;

function newDirectory(t: Test): string {
  const directory = mkdtempSync(join(tmpdir(), 'spool-'));
  t.teardown(() => rmSync(directory, { recursive: true, force: true }));
  return join(directory, 'plugin.string');
}

async function open(directory: string, limitBytes = MEGABYTE) {
  const messages = new SaidMessages();
  const lost: number[] = [];
  const spool = await Spool.open({
    directory,
    format: 'string',
    limitBytes,
    messages,
    onLost: records => lost.push(records),
  });
  /** A reader of its own, as a plugin that is started. */
  const read = () => {
    const outlet = new FakeOutlet({ onWritable: () => feed.unblock(), onGone: () => undefined });
    const feed = new Feed(spool, () => undefined);
    spool.onReady(() => feed.pump());
    spool.readBy(outlet);
    feed.attach(outlet);
    return outlet;
  };
  return { spool, messages, lost, read };
}

function offer(spool: Spool, lines: string): boolean {
  const batch = new Batch(Buffer.from(lines), lines.split('\n').length - 1);
  const isTaken = spool.offer(batch);
  batch.release();
  return isTaken;
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise(resolve => setTimeout(resolve, 5));
}

const numbered = (first: number, count: number) =>
  Array.from({ length: count }, (_, i) => `record ${first + i}\n`).join('');

t.test('What is offered is on the disk, and is read in order', async t => {
  const directory = newDirectory(t);
  const { spool, read } = await open(directory);
  offer(spool, 'a\nb\n');
  offer(spool, 'c\n');
  await spool.stored();
  t.equal(spool.stored(), null);
  t.equal(readFileSync(join(directory, '0000000000000000.records'), 'utf8'), 'a\nb\nc\n');
  const reader = read();
  await until(() => reader.got === 'a\nb\nc\n');
  offer(spool, 'd\n');
  await until(() => reader.got === 'a\nb\nc\nd\n');
  t.equal(spool.sentRecords, 4);
  await spool.close();
});

t.test('The next process begins with what may not have been read', async t => {
  const directory = newDirectory(t);
  const first = await open(directory);
  offer(first.spool, numbered(0, 10));
  await first.spool.stored();
  const reader = first.read();
  await until(() => reader.got === numbered(0, 10));
  await until(() => readFileSync(join(directory, 'position'), 'latin1') === '0000000000000090\n');
  offer(first.spool, numbered(10, 10));
  reader.unreadBytes = 1;
  await until(() => reader.got === numbered(0, 20));
  await first.spool.stored();
  // Killed here: nothing is closed.
  const second = await open(directory);
  const again = second.read();
  await until(() => again.got === numbered(10, 10));
  await until(() => second.spool.unreadBytes === 0);
  await second.spool.close();
  const third = await open(directory);
  offer(third.spool, 'last\n');
  const last = third.read();
  await until(() => last.got !== '');
  t.equal(last.got, 'last\n');
  await third.spool.close();
});

t.test('A reader that dies leaves what it did not read to the next one', async t => {
  const { spool, read } = await open(newDirectory(t));
  offer(spool, 'a\n');
  await spool.stored();
  const reader = read();
  await until(() => reader.got === 'a\n');
  reader.leave();
  spool.rewind();
  const next = read();
  await until(() => next.got === 'a\n');
  await spool.close();
});

t.test('Beyond its limit it refuses, and takes records again when others were read', async t => {
  const directory = newDirectory(t);
  const { spool, read } = await open(directory);
  const batch = numbered(1_000_000, 5000);
  let taken = 0;
  while (offer(spool, batch)) {
    taken++;
    await spool.stored();
  }
  t.ok(spool.isFirstDrop);
  t.notOk(offer(spool, batch));
  t.notOk(spool.isFirstDrop);
  t.ok(spool.hasOverflowed);
  t.ok(taken * batch.length > MEGABYTE - 2 * batch.length);
  const bytesOnDisk = () =>
    readdirSync(directory).reduce((sum, name) => sum + readFileSync(join(directory, name)).length, 0);
  t.ok(bytesOnDisk() <= MEGABYTE + 100);
  const reader = read();
  await until(() => offer(spool, batch));
  await spool.stored();
  await until(() => reader.got.length === (taken + 1) * batch.length);
  t.equal(reader.got, batch.repeat(taken + 1));
  await until(() => readdirSync(directory).length === 2);
  t.ok(bytesOnDisk() < MEGABYTE / 2, 'what was read is removed');
  await spool.close();
});

t.test('Half a record at the end, left by a kill, is cut off', async t => {
  const directory = newDirectory(t);
  const first = await open(directory);
  offer(first.spool, 'a\nb\n');
  await first.spool.close();
  appendFileSync(join(directory, '0000000000000000.records'), 'half a rec');
  const { spool, read } = await open(directory);
  offer(spool, 'c\n');
  const reader = read();
  await until(() => reader.got === 'a\nb\nc\n');
  await spool.close();
});

t.test('A position that is none repeats; it never skips', async t => {
  const directory = newDirectory(t);
  for (const position of ['', 'garbage', '9999999999999999\n', '-000000000000001\n']) {
    const first = await open(directory);
    offer(first.spool, 'a\n');
    await first.spool.close();
    writeFileSync(join(directory, 'position'), position);
    const { spool, read } = await open(directory);
    offer(spool, 'z\n');
    const reader = read();
    await until(() => reader.got.endsWith('z\n'));
    t.equal(reader.got, 'a\nz\n', position);
    await spool.close();
    rmSync(directory, { recursive: true });
  }
});

t.test('A segment that somebody removed is told of, and what follows is read', async t => {
  const directory = newDirectory(t);
  const { spool, messages, read } = await open(directory);
  offer(spool, numbered(0, 20_000));
  await spool.stored();
  offer(spool, 'next segment\n');
  await spool.stored();
  rmSync(join(directory, '0000000000000000.records'));
  const reader = read();
  await until(() => reader.got === 'next segment\n');
  t.match(messages.said, [/^error Cannot read the spool .* \(No such file or directory\)$/, /bytes are lost$/]);
  await spool.close();
});

t.test('A disk that takes nothing costs the records, which are counted, with one message', async t => {
  const directory = newDirectory(t);
  const { spool, messages, lost } = await open(directory);
  rmSync(directory, { recursive: true });
  offer(spool, 'a\nb\n');
  await spool.stored();
  offer(spool, 'c\n');
  await spool.stored();
  t.strictSame(lost, [2, 1]);
  t.match(messages.said, [/^error Cannot write to the spool/]);
  t.equal(messages.said.length, 1);
});

t.test('A directory that others could change is refused', async t => {
  const directory = newDirectory(t);
  await (await open(directory)).spool.close();
  chmodSync(directory, 0o770);
  await t.rejects(open(directory), { name: 'SpoolError' });
});
