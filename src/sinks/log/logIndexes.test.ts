import t from 'tap';
import { LOG } from '../../../test/support/logSettings.ts';
import { LogUnderTest, records, upTo } from '../../../test/support/logUnderTest.ts';
import { ENOSPC, MemoryFiles } from '../../../test/support/memoryFiles.ts';
import { SystemError } from '../../base/errors.ts';
import { type IndexBuilder, indexPath } from './logIndexes.ts';
import type { LogSettings } from './logSettings.ts';

/** Makes files in memory in the place of indexes. */
class FakeBuilder implements IndexBuilder {
  readonly disk = new MemoryFiles('/var/log/audit');
  readonly asked: string[] = [];
  running = 0;
  cancelled = 0;
  /** What the next ones answer, instead of building. */
  answer: ((log: string) => Promise<number | null>) | null = null;

  async build(log: string): Promise<number | null> {
    this.asked.push(log);
    if (++this.running > 1) throw new Error('two at a time');
    try {
      if (this.answer !== null) return await this.answer(log);
      const { ino } = await this.disk.process().lstat(log);
      this.disk.put(indexPath(LOG, ino), 'file', 'index');
      return 5;
    } finally {
      this.running--;
    }
  }

  async removeOrphans(log: string): Promise<number> {
    const files = this.disk.process();
    const logs = this.disk.names.filter(name => name === log || name.startsWith(`${log}.`));
    const known = await Promise.all(logs.map(async name => indexPath(log, (await files.lstat(name)).ino)));
    const orphans = this.indexes.filter(name => !known.includes(name));
    for (const name of orphans) await files.unlink(name);
    return orphans.length;
  }

  cancel(): void {
    this.cancelled++;
  }

  get indexes(): string[] {
    return this.disk.names.filter(name => name.includes('/.audit.log.index-'));
  }

  get logs(): string[] {
    return this.disk.names.filter(name => !name.includes('/.')).map(name => name.slice(LOG.length));
  }
}

async function opened(changes: Partial<LogSettings> = {}) {
  const builder = new FakeBuilder();
  const test = new LogUnderTest({ indexes: true, ...changes }, builder.disk, builder);
  await test.log.open();
  await test.log.archivesSettled;
  const rotate = async () => {
    await test.write(10);
    await test.log.rotate();
    await test.log.archivesSettled;
  };
  const warnings = () => test.messages.take().filter(text => text.startsWith('warning'));
  return { builder, test, rotate, warnings };
}

t.test('Each rotated log is indexed once, and its index goes with it', async t => {
  const { builder, test, rotate } = await opened();
  for (const number of upTo(6)) {
    await rotate();
    t.equal(builder.indexes.length, Math.min(number, 3));
  }
  t.strictSame(
    builder.asked,
    Array.from({ length: 6 }, () => `${LOG}.1`),
  );
  t.strictSame(builder.logs, ['', '.1', '.2', '.3']);
  t.strictSame(test.log.indexCounts, { built: 6, failed: 0, builtBytes: 30, removed: 3 });
  await test.log.tick();
  await test.log.archivesSettled;
  t.equal(builder.asked.length, 6);
});

t.test('Archives that were there before are indexed at the start, and one that lost its index again', async t => {
  const builder = new FakeBuilder();
  builder.disk.put(LOG, 'file', records(3, 1));
  builder.disk.put(`${LOG}.1`, 'file', records(2, 1));
  builder.disk.put(`${LOG}.2`, 'file', records(1, 1));
  const test = new LogUnderTest({ indexes: true }, builder.disk, builder);
  await test.log.open();
  await test.log.archivesSettled;
  t.strictSame(builder.asked, [`${LOG}.1`, `${LOG}.2`]);
  const { ino } = await test.process.lstat(`${LOG}.2`);
  await test.process.unlink(indexPath(LOG, ino));
  await test.log.tick();
  await test.log.archivesSettled;
  t.strictSame(builder.asked.slice(2), [`${LOG}.2`]);
});

t.test('A failure costs the index, is told once, and is tried again', async t => {
  const { builder, test, rotate, warnings } = await opened();
  builder.answer = path => Promise.reject(new SystemError({ syscall: 'index', errno: ENOSPC, path }));
  for (const _ of upTo(3)) await rotate();
  t.strictSame(warnings(), [`warning Cannot index ${LOG}.1: No space left on device`]);
  t.strictSame(test.written, upTo(30));
  t.equal(test.log.indexCounts?.failed, 3);
  builder.answer = null;
  await test.log.tick();
  await test.log.archivesSettled;
  t.equal(builder.indexes.length, 3);
});

t.test('Records are written and logs rotated while an index is built', async t => {
  const { builder, test } = await opened({ numLogs: 999 });
  let end = (_: null) => {};
  builder.answer = () => new Promise(resolve => (end = resolve));
  for (const _ of upTo(5)) {
    await test.write(10);
    await test.log.rotate();
  }
  await test.write(1);
  t.strictSame(test.written, upTo(51));
  t.equal(builder.asked.length, 1, 'one at a time');
  builder.answer = null;
  end(null);
  await test.log.archivesSettled;
  t.equal(builder.indexes.length, 4);
});

t.test('Closing the log cancels what is built', async t => {
  const { builder, test } = await opened();
  let end = (_: null) => {};
  builder.answer = () => new Promise(resolve => (end = resolve));
  builder.cancel = () => end(null);
  await test.write(10);
  await test.log.rotate();
  while (builder.asked.length === 0) await new Promise(resolve => setImmediate(resolve));
  await test.log.close();
  t.equal(builder.running, 0);
  t.strictSame(builder.indexes, []);
});

t.test('A reload turns it on and off; while it is off, indexes go with their logs', async t => {
  const { builder, test, rotate } = await opened({ indexes: false, numLogs: 3 });
  await rotate();
  t.strictSame(builder.asked, []);
  await test.reconfigure({ indexes: true });
  await test.log.tick();
  await test.log.archivesSettled;
  t.equal(builder.indexes.length, 1);
  await test.reconfigure({ indexes: false });
  for (const _ of upTo(2)) await rotate();
  t.equal(builder.asked.length, 1);
  t.strictSame(builder.indexes, []);
});

t.test('A compressed log loses its index', async t => {
  const { builder, rotate } = await opened({ compression: { level: 1, plainArchives: 1 } });
  for (const _ of upTo(3)) await rotate();
  t.strictSame(builder.logs, ['', '.1', '.2.gz', '.3.gz']);
  t.equal(builder.indexes.length, 1);
});

t.test('An index counts as part of its log for max_total', async t => {
  const { builder, rotate } = await opened({
    numLogs: 999,
    retention: { maxAgeSeconds: null, maxTotalBytes: 45 * 1024, leastArchives: 0 },
  });
  builder.answer = async log => {
    const { ino } = await builder.disk.process().lstat(log);
    builder.disk.put(indexPath(LOG, ino), 'file', 'x'.repeat(10 * 1024));
    return 10 * 1024;
  };
  for (const _ of upTo(4)) await rotate();
  t.strictSame(builder.logs, ['', '.1', '.2']);
});
