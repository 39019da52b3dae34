import { gzipSync } from 'node:zlib';
import t from 'tap';
import { LOG } from '../../../test/support/logSettings.ts';
import { LogUnderTest, record, records, upTo } from '../../../test/support/logUnderTest.ts';
import { ENOSPC, EROFS, ERRNO, type FileCall } from '../../../test/support/memoryFiles.ts';
import type { CompressionSettings, LogSettings } from './logSettings.ts';

const IN_MEGABYTE = 1024; // records
const compression: CompressionSettings = { level: 1, plainArchives: 0 };

async function opened(changes: Partial<LogSettings> = {}): Promise<LogUnderTest> {
  const test = new LogUnderTest({ compression, ...changes });
  await test.log.open();
  await test.log.archivesSettled;
  return test;
}

const named = (...endings: string[]) => endings.map(ending => `${LOG}${ending}`).toSorted();
const isCompressing = (call: FileCall) => call.path === `${LOG}.compressing`;

/** One archive of ten records, not compressed yet, and a log that is about to do it. */
async function withArchive(): Promise<LogUnderTest> {
  const test = new LogUnderTest({ compression });
  test.disk.put(LOG, 'file', records(11, 1));
  test.disk.put(`${LOG}.1`, 'file', records(1, 10));
  return test;
}

t.test('A rotated log is compressed, and keeps its mode, owner and time', async t => {
  const test = await opened({ gid: 7 });
  await test.write(10);
  const written = test.clock.wall();
  test.clock.pass(5000);
  await test.log.rotate();
  await test.log.archivesSettled;
  t.strictSame(test.disk.names, named('', '.1.gz'));
  t.equal(test.text(`${LOG}.1.gz`), records(1, 10));
  t.equal(test.disk.mode(`${LOG}.1.gz`), 0o440);
  t.strictSame(test.disk.owner(`${LOG}.1.gz`), [0, 7]);
  const { mtimeMs } = await test.process.lstat(`${LOG}.1.gz`);
  t.equal(mtimeMs, written);
  t.equal(test.disk.openDescriptors, 1);
  t.strictSame(test.messages.take(), [
    'notice Adjusted audit log directory permissions for /var/log/audit',
    'info Audit daemon rotating log files',
  ]);
});

t.test('Compressed archives are generations like any other', async t => {
  const test = await opened();
  for (const _ of upTo(5)) {
    await test.write(2);
    await test.log.rotate();
    await test.log.archivesSettled;
  }
  t.strictSame(test.disk.names, named('', '.1.gz', '.2.gz', '.3.gz'));
  t.strictSame(test.written, upTo(10).slice(4));
});

t.test('The newest archives can stay as they are', async t => {
  const test = await opened({ compression: { level: 9, plainArchives: 2 } });
  for (const _ of upTo(3)) {
    await test.write(2);
    await test.log.rotate();
    await test.log.archivesSettled;
  }
  t.strictSame(test.disk.names, named('', '.1', '.2', '.3.gz'));
});

t.test('Archives that a daemon without compression left are compressed at the start', async t => {
  const test = new LogUnderTest({ compression });
  for (const number of [1, 2, 3]) test.disk.put(`${LOG}.${number}`, 'file', record(10 - number));
  await test.log.open();
  await test.log.archivesSettled;
  t.strictSame(test.disk.names, named('', '.1.gz', '.2.gz', '.3.gz'));
});

t.test('Without compression a .gz is somebody else’s and stays', async t => {
  const test = await opened({ compression: null });
  test.disk.put(`${LOG}.3.gz`, 'file', 'mine');
  for (const _ of upTo(5)) {
    await test.write(1);
    await test.log.rotate();
  }
  t.equal(test.disk.text(`${LOG}.3.gz`), 'mine');
});

t.test('Records are written and rotated while an archive is compressed', async t => {
  const test = await opened({ numLogs: 999 });
  for (const _ of upTo(12)) {
    await test.write(IN_MEGABYTE / 2);
    await test.log.rotate(); // nobody waits for the archives
  }
  await test.write(1);
  await test.log.archivesSettled;
  t.strictSame(test.written, upTo(6 * IN_MEGABYTE + 1));
  t.strictSame(test.disk.names, named('', ...upTo(12).map(number => `.${number}.gz`)));
  t.strictSame(
    test.messages.take().filter(text => !text.startsWith('info ')),
    [],
  );
});

t.test('An archive that rotation deletes while it is compressed leaves nothing', async t => {
  const test = await opened({ numLogs: 2 });
  for (const _ of upTo(20)) {
    await test.write(100);
    await test.log.rotate();
  }
  await test.log.archivesSettled;
  t.strictSame(test.written, upTo(2000).slice(-100));
  t.strictSame(test.disk.names, named('', '.1.gz'));
});

t.test('An archive that is still written is not compressed', async t => {
  const test = await opened();
  test.disk.fault = call => (call.name === 'open' && call.path === LOG ? ENOSPC : 0);
  await test.write(IN_MEGABYTE + 10, () => true);
  await test.log.tick().catch(() => undefined);
  await test.log.archivesSettled;
  t.strictSame(test.disk.names, named('.1'));
  test.disk.fault = () => 0;
  test.clock.pass(1000);
  await test.write(1);
  await test.log.archivesSettled;
  t.strictSame(test.disk.names, named('', '.1.gz'));
  t.strictSame(test.written, upTo(IN_MEGABYTE + 11));
});

t.test('Whichever call fails, each generation is there once, and the next try succeeds', async t => {
  const whole = await withArchive();
  await whole.log.open();
  const first = whole.disk.calls.length;
  await whole.log.archivesSettled;
  const last = whole.disk.calls.length;
  t.ok(last - first > 20);
  for (let index = first + 1; index <= last; index++) {
    for (const errno of [ERRNO.EIO, ENOSPC, EROFS]) {
      const test = await withArchive();
      test.disk.fault = call => (call.index === index ? errno : 0);
      await test.log.open();
      await test.log.archivesSettled;
      t.strictSame(test.written, upTo(11), `call ${index}`);
      t.equal(test.disk.openDescriptors, 1, `call ${index}`);
      t.strictSame(
        test.messages.take().filter(text => !/^warning Cannot tidy up the archives/.test(text)),
        [],
      );
      await test.log.tick();
      await test.log.archivesSettled;
      t.strictSame(test.disk.names, named('', '.1.gz'), `call ${index}`);
      t.strictSame(test.written, upTo(11), `call ${index}`);
    }
  }
});

t.test('Killed at any call, the next start ends what was begun', async t => {
  const whole = await withArchive();
  await whole.log.open();
  const first = whole.disk.calls.length;
  await whole.log.archivesSettled;
  const last = whole.disk.calls.length;
  for (let index = first + 1; index <= last; index++) {
    const test = await withArchive();
    test.disk.fault = call => {
      if (call.index === index) test.process.kill();
      return 0;
    };
    await test.log.open();
    await test.log.archivesSettled;
    test.kill();
    await test.log.open();
    t.strictSame(test.written, upTo(11), `call ${index}, before anything else is compressed`);
    await test.log.archivesSettled;
    t.strictSame(test.disk.names, named('', '.1.gz'), `call ${index}`);
    t.strictSame(test.written, upTo(11), `call ${index}`);
  }
});

t.test('A copy that does not decompress to the original is not kept', async t => {
  for (const spoil of [0, 20]) {
    const test = await withArchive();
    const { write } = test.process;
    let damaged = false;
    test.process.write = async (fd, bytes) => {
      const copy = Uint8Array.from(bytes);
      const isCopy = test.disk.names.includes(`${LOG}.compressing`) && !damaged && copy.length > 30; // past the header
      if (isCopy) copy[copy.length - 1 - spoil] = (copy[copy.length - 1 - spoil] ?? 0) ^ 0xff;
      damaged ||= isCopy;
      return write(fd, copy);
    };
    await test.log.open();
    await test.log.archivesSettled;
    t.ok(damaged);
    t.strictSame(test.disk.names, named('', '.1'));
    t.match(test.messages.take(), [/^warning Cannot tidy up the archives of /]);
  }
});

t.test('An archive that changes while it is compressed is left alone', async t => {
  const test = await withArchive();
  let appended = false;
  test.disk.fault = call => {
    if (!appended && call.name === 'fsync' && isCompressing(call)) {
      appended = true;
      void test.process.open(`${LOG}.1`, 2, 0).then(fd => test.process.write(fd, Buffer.from(record(99))));
    }
    return 0;
  };
  await test.log.open();
  await test.log.archivesSettled;
  t.ok(test.disk.names.includes(`${LOG}.1`));
  t.equal(test.disk.text(`${LOG}.1`), records(1, 10) + record(99));
});

t.test('Of a generation in both forms the whole copy stays; two that differ both do', async t => {
  const same = await withArchive();
  same.disk.put(`${LOG}.1.gz`, 'file', gzipSync(records(1, 10)).toString('latin1'));
  await same.log.open();
  t.strictSame(same.disk.names, named('', '.1.gz'));
  for (const content of [gzipSync(records(2, 10)).toString('latin1'), 'no gzip', '']) {
    const other = await withArchive();
    other.disk.put(`${LOG}.1.gz`, 'file', content);
    await other.log.open();
    await other.log.archivesSettled;
    t.strictSame(other.disk.names, named('', '.1', '.1.gz'));
    t.strictSame(other.messages.take(), [`warning ${LOG}.1 and ${LOG}.1.gz differ: both stay`]);
  }
});

t.test('A failure that stays is told once', async t => {
  const test = await withArchive();
  test.disk.fault = call => (call.name === 'open' && isCompressing(call) ? ENOSPC : 0);
  await test.log.open();
  for (const _ of upTo(3)) {
    await test.log.archivesSettled;
    await test.log.tick();
  }
  await test.log.archivesSettled;
  t.strictSame(test.messages.take(), [`warning Cannot tidy up the archives of ${LOG}: No space left on device`]);
});

t.test('close gives a compression up and leaves the original', async t => {
  const test = new LogUnderTest({ compression });
  test.disk.put(LOG, 'file');
  test.disk.put(`${LOG}.1`, 'file', records(1, 4000));
  await test.log.open();
  await test.log.close();
  t.strictSame(test.disk.names, named('', '.1'));
  t.equal(test.disk.openDescriptors, 0);
});

t.test('A reload amid a compression ends it when its result would be out of date', async t => {
  const amid = async (changes: Partial<LogSettings>, before: Partial<LogSettings> = {}) => {
    const test = new LogUnderTest({ compression, gid: 7, ...before });
    test.disk.put(LOG, 'file');
    test.disk.put(`${LOG}.1`, 'file', records(1, 4000));
    await test.log.open();
    let isReloaded = false;
    let reloaded = Promise.resolve();
    test.disk.fault = call => {
      if (!isReloaded && isCompressing(call) && call.name === 'write') {
        isReloaded = true;
        reloaded = test.reconfigure(changes);
      }
      return 0;
    };
    await test.log.archivesSettled;
    t.ok(isReloaded);
    await reloaded;
    await test.log.archivesSettled;
    t.strictSame(
      test.messages.take().filter(text => /^(warning|error|critical)/.test(text)),
      [],
    );
    t.equal(test.disk.openDescriptors, 1);
    return test;
  };
  const revoked = await amid({ gid: 0 });
  t.strictSame(revoked.disk.names, named('', '.1.gz'));
  t.strictSame(revoked.disk.owner(`${LOG}.1.gz`), [0, 0], 'the former log_group reads it no more');
  t.equal(revoked.disk.mode(`${LOG}.1.gz`), 0o400);
  const off = await amid({ compression: null });
  t.strictSame(off.disk.names, named('', '.1'), 'what num_logs counts');
  const elsewhere = await amid({ path: '/var/log/audit/other.log' });
  t.strictSame(elsewhere.disk.names, [`${LOG}`, `${LOG}.1`, '/var/log/audit/other.log'].toSorted());
  for (const test of [revoked, off, elsewhere]) await test.log.close();
});

t.test('Archives are deleted by age and by size, oldest first, each told, the newest kept', async t => {
  const day = 24 * 3600;
  const test = await opened({
    compression: null,
    numLogs: 999,
    retention: { maxAgeSeconds: 3 * day, maxTotalBytes: 50 * 1024, leastArchives: 2 },
  });
  for (const _ of upTo(6)) {
    await test.write(1);
    await test.log.rotate();
    test.clock.pass(day * 1000);
  }
  await test.log.archivesSettled;
  test.messages.take();
  await test.log.tick();
  await test.log.archivesSettled;
  t.strictSame(test.disk.names, named('', '.1', '.2', '.3'));
  t.strictSame(test.messages.take(), [`notice Log ${LOG}.4 removed because it is too old`]);
  await test.write(60);
  await test.log.rotate();
  await test.log.archivesSettled;
  t.strictSame(test.disk.names, named('', '.1', '.2'));
  t.strictSame(test.messages.take(), [
    'info Audit daemon rotating log files',
    `notice Log ${LOG}.4 removed because the logs take too much space`,
    `notice Log ${LOG}.3 removed because the logs take too much space`,
  ]);
  test.clock.pass(365 * day * 1000);
  await test.log.tick();
  await test.log.archivesSettled;
  t.equal(test.disk.names.length, 3, 'never below the minimum');
});

t.test('Compression and deletion go together', async t => {
  const test = await opened({
    numLogs: 999,
    retention: { maxAgeSeconds: null, maxTotalBytes: 20_000, leastArchives: 1 },
  });
  for (const _ of upTo(20)) {
    await test.write(IN_MEGABYTE / 4);
    await test.log.rotate();
    await test.log.archivesSettled;
  }
  t.ok(test.disk.names.length > 2);
  t.ok(test.disk.names.every(name => name === LOG || name.endsWith('.gz')));
  const written = test.written;
  t.strictSame(written, upTo(20 * (IN_MEGABYTE / 4)).slice(-written.length));
});
