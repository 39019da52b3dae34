import { closeSync, openSync, readFileSync, rmSync, statfsSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { isErrno } from '../../src/base/errors.ts';
import { action, type DaemonWishes, LoggingDaemon } from '../support/loggingDaemon.ts';
import { upTo } from '../support/logUnderTest.ts';
import { LoopDisk, lacksLoopDisk } from '../support/loopDisk.ts';

const FULL = 'alert Audit daemon has no space left on logging partition';
const BALLAST_BYTES = 2 << 20;
const megabytes = (value: number) => ({ kind: 'megabytes', value }) as const;

/** A log on a disk of 8 MB, 2 of which are taken by something that can go. */
async function onSmallDisk(t: Test, wishes: DaemonWishes) {
  const disk = new LoopDisk(8);
  t.teardown(() => disk.remove());
  const ballast = join(disk.path, 'ballast');
  writeFileSync(ballast, Buffer.alloc(BALLAST_BYTES));
  const daemon = new LoggingDaemon(join(disk.path, 'audit.log'), wishes);
  await daemon.log.open();
  t.teardown(() => daemon.log.close());
  return { daemon, disk, makeRoom: () => rmSync(ballast), ballast };
}

/** Writes into a file until the disk has no room left. */
function fillUp(path: string): void {
  const fd = openSync(path, 'a');
  try {
    for (let bytes = 1 << 20; bytes >= 1; ) {
      try {
        writeSync(fd, Buffer.alloc(bytes));
      } catch (error) {
        if (!isErrno(error, 'ENOSPC')) throw error;
        bytes = Math.floor(bytes / 2);
      }
    }
  } finally {
    closeSync(fd);
  }
}

const grows = { maxAction: action('ignore') };

t.test('A log on a real file system', { skip: lacksLoopDisk() }, async t => {
  t.test('disk_full_action syslog: the records wait until there is room, and none is lost', async t => {
    const { daemon, makeRoom } = await onSmallDisk(t, { log: grows, space: { diskFullAction: action('syslog') } });
    daemon.onPause = pause => {
      if (pause === 3) makeRoom();
    };
    await daemon.write(7000);
    t.strictSame(daemon.written, upTo(7000));
    t.equal(daemon.pipeline.discardedLines, 0);
    t.ok(daemon.messages.take().every(text => text === FULL));
    t.notOk((await daemon.log.condition()).diskError);
  });

  t.test('disk_full_action suspend: what does not fit is counted; after SIGUSR2 logging goes on', async t => {
    const { daemon, makeRoom } = await onSmallDisk(t, { log: grows, space: { diskFullAction: action('suspend') } });
    await daemon.write(7000);
    const before = daemon.written;
    t.strictSame(before, upTo(before.length), 'whole lines, in order');
    t.equal(before.length + daemon.pipeline.discardedLines, 7000);
    t.equal(daemon.pipeline.writtenLines, before.length);
    t.match(await daemon.log.condition(), { isSuspended: true, hasSpace: false, partition: null });
    t.strictSame(daemon.messages.take(), [
      FULL,
      'alert Audit daemon is suspending logging due to no space left on logging partition.',
    ]);
    makeRoom();
    await daemon.between(() => daemon.policy.resume());
    await daemon.write(100);
    t.strictSame(daemon.written.slice(before.length), upTo(7100).slice(-100));
    t.match(await daemon.log.condition(), { isSuspended: false, hasSpace: true });
  });

  t.test('disk_full_action rotate: the oldest archive makes room, the newest records are all there', async t => {
    const { daemon } = await onSmallDisk(t, {
      log: { maxMegabytes: 2, numLogs: 4 },
      space: { diskFullAction: action('rotate') },
    });
    await daemon.write(20_000);
    const { written } = daemon;
    t.ok(written.length > 1024);
    t.strictSame(written, upTo(20_000).slice(-written.length));
    t.equal(daemon.pipeline.discardedLines, 0, 'what went, went with its archive');
  });

  t.test('disk_full_action exec: the script makes room, and logging waits for SIGUSR2', async t => {
    const disk = new LoopDisk(8);
    t.teardown(() => disk.remove());
    const [script, ballast] = [join(disk.path, 'make-room'), join(disk.path, 'ballast')];
    writeFileSync(ballast, Buffer.alloc(BALLAST_BYTES));
    writeFileSync(script, `#!/bin/sh\nrm ${ballast}\n`, { mode: 0o755 });
    const daemon = new LoggingDaemon(join(disk.path, 'audit.log'), {
      log: grows,
      space: { diskFullAction: { kind: 'exec', path: script } },
    });
    await daemon.log.open();
    t.teardown(() => daemon.log.close());
    await daemon.write(7000);
    t.ok(daemon.log.isSuspended);
    await daemon.actions.settled();
    t.strictSame(daemon.started, [script]);
    t.ok(daemon.log.isSuspended, 'the script has ended, nobody has asked to resume');
    await daemon.between(() => daemon.policy.resume());
    await daemon.write(10);
    t.strictSame(daemon.written.slice(-10), upTo(7010).slice(-10));
    t.equal(daemon.written.length + daemon.pipeline.discardedLines, 7010);
  });

  t.test('disk_full_action halt: the machine is halted once, and what waits still gets its chance', async t => {
    const { daemon, makeRoom } = await onSmallDisk(t, { log: grows, space: { diskFullAction: action('halt') } });
    daemon.onPause = pause => {
      if (pause === 5) makeRoom();
    };
    await daemon.write(7000);
    await daemon.actions.settled();
    t.strictSame(daemon.started, ['/sbin/init 0']);
    t.strictSame(daemon.written, upTo(7000));
  });

  t.test('The watermarks are passed in order, each by one run at most', async t => {
    const { daemon, disk } = await onSmallDisk(t, {
      log: grows,
      space: {
        spaceLeft: megabytes(4),
        spaceLeftAction: action('syslog'),
        adminSpaceLeft: megabytes(2),
        adminSpaceLeftAction: action('syslog'),
        diskFullAction: action('suspend'),
      },
    });
    const free: number[] = [];
    daemon.onCrossing = () => {
      const { bavail, bsize } = statfsSync(disk.path);
      free.push(bavail * bsize);
    };
    for (let round = 0; round < 14; round++) await daemon.write(500);
    t.strictSame(daemon.crossings.map(({ stage }) => stage).slice(0, 2), ['space_left', 'admin_space_left']);
    const overshoot = [4 << 20, 2 << 20].map((limit, index) => limit - (free[index] ?? 0));
    t.ok(
      overshoot.every(bytes => bytes > 0 && bytes <= (1 << 20) + (64 << 10)),
      `passed by ${overshoot.join(' and ')} bytes`,
    );
    t.ok(daemon.log.isSuspended);
    t.match(daemon.messages.take().slice(0, 2), [
      /^alert Audit daemon is low on disk space for logging\. If the admin space left threshold is reached, audit will syslog\. If the disk becomes full, audit will suspend\.$/,
      /^alert Audit daemon is low on disk space for logging\. If the disk becomes full, audit will suspend\.$/,
    ]);
  });

  t.test('Percentages are of the log’s own file system', async t => {
    const { daemon, disk } = await onSmallDisk(t, {
      log: grows,
      space: { spaceLeft: { kind: 'percent', value: 50 }, adminSpaceLeft: { kind: 'percent', value: 25 } },
    });
    const { blocks, bsize } = statfsSync(disk.path);
    const total = (blocks * bsize) / (1 << 20);
    const { partition } = await daemon.log.condition();
    t.ok(Math.abs((partition?.spaceLeftMegabytes ?? 0) - total / 2) <= 1);
    t.ok(Math.abs((partition?.adminSpaceLeftMegabytes ?? 0) - total / 4) <= 1);
  });

  t.test('space_left_action email without a sendmail is told, and logging goes on', async t => {
    const { daemon } = await onSmallDisk(t, {
      log: grows,
      space: { spaceLeft: megabytes(1000), spaceLeftAction: action('email') },
      mailer: '/nonexistent/sendmail',
    });
    await daemon.write(10);
    await daemon.actions.settled();
    const said = daemon.messages.take();
    t.match(said[0], /^alert The audit daemon is low on disk space for logging! Please take action to ensure/);
    t.equal(said[1], "error Error - /nonexistent/sendmail isn't executable");
    await daemon.write(10);
    t.strictSame(daemon.written, upTo(20));
  });

  t.test('space_left_action email reaches a sendmail', async t => {
    const disk = new LoopDisk(8);
    t.teardown(() => disk.remove());
    const mail = join(disk.path, 'mail');
    const mailer = join(disk.path, 'sendmail');
    writeFileSync(mailer, `#!/bin/sh\n{ echo "$@"; cat; } > ${mail}.new\nmv ${mail}.new ${mail}\n`, { mode: 0o755 });
    const daemon = new LoggingDaemon(join(disk.path, 'audit.log'), {
      space: { spaceLeft: megabytes(1000), spaceLeftAction: action('email') },
      mailer,
    });
    await daemon.log.open();
    await daemon.write(1);
    await daemon.actions.settled();
    await daemon.log.close();
    t.equal(
      readFileSync(mail, 'utf8'),
      [
        '-t -froot',
        'To: root',
        'From: root',
        'Subject: Audit Disk Space Alert',
        '',
        'The audit daemon is low on disk space for logging! Please take action',
        'to ensure no loss of service.',
        'If the admin space left threshold is reached, audit will ignore. If the disk becomes full, audit will ignore.',
        '.',
        '',
        '',
      ].join('\n'),
    );
  });

  t.test('A full inode table: the rotated log goes on taking records until there is a new one', async t => {
    const disk = new LoopDisk(8, 32);
    t.teardown(() => disk.remove());
    const daemon = new LoggingDaemon(join(disk.path, 'audit.log'), { policy: { diskErrorAction: action('syslog') } });
    await daemon.log.open();
    t.teardown(() => daemon.log.close());
    let files = 0;
    const fill = () => {
      for (;;) writeFileSync(join(disk.path, `file${files++}`), '');
    };
    t.throws(fill, { code: 'ENOSPC' });
    await daemon.write(1500);
    t.strictSame(daemon.written, upTo(1500));
    t.match(daemon.messages.take(), [
      'info Audit daemon rotating log files',
      /^error Unable to create .* \(No space left on device\)$/,
      /^critical Couldn't create log file .* \(No space left on device\)$/,
      'critical Could not reopen a log after rotating.',
      'alert reopen: Audit daemon detected an error writing an event to disk (No space left on device)',
    ]);
    rmSync(join(disk.path, 'file0'));
    daemon.clock.pass(1000);
    await daemon.write(10);
    t.strictSame(daemon.written, upTo(1510));
    t.equal(daemon.log.size, 10 * 1024);
    t.equal(daemon.pipeline.discardedLines, 0);
  });

  t.test('Compression that finds no room leaves the archive and stops nothing', async t => {
    const { daemon, makeRoom } = await onSmallDisk(t, {
      log: { compression: { level: 1, plainArchives: 0 } },
      space: { diskFullAction: action('syslog') },
    });
    const filler = join(daemon.logFile, '../filler');
    await daemon.write(100);
    fillUp(filler);
    await daemon.between(() => daemon.policy.rotate());
    await daemon.log.archivesSettled;
    t.match(daemon.messages.take().at(-1), /^warning Cannot tidy up the archives of .*: No space left on device$/);
    t.strictSame(daemon.written, upTo(100));
    rmSync(filler);
    makeRoom();
    await daemon.between(() => daemon.policy.tick());
    await daemon.log.archivesSettled;
    t.strictSame(daemon.written, upTo(100));
    t.ok(statfsSync(daemon.logFile).bavail > 0);
  });
});
