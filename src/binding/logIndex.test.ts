import { chmodSync, existsSync, mkdtempSync, readdirSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t from 'tap';
import { LogIndexer } from './logIndex.ts';

const LINES_IN_LARGE = 400_000;

function home(): { log: string; names: () => string[] } {
  const directory = mkdtempSync(join(tmpdir(), 'index-'));
  t.teardown(() => rmSync(directory, { recursive: true }));
  return { log: `${directory}/audit.log`, names: () => readdirSync(directory).toSorted() };
}

function lines(count: number): string {
  return Array.from({ length: count }, (_, at) => `type=SYSCALL msg=audit(1700000000.000:${at + 1}): pid=${at}\n`).join(
    '',
  );
}

t.test('A log gets an index for whoever may read the log, and only one', async t => {
  const { log, names } = home();
  writeFileSync(`${log}.1`, lines(100));
  chmodSync(`${log}.1`, 0o440);
  const indexer = new LogIndexer();
  t.ok(((await indexer.build(`${log}.1`)) ?? 0) > 100);
  const name = `.audit.log.index-${statSync(`${log}.1`).ino}`;
  t.strictSame(names(), [name, 'audit.log.1']);
  t.equal(statSync(join(log, '..', name)).mode & 0o777, 0o440);
  t.equal(await indexer.build(`${log}.1`), null);
});

t.test('A log that is rotated while it is indexed gets its index all the same', async t => {
  const { log, names } = home();
  writeFileSync(`${log}.1`, lines(LINES_IN_LARGE));
  const building = new LogIndexer().build(`${log}.1`);
  renameSync(`${log}.1`, `${log}.2`);
  const { ino } = statSync(`${log}.2`);
  // Renamed before the thread had opened it: then it is not there.
  const isBuilt = await building.then(
    bytes => bytes !== null,
    (error: unknown) => {
      t.match(error, { code: 'ENOENT' });
      return false;
    },
  );
  t.strictSame(names(), isBuilt ? [`.audit.log.index-${ino}`, 'audit.log.2'] : ['audit.log.2']);
});

t.test('A log that is not there, an empty and a compressed one', async t => {
  const { log, names } = home();
  const indexer = new LogIndexer();
  await t.rejects(indexer.build(log), { code: 'ENOENT' });
  writeFileSync(log, '');
  t.equal(await indexer.build(log), null);
  writeFileSync(log, Buffer.from([0x1f, 0x8b, 8, 0, 0]));
  t.equal(await indexer.build(log), null);
  t.strictSame(names(), ['audit.log']);
});

t.test('What is cancelled leaves nothing', async t => {
  const { log, names } = home();
  writeFileSync(`${log}.1`, lines(LINES_IN_LARGE));
  const indexer = new LogIndexer();
  const building = indexer.build(`${log}.1`);
  indexer.cancel();
  t.equal(await building, null);
  t.strictSame(names(), ['audit.log.1']);
});

t.test('An index goes when its log has gone, and so does one that was begun', async t => {
  const { log, names } = home();
  writeFileSync(log, lines(10));
  writeFileSync(`${log}.1`, lines(10));
  const indexer = new LogIndexer();
  await indexer.build(`${log}.1`);
  const kept = join(log, '..', `.audit.log.index-${statSync(`${log}.1`).ino}`);
  for (const other of ['.audit.log.index-1', '.audit.log.index-1.new', '.audit.log.index-x', '.other.log.index-1']) {
    writeFileSync(join(log, '..', other), '');
  }
  t.equal(await indexer.removeOrphans(log), 2);
  t.ok(existsSync(kept));
  rmSync(`${log}.1`);
  t.equal(await indexer.removeOrphans(log), 1);
  t.strictSame(names(), ['.audit.log.index-x', '.other.log.index-1', 'audit.log']);
});
