import { constants } from 'node:fs';
import t from 'tap';
import { LOG, logSettings } from '../../../test/support/logSettings.ts';
import { failureOf, LogUnderTest, record, records, upTo } from '../../../test/support/logUnderTest.ts';
import { EDQUOT, ELOOP, ENOSPC, EROFS, ERRNO, type FileCall, MemoryFiles } from '../../../test/support/memoryFiles.ts';
import type { LogFailure } from './logFailure.ts';
import { LogWriter } from './logWriter.ts';

const IN_MEGABYTE = 1024; // records
const never = Number.POSITIVE_INFINITY;

async function opened(...args: ConstructorParameters<typeof LogUnderTest>): Promise<LogUnderTest> {
  const test = new LogUnderTest(...args);
  await test.log.open();
  return test;
}

/** Lets one call fail, the `nth` that fits. */
function failOnce(errno: number, fits: (call: FileCall) => boolean, nth = 1): (call: FileCall) => number {
  let left = nth;
  return call => (fits(call) && --left === 0 ? errno : 0);
}

t.test('A new log is root’s, with mode 0600, or its group’s with 0640', async t => {
  const test = await opened();
  t.equal(test.disk.mode(LOG), 0o600);
  const shared = await opened({ gid: 7 });
  t.equal(shared.disk.mode(LOG), 0o640);
  t.strictSame(shared.disk.owner(LOG), [0, 7]);
  t.equal(shared.disk.mode('/var/log/audit'), 0o750);
  t.strictSame(shared.messages.take(), ['notice Adjusted audit log directory permissions for /var/log/audit']);
});

t.test('An unsafe directory is refused', async t => {
  const cases: [string, (disk: MemoryFiles) => void, string][] = [
    ['a link on the way', disk => disk.put('/var/log', 'link'), 'Not a directory'],
    ['somebody else’s', disk => disk.put('/var/log', 'directory', '', 1000), 'Operation not permitted'],
    ['none', disk => disk.remove('/var/log/audit'), 'No such file or directory'],
  ];
  for (const [name, spoil, reason] of cases) {
    const test = new LogUnderTest();
    spoil(test.disk);
    t.ok(await failureOf(test.log.open()), name);
    t.strictSame(test.messages.take(), [`error Unsafe audit log directory for ${LOG} (${reason})`]);
  }
  const { messages, process } = new LogUnderTest();
  for (const path of ['audit.log', '/var/log/../audit.log', '/var/log/audit/', '/var/./log/audit/a']) {
    await t.rejects(new LogWriter(logSettings({ path }), process, messages).open());
    t.strictSame(messages.take(), [`error Unsafe audit log directory for ${path} (Invalid argument)`]);
  }
});

t.test('A log that is a link, a FIFO or a directory is refused', async t => {
  for (const kind of ['link', 'fifo', 'directory'] as const) {
    const test = new LogUnderTest();
    test.disk.put(LOG, kind);
    await t.rejects(test.log.open());
    const reason = kind === 'link' ? 'Too many levels of symbolic links' : 'Invalid argument';
    t.strictSame(test.messages.take(), [`critical Couldn't open log file ${LOG} (${reason})`]);
    t.equal(test.disk.openDescriptors, 0);
  }
});

t.test('A log of somebody else’s becomes root’s, and that is told', async t => {
  const test = new LogUnderTest();
  test.disk.put(LOG, 'file', '', 1000);
  await test.log.open();
  t.strictSame(test.disk.owner(LOG), [0, 0]);
  t.strictSame(test.messages.take(), [`warning Log file ${LOG} belonged to uid 1000: it is root's now`]);
});

t.test('Archives are made read-only; one that is not root’s file keeps the daemon from starting', async t => {
  const test = new LogUnderTest({ gid: 7 });
  for (const number of [1, 2, 3, 4]) test.disk.put(`${LOG}.${number}`, 'file');
  await test.log.open();
  t.strictSame(
    [1, 2, 3].map(number => test.disk.mode(`${LOG}.${number}`)),
    [0o440, 0o440, 0o440],
  );
  t.notOk(test.disk.names.includes(`${LOG}.4`), 'exceeds num_logs');
  test.disk.put(`${LOG}.2`, 'file', '', 1000);
  test.kill();
  await t.rejects(test.log.open());
  t.match(
    test.messages.take().at(-1),
    /^error Couldn't repair audit log permissions for .* \(Operation not permitted\)$/,
  );
});

t.test('A thousand archives need few descriptors at a time', async t => {
  const test = new LogUnderTest({ numLogs: 999 });
  for (const number of upTo(998)) test.disk.put(`${LOG}.${number}`, 'file');
  let most = 0;
  test.disk.fault = () => {
    most = Math.max(most, test.disk.openDescriptors);
    return 0;
  };
  await test.log.open();
  t.ok(most < 64, `${most} were open`);
  t.ok(upTo(998).every(number => test.disk.mode(`${LOG}.${number}`) === 0o400));
});

t.test('Each step of opening can fail; the reason is told and no descriptor is left', async t => {
  const steps: [FileCall['name'], RegExp][] = [
    ['open', /^error Unable to create .*\n?critical Couldn't create log file/],
    ['fchmod', /^error Couldn't change permissions of log file \(Input\/output error\)$/],
    ['fchown', /^error Couldn't change ownership of log file \(Input\/output error\)$/],
    ['fstat', /^critical Couldn't open log file .* \(Input\/output error\)$/],
  ];
  for (const [name, said] of steps) {
    const test = new LogUnderTest();
    test.disk.fault = call => (call.name === name && call.path === LOG && test.disk.calls.length > 5 ? ERRNO.EIO : 0);
    if (name === 'open') {
      const missing = (call: FileCall) => call.name === 'open' && call.path === LOG;
      test.disk.fault = failOnce(ERRNO.EIO, missing, 2);
    } else test.disk.put(LOG, 'file');
    t.ok(await failureOf(test.log.open()), name);
    t.match(test.messages.take().join('\n'), said, name);
    t.equal(test.disk.openDescriptors, 0, name);
    test.disk.fault = () => 0;
    await test.log.open();
    await test.write(3);
    t.strictSame(test.written, upTo(3));
  }
});

t.test('A system without free descriptors is waited for at the start', async t => {
  const test = new LogUnderTest();
  let left = 3;
  test.disk.fault = call => (call.name === 'open' && call.path === LOG && left-- > 0 ? ERRNO.ENFILE : 0);
  await test.log.open();
  t.equal(test.clock.pauses, 3);
});

t.test('A line that a killed daemon left half done does not swallow the next record', async t => {
  const test = new LogUnderTest();
  test.disk.put(LOG, 'file', `${record(100)}type=SYSCALL msg=au`);
  await test.log.open();
  t.match(test.messages.take(), [/^warning The last record in .* is not whole/]);
  await test.write(1);
  t.equal(test.disk.text(LOG), `${record(100)}type=SYSCALL msg=au\n${record(1)}`);
  t.equal(test.log.size, test.disk.bytes(LOG).length);
});

t.test('Rotation by size keeps every record, in order, in read-only archives', async t => {
  const test = await opened();
  await test.write(3 * IN_MEGABYTE + 100);
  t.strictSame(test.written, upTo(3 * IN_MEGABYTE + 100));
  t.strictSame(test.disk.names, [LOG, `${LOG}.1`, `${LOG}.2`, `${LOG}.3`]);
  t.equal(test.disk.bytes(`${LOG}.1`).length, 1 << 20, 'a run ends where the file does');
  t.equal(test.disk.mode(`${LOG}.1`), 0o400);
  t.equal(test.disk.openDescriptors, 1);
  t.strictSame(test.messages.take(), Array(3).fill('info Audit daemon rotating log files'));
  t.equal(test.log.generations, 3);
  await test.write(IN_MEGABYTE);
  t.equal(test.written[0], IN_MEGABYTE + 1, 'the oldest goes');
});

t.test('A log that is too large at the start is rotated at once', async t => {
  const test = new LogUnderTest();
  test.disk.put(LOG, 'file', records(1, IN_MEGABYTE));
  await test.log.open();
  t.strictSame(test.disk.names, [LOG, `${LOG}.1`]);
});

t.test('num_logs below 2 has no archives', async t => {
  for (const numLogs of [0, 1]) {
    const test = await opened({ numLogs });
    await test.write(2 * IN_MEGABYTE);
    await test.log.rotate();
    t.strictSame(test.disk.names, [LOG]);
    t.strictSame(test.messages.take(), ['notice Log rotation disabled (num_logs < 2), skipping']);
    t.notOk(test.log.canRotate);
  }
});

t.test('SIGUSR1 rotates whatever max_log_file_action is', async t => {
  for (const kind of ['ignore', 'syslog', 'suspend', 'rotate', 'keep_logs'] as const) {
    const test = await opened({ maxAction: { kind } });
    for (const _ of upTo(5)) {
      await test.write(1);
      await test.log.rotate();
    }
    const kept = kind === 'keep_logs' ? 5 : 3;
    t.strictSame(test.written, upTo(5).slice(5 - kept), kind);
    t.match(test.messages.take(), Array(5).fill(kind === 'keep_logs' ? /with keep option$/ : /rotating log files$/));
  }
});

t.test('keep_logs deletes nothing and goes on behind a number that disappeared', async t => {
  const test = await opened({ maxAction: { kind: 'keep_logs' }, numLogs: 0 });
  await test.write(6 * IN_MEGABYTE);
  t.strictSame(test.written, upTo(6 * IN_MEGABYTE));
  t.strictSame(test.log.generations, 6);
  test.messages.take();
  test.disk.remove(`${LOG}.6`);
  await test.write(IN_MEGABYTE);
  t.strictSame(test.messages.take(), [
    'info Audit daemon rotating log files with keep option',
    `warning Last known log disappeared (${LOG}.6)`,
    `info Next log to use will be ${LOG}.6`,
  ]);
  t.strictSame(test.written, upTo(7 * IN_MEGABYTE).slice(IN_MEGABYTE));
});

t.test('max_log_file_action ignore lets the log grow', async t => {
  const test = await opened({ maxAction: { kind: 'ignore' } });
  t.equal(test.log.roomBytes, Number.MAX_SAFE_INTEGER);
  await test.write(3 * IN_MEGABYTE);
  t.strictSame([test.disk.names, test.crossings, test.messages.take()], [[LOG], [], []]);
});

t.test('max_log_file_action syslog is reported with every further run', async t => {
  const test = await opened({ maxAction: { kind: 'syslog' } });
  await test.write(IN_MEGABYTE - 1);
  t.strictSame(test.crossings, []);
  for (const _ of upTo(3)) await test.write(1);
  t.strictSame(test.crossings, Array(3).fill({ stage: 'max_log_file', action: { kind: 'syslog' } }));
  t.strictSame(test.written, upTo(IN_MEGABYTE + 2));
});

t.test('max_log_file_action suspend ends with the record that fills the file', async t => {
  const test = await opened({ maxAction: { kind: 'suspend' } });
  test.onCrossing = () => test.log.suspend();
  await test.write(2 * IN_MEGABYTE);
  t.strictSame(test.written, upTo(IN_MEGABYTE));
  t.equal(test.lost, IN_MEGABYTE);
  t.ok(test.log.isSuspended);
  t.equal(test.disk.openDescriptors, 0);
});

t.test('max_log_file_action exec goes on writing while the helper runs, and runs one at a time', async t => {
  const helper = { kind: 'exec', path: '/bin/true' } as const;
  const test = await opened({ maxAction: helper });
  test.onCrossing = () => test.log.rotate();
  await test.write(4 * IN_MEGABYTE);
  t.strictSame(test.crossings, [{ stage: 'max_log_file', action: helper }]);
  t.strictSame(test.disk.names, [LOG, `${LOG}.1`], 'what the helper works on stays where it is');
  t.equal(test.disk.bytes(`${LOG}.1`).length, 1 << 20);
  await test.log.helperEnded();
  await test.write(1);
  t.equal(test.crossings.length, 2, 'what has grown meanwhile is its next');
  t.strictSame(test.written, upTo(4 * IN_MEGABYTE + 1));
});

t.test('Without archives a helper that changes nothing is not run for every record', async t => {
  const test = await opened({ maxAction: { kind: 'exec', path: '/bin/true' }, numLogs: 0 });
  await test.write(IN_MEGABYTE);
  await test.log.helperEnded();
  await test.write(IN_MEGABYTE - 1);
  t.equal(test.crossings.length, 1);
  await test.write(1);
  t.equal(test.crossings.length, 2);
});

t.test('A log that the helper took away is opened anew', async t => {
  const test = await opened({ maxAction: { kind: 'exec', path: '/bin/true' }, numLogs: 1 });
  await test.write(IN_MEGABYTE);
  test.disk.remove(LOG);
  await test.log.helperEnded();
  await test.write(5);
  t.strictSame(test.written.slice(-5), upTo(IN_MEGABYTE + 5).slice(-5));
});

t.test('Every write error costs nothing that was not told, whatever the disk took of the run', async t => {
  for (const errno of [ERRNO.EIO, ENOSPC, EDQUOT, EROFS, ERRNO.EFBIG]) {
    for (const taken of [0, 1, 1023, 1024, 1025, 5000]) {
      const test = await opened();
      test.disk.mostPerWrite = taken === 0 ? never : taken;
      const isWrite = (call: FileCall) => call.name === 'write';
      test.disk.fault = failOnce(errno, isWrite, taken === 0 ? 1 : 2);
      const failures: LogFailure[] = [];
      await test.write(10, error => {
        failures.push(error);
        test.disk.mostPerWrite = never;
        return true;
      });
      t.match(failures, [{ operation: 'write', isWritten: false, failuresInRow: 1, cause: { errno } }]);
      t.equal(failures[0]?.keptBytes, taken - (taken % 1024));
      t.strictSame(test.written, upTo(10), `${errno} after ${taken} bytes`);
      t.notOk((await test.log.condition()).diskError, 'it works again');
    }
  }
});

t.test('A torn line that cannot be cut off is cut off before the next write', async t => {
  const test = await opened();
  test.disk.mostPerWrite = 1500;
  let writes = 0;
  test.disk.fault = call => {
    if (call.name === 'write' && ++writes === 2) return ERRNO.EIO;
    return call.name === 'ftruncate' && writes < 3 ? ERRNO.EIO : 0;
  };
  await test.write(3, () => false);
  t.equal(test.disk.bytes(LOG).length, 1500);
  t.equal(test.next, 2);
  writes = 10;
  await test.write(3);
  t.strictSame(test.written, upTo(4));
});

t.test('A full disk fails until there is room, and then nothing is missing', async t => {
  const disk = new MemoryFiles('/var/log/audit', 100 * 1024 + 300);
  const test = await opened({}, disk);
  let failures = 0;
  await test.write(200, error => {
    if (++failures === 3) disk.capacityBytes = 1 << 30;
    t.match(error, { operation: 'write', failuresInRow: failures, cause: { code: 'ENOSPC' } });
    return true;
  });
  t.equal(failures, 3);
  t.strictSame(test.written, upTo(200));
});

t.test('A rotation that fails at any step stops no record, and is finished later', async t => {
  const inRotation: [FileCall['name'], string, string][] = [
    ['lstat', LOG, 'rotate2'],
    ['readdir', '/var/log/audit', 'rotate'],
    ['unlink', `${LOG}.3`, 'rotate'],
    ['rename', `${LOG}.2`, 'rotate'],
    ['rename', `${LOG}.1`, 'rotate'],
    ['rename', LOG, 'rotate2'],
    ['open', LOG, 'reopen'],
    ['fstat', LOG, 'reopen'],
    ['fchmod', LOG, 'reopen'],
    ['fchown', LOG, 'reopen'],
  ];
  for (const [name, path, operation] of inRotation) {
    for (const errno of [ERRNO.EIO, ERRNO.EPERM, ENOSPC, EROFS, ERRNO.ENFILE]) {
      const test = await opened();
      await test.write(3 * IN_MEGABYTE);
      let broken = true;
      test.disk.fault = call => (broken && call.name === name && call.path === path ? errno : 0);
      const failures: LogFailure[] = [];
      const note = (error: LogFailure) => failures.push(error) > 0;
      // The rotation falls due with the first of these, and fails with it; the second is too soon for another try.
      await test.write(IN_MEGABYTE, note);
      await test.write(10, note);
      t.match(failures, [{ operation, isWritten: true, cause: { errno } }], `${name} ${path}`);
      t.equal(failures.length, 1);
      t.ok((await test.log.condition()).diskError, 'also while records get through');
      test.clock.pass(1000);
      await test.write(10, note);
      t.equal(failures.length, 2, 'a second later it is tried again');
      t.ok((await test.log.condition()).diskError);
      broken = false;
      test.clock.pass(1000);
      await test.write(10);
      t.notOk((await test.log.condition()).diskError);
      t.equal(test.written.at(0), IN_MEGABYTE + 1, 'one generation gone, as there are three');
      t.strictSame(test.written, upTo(4 * IN_MEGABYTE + 30).slice(IN_MEGABYTE));
      t.equal(test.disk.names.length, 4);
      t.equal(test.disk.mode(`${LOG}.1`), 0o400);
      t.equal(test.disk.openDescriptors, 1);
    }
  }
});

t.test('A failing rotation is told in the reference’s words, once for each reason', async t => {
  const test = await opened();
  let errno: number = ERRNO.EIO;
  test.disk.fault = call => (call.name === 'rename' ? errno : 0);
  const swallow = () => true;
  await test.write(IN_MEGABYTE, swallow);
  for (let tries = 0; tries < 3; tries++) {
    test.clock.pass(1000);
    await test.write(1, swallow);
  }
  t.strictSame(test.messages.take(), [
    'info Audit daemon rotating log files',
    `error Error rotating logs from ${LOG} to ${LOG}.1 (Input/output error)`,
  ]);
  errno = EROFS;
  test.clock.pass(1000);
  await test.write(1, swallow);
  t.strictSame(test.messages.take(), [`error Error rotating logs from ${LOG} to ${LOG}.1 (Read-only file system)`]);
  test.disk.fault = call => (call.name === 'open' && call.path === LOG ? ERRNO.EIO : 0);
  for (let tries = 0; tries < 2; tries++) {
    test.clock.pass(1000);
    await test.write(1, swallow);
  }
  t.equal(test.messages.take().filter(text => text === 'critical Could not reopen a log after rotating.').length, 1);
});

t.test('Mode and owner of an archive that cannot be changed are a warning', async t => {
  const test = await opened();
  const sealing = (call: FileCall) => call.name === 'fchmod' || call.name === 'fchown';
  test.disk.fault = call => (sealing(call) && test.disk.names.includes(`${LOG}.1`) && call.path === LOG ? 0 : 0);
  let seen = 0;
  test.disk.fault = call => (sealing(call) && ++seen > 2 ? ERRNO.EPERM : 0); // the first two are the new log's
  await test.write(IN_MEGABYTE);
  t.strictSame(test.messages.take(), [
    'info Audit daemon rotating log files',
    "warning Couldn't change permissions while rotating log file (Operation not permitted)",
    "warning Couldn't change ownership while rotating log file (Operation not permitted)",
  ]);
});

t.test('A link in the log’s place does not become an archive', async t => {
  const test = await opened();
  await test.write(10);
  test.disk.remove(LOG);
  test.disk.put(LOG, 'link');
  const failures: LogFailure[] = [];
  await test.write(5, error => failures.push(error) < 3);
  t.match(
    failures,
    [1, 2, 3].map(() => ({ operation: 'reopen', isWritten: false, keptBytes: 0, cause: { errno: ELOOP } })),
  );
  test.disk.remove(LOG);
  await test.write(5);
  t.strictSame(test.written.slice(-5), upTo(test.next - 1).slice(-5));
  t.notOk(test.disk.names.includes(`${LOG}.1`));
});

t.test('Records written after the log was removed are in the one that follows, at once', async t => {
  const test = await opened();
  await test.write(10);
  test.disk.remove(LOG);
  await test.write(1);
  t.strictSame(test.written, [11]);
  t.match(test.messages.take(), [/^warning Log file .* was removed: opening it again$/]);
  await test.write(1);
  test.disk.remove(LOG);
  await test.write(10);
  t.strictSame(test.written, upTo(22).slice(12), 'what was removed is gone, what came later is not');
  t.equal(test.disk.openDescriptors, 1);
});

t.test('Records whose log was removed stay with whoever has them until there is another', async t => {
  const test = await opened();
  await test.write(10);
  test.disk.remove(LOG);
  test.disk.fault = call => (call.name === 'open' ? EROFS : 0);
  const failures: LogFailure[] = [];
  await test.write(10, error => failures.push(error) < 2);
  const failure = { operation: 'reopen', isWritten: false, keptBytes: 0, cause: { errno: EROFS } };
  t.match(failures, [failure, failure]);
  t.equal(test.next, 11, 'a kill would not cost them');
  t.equal(test.disk.openDescriptors, 0);
  test.disk.fault = () => 0;
  await test.write(5);
  t.strictSame(test.written, upTo(15).slice(10));
});

t.test('A log that is removed amid a write that fails takes none of it', async t => {
  const test = await opened();
  await test.write(1);
  test.disk.fault = call => {
    if (call.name !== 'write') return 0;
    test.disk.remove(LOG);
    test.disk.fault = () => 0;
    return ERRNO.EIO;
  };
  await test.write(5);
  t.strictSame(test.written, upTo(6).slice(1));
});

t.test('An archive that still takes the records of a failed rotation can be removed, too', async t => {
  const test = await opened();
  let isBroken = true;
  test.disk.fault = call => (call.name === 'open' && isBroken ? EROFS : 0);
  await test.write(IN_MEGABYTE, () => true);
  t.strictSame(test.disk.names, [`${LOG}.1`]);
  test.disk.remove(`${LOG}.1`);
  isBroken = false;
  await test.write(5);
  t.strictSame(test.written, upTo(IN_MEGABYTE + 5).slice(IN_MEGABYTE));
  t.notOk((await test.log.condition()).diskError);
  t.strictSame(test.disk.names, [LOG]);
  t.equal(test.disk.openDescriptors, 1);
});

t.test('Not to know whether the log was removed is a warning', async t => {
  const test = await opened();
  test.disk.fault = call => (call.name === 'fstat' ? ERRNO.EIO : 0);
  await test.write(5);
  await test.write(5);
  t.strictSame(test.written, upTo(10), 'none is written twice');
  t.match(test.messages.take(), [/^warning Cannot see whether the log file was removed/]);
});

t.test('While suspended nothing is written, the file is closed, and rotation goes on', async t => {
  const test = await opened();
  await test.write(5);
  await test.log.suspend();
  t.equal(test.disk.openDescriptors, 0);
  await test.write(7);
  t.equal(test.lost, 7);
  t.ok((await test.log.condition()).isSuspended);
  t.equal((await test.log.condition()).partition, null);
  await test.log.rotate();
  t.strictSame(test.disk.names, [LOG, `${LOG}.1`]);
  await test.write(1);
  await test.log.resume();
  await test.write(3);
  t.strictSame(test.written, [...upTo(5), 14, 15, 16]);
});

t.test('resume opens a closed log as at the start, and says so', async t => {
  const test = await opened();
  await test.write(1);
  await test.log.suspend();
  test.disk.put(`${LOG}.1`, 'file');
  await test.log.resume();
  t.strictSame(test.messages.take(), [
    'notice Audit daemon is attempting to resume logging.',
    'notice Audit daemon resumed logging.',
  ]);
  t.equal(test.disk.mode(`${LOG}.1`), 0o400);
  await test.log.resume();
  t.strictSame(test.messages.take(), ['notice Audit daemon is attempting to resume logging.'], 'it was not closed');
});

t.test('A resume that fails leaves logging suspended', async t => {
  for (const spoil of ['directory', 'open', 'archive'] as const) {
    const test = await opened();
    await test.log.suspend();
    test.messages.take();
    if (spoil === 'directory') test.disk.put('/var/log', 'link');
    if (spoil === 'archive') test.disk.put(`${LOG}.1`, 'fifo');
    if (spoil === 'open') test.disk.fault = call => (call.name === 'open' ? EROFS : 0);
    t.match(await failureOf(test.log.resume()), { operation: 'resume', keptBytes: 0, isWritten: false });
    t.ok(test.log.isSuspended);
    const said = test.messages.take();
    t.equal(said.at(0), 'notice Audit daemon is attempting to resume logging.');
    t.strictSame(said.slice(-2), [
      'warning Could not reopen a log after resume logging',
      'notice Audit daemon resumed logging.',
    ]);
    await test.write(2);
    t.equal(test.lost, 2);
    test.disk.fault = () => 0;
    if (spoil === 'directory') test.disk.put('/var/log', 'directory');
    test.disk.remove(`${LOG}.1`);
    await test.log.resume();
    await test.write(2);
    t.strictSame(test.written.slice(-2), [3, 4]);
  }
});

t.test('A rotation that failed before a suspension is finished by the resume', async t => {
  for (const [name, path] of [
    ['rename', LOG],
    ['open', LOG],
  ] as const) {
    const test = await opened();
    test.disk.fault = call => (call.name === name && call.path === path ? ERRNO.EIO : 0);
    await test.write(IN_MEGABYTE, () => true);
    await test.log.suspend();
    test.disk.fault = () => 0;
    await test.log.resume();
    await test.write(10);
    t.strictSame(test.written, upTo(IN_MEGABYTE + 10), name);
    t.strictSame(test.disk.names, [LOG, `${LOG}.1`]);
    t.equal(test.disk.mode(LOG), 0o600, 'the live log was not taken for the archive');
    t.equal(test.disk.mode(`${LOG}.1`), 0o400);
  }
});

t.test('Suspension survives a disk that refuses the last fsync', async t => {
  const test = await opened();
  await test.write(1);
  test.disk.fault = call => (call.name === 'fsync' ? ERRNO.EIO : 0);
  await test.log.suspend();
  t.strictSame(test.messages.take(), ["warning Couldn't flush the log before closing it (Input/output error)"]);
  t.equal(test.disk.openDescriptors, 0);
});

t.test('New settings take effect between two records', async t => {
  const test = await opened();
  await test.write(5);
  await test.reconfigure({ path: '/var/log/audit/other.log', gid: 7 });
  await test.write(3);
  t.strictSame(test.written, upTo(5));
  t.equal(test.disk.text('/var/log/audit/other.log'), records(6, 3));
  t.equal(test.disk.mode('/var/log/audit/other.log'), 0o640);
  await test.reconfigure({ path: LOG, gid: 0 });
  await test.write(2);
  t.strictSame(test.written, [1, 2, 3, 4, 5, 9, 10]);
  t.equal(test.disk.openDescriptors, 1);
});

t.test('Settings that concern no open file leave it open', async t => {
  const test = await opened();
  const { fd } = test.log;
  await test.reconfigure({ numLogs: 9, flushEveryRecords: 7 });
  t.equal(test.log.fd, fd);
  await test.reconfigure({ flush: 'sync' });
  t.not(test.log.fd, fd);
});

t.test('A smaller max_log_file takes effect at once, and lifts a suspension', async t => {
  const test = await opened({ maxMegabytes: 10 });
  await test.write(2 * IN_MEGABYTE);
  await test.reconfigure({ maxMegabytes: 2 });
  t.strictSame(test.disk.names, [LOG, `${LOG}.1`]);
  await test.log.suspend();
  await test.reconfigure({ maxMegabytes: 3 });
  t.notOk(test.log.isSuspended);
  await test.write(5);
  t.equal(test.lost, 0, 'the closed log was opened');
  await test.log.suspend();
  await test.reconfigure({ numLogs: 7 });
  t.ok(test.log.isSuspended, 'nothing about the file changed');
});

t.test('A reload that cannot open its log suspends logging', async t => {
  const test = await opened();
  await test.write(5);
  test.disk.put('/var/log/audit/other.log', 'link');
  t.match(await failureOf(test.reconfigure({ path: '/var/log/audit/other.log' })), { operation: 'reconfig' });
  t.match(test.messages.take().at(-1), 'error Could not reopen a log after reconfigure');
  await test.write(5);
  t.equal(test.lost, 5);
  t.equal(test.disk.openDescriptors, 0);
  await test.reconfigure({ path: LOG });
  await test.write(5);
  t.strictSame(test.written, [...upTo(5), 11, 12, 13, 14, 15]);
});

t.test('A reload in the midst of a failed rotation neither repeats nor loses a generation', async t => {
  for (const name of ['rename', 'open'] as const) {
    for (const change of [{ gid: 7 }, { path: '/var/log/audit/b.log' }, { numLogs: 8 }] as const) {
      const test = await opened();
      test.disk.fault = call => (call.name === name && call.path === LOG ? ERRNO.EIO : 0);
      await test.write(IN_MEGABYTE + 5, () => true);
      test.disk.fault = () => 0;
      await test.reconfigure(change);
      test.clock.pass(1000);
      await test.write(10);
      const elsewhere = test.disk.names.includes('/var/log/audit/b.log') ? test.disk.text('/var/log/audit/b.log') : '';
      const expected = upTo(IN_MEGABYTE + 15);
      t.strictSame(
        test.written,
        elsewhere === '' ? expected : expected.slice(0, -10),
        `${name} ${JSON.stringify(change)}`,
      );
      if (elsewhere !== '') t.equal(elsewhere, records(IN_MEGABYTE + 6, 10));
      t.equal(test.disk.openDescriptors, 1);
    }
  }
});

t.test('write_logs can be switched off and on', async t => {
  const test = await opened();
  await test.write(2);
  await test.reconfigure({ writesLogs: false });
  t.equal(test.disk.openDescriptors, 0);
  await test.write(2);
  await test.log.rotate();
  await test.reconfigure({ writesLogs: true });
  await test.write(2);
  t.strictSame(test.written, [1, 2, 5, 6]);
  t.strictSame(test.disk.names, [LOG]);
});

t.test('Crossings are delivered in order at the end of the write that found them', async t => {
  const space = {
    spaceLeft: { kind: 'megabytes', value: 3 },
    spaceLeftAction: { kind: 'email' },
    adminSpaceLeft: { kind: 'megabytes', value: 2 },
    adminSpaceLeftAction: { kind: 'suspend' },
    diskFullAction: { kind: 'syslog' },
  } as const;
  const disk = new MemoryFiles('/var/log/audit', 4 << 20);
  const test = await opened({ space, maxAction: { kind: 'ignore' } }, disk);
  await test.write(900);
  t.strictSame(test.crossings, []);
  test.onCrossing = async ({ stage }) => {
    if (stage === 'admin_space_left') await test.log.suspend();
  };
  for (let round = 0; round < 40; round++) await test.write(100);
  t.strictSame(
    test.crossings.map(({ stage, action }) => [stage, action.kind]),
    [
      ['space_left', 'email'],
      ['admin_space_left', 'suspend'],
    ],
  );
  const condition = await test.log.condition();
  t.match(condition, { spaceActionDone: true, adminSpaceActionDone: true, hasSpace: true, isSuspended: true });
  disk.capacityBytes = 1 << 30;
  await test.log.resume();
  t.match(await test.log.condition(), {
    spaceActionDone: false,
    adminSpaceActionDone: false,
    partition: { spaceLeftMegabytes: 3, adminSpaceLeftMegabytes: 2 },
  });
});

t.test('Free space that cannot be asked for is told once and stops nothing', async t => {
  const test = await opened();
  test.disk.fault = call => (call.name === 'fstatfs' ? ERRNO.EIO : 0);
  for (let round = 0; round < 3; round++) {
    await test.write(1);
    test.clock.pass(1000);
  }
  t.strictSame(test.messages.take(), ["warning Cannot ask for the log's free space (Input/output error)"]);
  t.equal((await test.log.condition()).partition, null);
});

t.test('flush = incremental syncs every freq records, and its failure is told with the write done', async t => {
  const test = await opened({ flush: 'incremental', flushEveryRecords: 10 });
  await test.write(9);
  const syncs = () => test.disk.calls.filter(({ name }) => name === 'fsync').length;
  t.equal(syncs(), 0);
  await test.write(1);
  t.equal(syncs(), 1);
  test.disk.fault = failOnce(ERRNO.EIO, ({ name }) => name === 'fsync');
  const failures: LogFailure[] = [];
  await test.write(10, error => failures.push(error) > 0);
  t.match(failures, [{ operation: 'fsync', isWritten: true, keptBytes: 10 * 1024 }]);
  t.strictSame(test.written, upTo(20));
  await test.log.close();
});

t.test('flush = incremental_async syncs beside the writes; a failure comes with a later one', async t => {
  const test = await opened({ flush: 'incremental_async', flushEveryRecords: 1 });
  test.disk.fault = failOnce(ERRNO.EIO, ({ name }) => name === 'fsync');
  const failures: LogFailure[] = [];
  for (let round = 0; round < 3; round++) await test.write(1, error => failures.push(error) > 0);
  t.match(failures, [{ operation: 'fsync', isWritten: true }]);
  await test.write(5);
  t.equal((await test.log.condition()).diskError, false);
  await test.log.rotate();
  await test.log.close();
  t.equal(test.disk.openDescriptors, 0, 'the archive is synced and closed');
});

t.test('flush = data and sync are the kernel’s to do', async t => {
  for (const [flush, flag] of [
    ['data', constants.O_DSYNC],
    ['sync', constants.O_SYNC],
  ] as const) {
    const { process, messages } = new LogUnderTest();
    let flags = 0;
    const log = new LogWriter(
      logSettings({ flush }),
      {
        ...process,
        open: (path, wanted, mode) => {
          if (path === LOG) flags = wanted;
          return process.open(path, wanted, mode);
        },
      },
      messages,
    );
    await log.open();
    t.equal(flags & flag, flag);
    t.equal(flags & constants.O_NOFOLLOW, constants.O_NOFOLLOW);
    await log.close();
  }
});

t.test('Two calls at once are a fault of the caller', async t => {
  const test = await opened();
  const first = test.log.write(Buffer.from(record(1)), 1);
  t.match(await failureOf(test.log.rotate()), { message: 'the log takes one call at a time' });
  await first;
  await test.log.rotate();
});

t.test('The log is rotated by the time of day before the record that comes after it', async t => {
  const test = new LogUnderTest({ rotationTime: { kind: 'hourly', minute: 0 } });
  test.clock.wallMilliseconds = new Date(2030, 0, 10, 12, 59, 59).getTime();
  await test.log.open();
  await test.write(3);
  test.clock.pass(1000);
  await test.write(2);
  t.strictSame([test.disk.text(`${LOG}.1`), test.disk.text(LOG)], [records(1, 3), records(4, 2)]);
  test.clock.pass(3_600_000);
  await test.log.tick();
  t.strictSame(test.disk.names, [LOG, `${LOG}.1`, `${LOG}.2`], 'without a record too');
  test.clock.pass(3_600_000);
  await test.log.tick();
  t.equal(test.disk.names.length, 3, 'an empty log stays');
});

t.test('A log of the day before is rotated after a start', async t => {
  const test = new LogUnderTest({ rotationTime: { kind: 'daily', hour: 0, minute: 0 } });
  await test.log.open();
  await test.write(3);
  test.kill();
  test.clock.pass(24 * 3_600_000);
  await test.log.open();
  await test.log.tick();
  t.strictSame(test.disk.names, [LOG, `${LOG}.1`]);
  test.kill();
  await test.log.open();
  await test.log.tick();
  t.equal(test.disk.names.length, 2);
});

t.test('close waits for everything and leaves nothing open', async t => {
  const test = await opened({ flush: 'incremental_async', flushEveryRecords: 1 });
  await test.write(3 * IN_MEGABYTE);
  await test.log.close();
  t.equal(test.disk.openDescriptors, 0);
  t.equal(test.disk.calls.filter(({ name }) => name === 'fsync').length >= 4, true);
});

t.test('A last fsync that fails is told with the file closed', async t => {
  const test = await opened();
  await test.write(1);
  test.disk.fault = call => (call.name === 'fsync' ? ERRNO.EIO : 0);
  t.match(await failureOf(test.log.close()), { operation: 'fsync', isWritten: true, cause: { errno: ERRNO.EIO } });
  t.equal(test.disk.openDescriptors, 0);
});

t.test('A closed log may be asked anything, and does nothing', async t => {
  const test = await opened({ compression: { level: 1, plainArchives: 0 } });
  await test.write(1);
  await test.log.close();
  const calls = test.disk.calls.length;
  await test.log.tick();
  await test.log.helperEnded();
  t.match(await test.log.condition(), { sizeBytes: 0, partition: null });
  t.equal(test.disk.calls.length, calls);
});
