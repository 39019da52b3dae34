import { execFileSync } from 'node:child_process';
import {
  chownSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { action, type DaemonWishes, LoggingDaemon, until, writtenIn } from '../support/loggingDaemon.ts';
import { failureOf, upTo } from '../support/logUnderTest.ts';
import { LoopDisk, lacksLoopDisk } from '../support/loopDisk.ts';

const syslog = { diskErrorAction: action('syslog') };
const suspend = { diskErrorAction: action('suspend') };
const IN_MEGABYTE = 1024; // records

/** A log in a directory of its own on a disk of its own. */
async function onDisk(t: Test, wishes: DaemonWishes = {}) {
  const disk = new LoopDisk(16);
  t.teardown(() => disk.remove());
  const directory = join(disk.path, 'audit');
  mkdirSync(directory);
  const logFile = join(directory, 'audit.log');
  const daemon = new LoggingDaemon(logFile, wishes);
  await daemon.log.open();
  t.teardown(() => failureOf(daemon.log.close()));
  return { daemon, disk, directory, logFile };
}

t.test('A log on a real file system', { skip: lacksLoopDisk() }, async t => {
  t.test('A disk that turns read-only: the records wait, and go into the log of a reload', async t => {
    const { daemon, disk, logFile } = await onDisk(t, { policy: syslog });
    const other = new LoopDisk(8);
    t.teardown(() => other.remove());
    await daemon.write(100);
    // What the kernel does itself when it finds a file system damaged.
    disk.remount('abort');
    let reload: Promise<void> | null = null;
    daemon.onPause = pause => {
      if (pause === 3) reload = daemon.reconfigure({ path: join(other.path, 'audit.log') });
    };
    await daemon.write(50);
    await reload;
    t.strictSame(writtenIn(logFile), upTo(100));
    t.strictSame(writtenIn(join(other.path, 'audit.log')), upTo(150).slice(100));
    t.equal(daemon.pipeline.discardedLines, 0);
    const alerts = daemon.messages.take().filter(text => text.startsWith('alert '));
    t.ok(alerts.length >= 3);
    t.match(
      alerts[0],
      /^alert write: Audit daemon detected an error writing an event to disk \((Read-only file system|Input\/output error)\)$/,
    );
  });

  t.test('A read-only disk at SIGUSR2: logging stays suspended, what comes is counted', async t => {
    const { daemon, disk } = await onDisk(t, { policy: syslog });
    await daemon.write(10);
    await daemon.between(() => daemon.log.suspend());
    disk.remount('ro');
    daemon.messages.take();
    await daemon.between(() => daemon.policy.resume());
    t.match(daemon.messages.take(), [
      'notice Audit daemon is attempting to resume logging.',
      /^critical Couldn't open log file .* \(Read-only file system\)$/,
      'warning Could not reopen a log after resume logging',
      'notice Audit daemon resumed logging.',
      'alert resume: Audit daemon detected an error writing an event to disk (Read-only file system)',
    ]);
    await daemon.write(5);
    t.equal(daemon.pipeline.discardedLines, 5);
    disk.remount('rw');
    await daemon.between(() => daemon.policy.resume());
    await daemon.write(5);
    t.strictSame(daemon.written, [...upTo(10), 16, 17, 18, 19, 20]);
  });

  t.test('A disk that turns read-only under disk_error_action suspend is told and counted', async t => {
    const { daemon, disk } = await onDisk(t, { policy: suspend });
    await daemon.write(10);
    disk.remount('abort');
    await daemon.write(20);
    t.ok(daemon.log.isSuspended);
    t.equal(daemon.pipeline.discardedLines, 20);
    t.strictSame(
      daemon.messages
        .take()
        .filter(text => text.startsWith('alert '))
        .at(-1),
      'alert Audit daemon is suspending logging due to previously mentioned write error',
    );
  });

  t.test('A rotation that the disk refuses stops no record', async t => {
    const { daemon, directory, logFile } = await onDisk(t, { policy: syslog });
    // Appending is all that is allowed then: an administrator protects a log like this.
    execFileSync('chattr', ['+a', logFile]);
    t.teardown(() => (existsSync(logFile) ? execFileSync('chattr', ['-a', logFile]) : undefined));
    await daemon.write(2 * IN_MEGABYTE);
    t.strictSame(daemon.written, upTo(2 * IN_MEGABYTE));
    t.match(daemon.messages.take(), [
      'info Audit daemon rotating log files',
      /^error Error rotating logs from .*audit\.log to .*audit\.log\.1 \(Operation not permitted\)$/,
      /^alert rotate2: .* \(Operation not permitted\)$/,
    ]);
    execFileSync('chattr', ['-a', logFile]);
    daemon.clock.pass(1000);
    await daemon.write(1);
    t.ok(existsSync(join(directory, 'audit.log.1')));
    t.strictSame(daemon.written, upTo(2 * IN_MEGABYTE + 1));
  });

  t.test('A directory that is removed: the records wait until it is there again', async t => {
    const { daemon, directory } = await onDisk(t, { policy: syslog });
    await daemon.write(20);
    rmSync(directory, { recursive: true });
    daemon.onPause = pause => {
      if (pause === 3) mkdirSync(directory);
    };
    await daemon.write(10);
    await daemon.write(10);
    t.strictSame(daemon.written, upTo(40).slice(20), 'from the moment of the removal on nothing is missing');
    t.equal(daemon.pipeline.discardedLines, 0);
    t.match(daemon.messages.take().at(0), /^warning Log file .* was removed: opening it again$/);
  });

  t.test('A directory that is removed before a rotation: it fails, the records wait', async t => {
    const { daemon, directory } = await onDisk(t, { policy: syslog });
    await daemon.write(10);
    rmSync(directory, { recursive: true });
    await daemon.between(() => daemon.policy.rotate());
    t.match(daemon.messages.take().at(-1), /^alert reopen: .* \(No such file or directory\)$/);
    daemon.onPause = () => mkdirSync(directory, { recursive: true });
    await daemon.write(10);
    t.strictSame(daemon.written.slice(-10), upTo(20).slice(10));
    t.equal(daemon.pipeline.discardedLines, 0);
  });

  for (const [what, replace] of [
    ['a symbolic link', (path: string, elsewhere: string) => symlinkSync(elsewhere, path)],
    ['a FIFO', (path: string) => void execFileSync('mkfifo', [path])],
    ['a directory', (path: string) => mkdirSync(path)],
  ] as const) {
    t.test(`A log that is replaced by ${what} is not followed, archived or waited on`, async t => {
      const { daemon, directory, logFile, disk } = await onDisk(t, { policy: syslog });
      const elsewhere = join(disk.path, 'elsewhere');
      writeFileSync(elsewhere, 'not a log\n');
      await daemon.write(10);
      daemon.clock.pass(1000);
      await daemon.write(10);
      const kept = join(disk.path, 'kept');
      renameSync(logFile, kept); // it has a name still: the records go on there
      replace(logFile, elsewhere);
      await daemon.write(10);
      await daemon.between(() => daemon.policy.rotate());
      t.match(daemon.messages.take().at(-1), /^alert rotate2: /, 'it does not become an archive');
      t.notOk(existsSync(join(directory, 'audit.log.1')));
      await daemon.write(10);
      rmSync(kept); // now it has none
      daemon.clock.pass(1000);
      let pauses = 0;
      daemon.onPause = () => {
        if (++pauses === 3) rmSync(logFile, { recursive: true });
      };
      await daemon.write(10);
      await daemon.write(10);
      t.ok(pauses >= 3);
      const { written } = daemon;
      t.strictSame(written.slice(-20), upTo(60).slice(-20));
      t.equal(daemon.pipeline.discardedLines, 0);
      t.equal(readFileSync(elsewhere, 'utf8'), 'not a log\n');
    });

    t.test(`With ${what} in the log’s place the daemon does not start`, async t => {
      const { disk, directory, logFile } = await onDisk(t);
      rmSync(logFile);
      replace(logFile, join(disk.path, 'elsewhere'));
      const second = new LoggingDaemon(logFile);
      t.ok(await failureOf(second.log.open()));
      t.match(second.messages.take(), [/^critical Couldn't open log file /]);
      t.notOk(existsSync(join(disk.path, 'elsewhere')));
      t.ok(existsSync(directory));
    });
  }

  t.test('A log that was given to somebody else is root’s again after it was opened', async t => {
    const { daemon, logFile } = await onDisk(t);
    await daemon.write(5);
    await daemon.log.suspend();
    chownSync(logFile, 1234, 1234);
    await daemon.between(() => daemon.policy.resume());
    const { uid, gid, mode } = statSync(logFile);
    t.strictSame([uid, gid, mode & 0o7777], [0, 0, 0o600]);
    t.ok(daemon.messages.take().some(text => text.includes('belonged to uid 1234')));
  });

  t.test('A helper that hangs holds up no record', async t => {
    const { disk, ...rest } = await onDisk(t);
    await rest.daemon.log.close();
    const [fifo, script] = [join(disk.path, 'fifo'), join(disk.path, 'hangs')];
    execFileSync('mkfifo', [fifo]);
    writeFileSync(script, `#!/bin/sh\nread line < ${fifo}\n`, { mode: 0o755 });
    const daemon = new LoggingDaemon(rest.logFile, { log: { maxAction: { kind: 'exec', path: script } } });
    await daemon.log.open();
    t.teardown(() => daemon.log.close());
    await daemon.write(5 * IN_MEGABYTE);
    t.strictSame(daemon.started, [script], 'one at a time');
    t.strictSame(daemon.written, upTo(5 * IN_MEGABYTE));
    t.equal(statSync(join(rest.directory, 'audit.log.1')).size, 1 << 20, 'what the helper works on stays as it is');
    writeFileSync(fifo, 'go on\n');
    await daemon.actions.settled();
    await daemon.write(1);
    await until(() => daemon.started.length === 2);
    writeFileSync(fifo, 'go on\n');
    await daemon.actions.settled();
    await daemon.write(1);
    t.strictSame(daemon.written, upTo(5 * IN_MEGABYTE + 2));
    t.equal(daemon.pipeline.discardedLines, 0);
  });

  t.test('A helper that is missing is told, and logging goes on', async t => {
    const { daemon } = await onDisk(t, { log: { maxAction: { kind: 'exec', path: '/nonexistent/helper' } } });
    await daemon.write(3 * IN_MEGABYTE);
    await daemon.actions.settled();
    t.match(daemon.messages.take(), [
      'info Audit daemon rotating log files',
      'alert Audit daemon failed to exec /nonexistent/helper (No such file or directory)',
    ]);
    t.strictSame(daemon.written.slice(-10), upTo(3 * IN_MEGABYTE).slice(-10));
    t.equal(daemon.pipeline.discardedLines, 0);
  });

  t.test('A thousand SIGHUP and SIGUSR1 while records pour in lose and repeat nothing', async t => {
    const { daemon, disk } = await onDisk(t, { log: { maxAction: action('keep_logs') } });
    const signals: Promise<void>[] = [];
    for (let round = 0; round < 1000; round++) {
      const isReload = round % 4 !== 0;
      signals.push(
        isReload
          ? daemon.reconfigure({ gid: round % 3 === 0 ? 0 : 1, flush: round % 5 === 0 ? 'none' : 'incremental' })
          : daemon.between(() => daemon.policy.rotate()),
      );
      signals.push(daemon.write(1));
    }
    await Promise.all(signals);
    t.strictSame(daemon.written, upTo(1000));
    t.equal(daemon.pipeline.discardedLines, 0);
    t.ok(existsSync(join(disk.path, 'audit', 'audit.log.250')));
  });
});
