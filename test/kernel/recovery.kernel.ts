import { closeSync, mkdirSync, readSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import t from 'tap';
import { isErrno } from '../../src/base/errors.ts';
import { KEEPER } from '../../src/binding/keeper.ts';
import { COUNTER_NAMES, COUNTERS_OFFSET } from '../../src/ring/layout.ts';
import { compileFlood, DaemonHome, KernelAudit } from '../support/daemonProcess.ts';
import { compileFaults, type Fault, KeptDaemon, type KeptScene } from '../support/keptDaemon.ts';
import { LoopDisk } from '../support/loopDisk.ts';
import { WHOLE } from '../support/numberedLog.ts';

// What a daemon leaves behind when it dies in the midst of a step, with a damaged ring, with a full one, on a full disk;
// and what the next one makes of it.
if (process.getuid?.() !== 0) {
  t.fail('needs root: registering with the kernel and loop mounts need its capabilities');
  process.exit();
}

/** Every byte of the ring's header that means anything, one after the other, instead of a few: some ten minutes. */
const EVERY_BYTE = process.env['AUDITD_TEST_EVERY_BYTE'] !== undefined;
t.setTimeout(EVERY_BYTE ? 3_600_000 : 300_000);

const KEY = 'node-auditd-recovery-test';
const RATE = 10_000;
const kernel = new KernelAudit();
const tools = new DaemonHome();
t.teardown(() => {
  kernel.restore();
  tools.remove();
});
const flood = compileFlood(tools.directory);
const faults = compileFaults(tools.directory);
kernel.load(`-a always,exit -F arch=b64 -S getppid -F exe=${flood} -F key=${KEY}`);
const scene: KeptScene = { kernel, flood, key: KEY };

for (const fault of ['received', 'torn', 'written', 'disconnected', 'registered'] as const satisfies Fault[]) {
  t.test(`A daemon that dies at the step "${fault}" leaves every record once`, async t => {
    const kept = new KeptDaemon(t, scene, { faults });
    const pid = await kept.registered();
    await kept.underLoad(RATE, async () => {
      await pause(200);
      kept.fault(fault);
      if (fault === 'disconnected' || fault === 'registered') kept.signal('SIGKILL');
      await kept.until('it died', () => !kept.hasFault(fault));
      await kept.registered(pid);
      await kept.until('the next one is registered', () => kernel.daemonPid === kept.child);
      await pause(200);
    });
    t.strictSame(await kept.verdict(), WHOLE);
  });
}

t.test('A reader that stands still is ended by the watchdog, and nothing is lost', async t => {
  const kept = new KeptDaemon(t, scene, {
    faults,
    keeper: (home, daemon) => [KEEPER, '--watchdog', '2000', '--socket', `${home.run}/keeper.sock`, '--', ...daemon],
  });
  const pid = await kept.registered();
  await kept.make(100);
  kept.fault('reader-stands');
  await kept.make(100);
  await kept.until('it was ended', () => kept.child !== pid);
  kept.endFault('reader-stands');
  await kept.registered(pid);
  await kept.make(100);
  t.strictSame(await kept.verdict(), WHOLE);
  // Fed while nothing comes, too.
  const second = kernel.daemonPid;
  await pause(2500);
  t.equal(kernel.daemonPid, second);
});

/** Offsets in the ring's header: native/ring/layout.h. The last is behind the note's check. */
const HEADER_END = 424;
const REFUSED = { magic: 0, layout_version: 8, text_bytes: 24 };
const REPAIRED = { head: 64, tail: 128, text_tail: 132, staged: 320, note: 384 };

t.test('A ring with a damaged header is repaired, or refused and its records named as lost', async t => {
  const few = [...Object.values(REPAIRED), ...Object.values(REFUSED)];
  for (const at of EVERY_BYTE ? Array.from({ length: HEADER_END }, (_, at) => at) : few) {
    const kept = new KeptDaemon(t, scene, { faults });
    const pid = await kept.registered();
    // Records lie in the ring, and come into the socket, when it dies.
    kept.fault('writer-stands');
    await kept.make(50);
    await kept.until('they were in the ring', () => kernel.control.status().backlog === 0);
    const ring = await kept.openRing();
    kept.keeper.kill('SIGSTOP');
    process.kill(pid, 'SIGKILL');
    kept.endFault('writer-stands');
    flipByte(ring, at);
    closeSync(ring);
    await kept.make(50);
    kept.keeper.kill('SIGCONT');
    await kept.registered(pid);
    await kept.make(50);
    await kept.until('it records', () => kept.log.read().has(kept.end - 1));
    await kept.until('its start was recorded', () => kept.starts === 2);
    t.equal(kernel.daemonPid, kept.child, 'it did not die of it');
    const isRefused = kept.log.own.some(line => / op=lost-records ring-unreadable=1 /.test(line));
    if (!EVERY_BYTE) t.equal(isRefused, Object.values<number>(REFUSED).includes(at), `byte ${at}`);
    // What a refused ring held is lost, and said to be; what lay in the socket is not.
    t.strictSame(await kept.verdict(isRefused ? kept.first + 50 : kept.first), WHOLE, `byte ${at}`);
    t.equal(await kept.stop(), 0);
  }
});

function flipByte(ring: number, at: number): void {
  const byte = Buffer.alloc(1);
  readSync(ring, byte, 0, 1, at);
  byte[0] = (byte[0] ?? 0) ^ 0xff;
  writeSync(ring, byte, 0, 1, at);
}

/** How often the reader thread has had to wait for room: a counter in the ring's header. */
function timesFull(ring: number): number {
  const counter = Buffer.alloc(8);
  readSync(ring, counter, 0, 8, COUNTERS_OFFSET + COUNTER_NAMES.indexOf('timesFull') * 8);
  return Number(counter.readBigUInt64LE());
}

t.test(
  'A ring that is full at the death, on a disk that is full at the recovery: all is written in the end',
  async t => {
    const disk = new LoopDisk(16);
    t.teardown(() => disk.remove());
    mkdirSync(`${disk.path}/audit`, { mode: 0o700 });
    const kept = new KeptDaemon(t, scene, {
      settings: { log_file: `${disk.path}/audit/audit.log`, max_log_file: '8' },
      nodeSettings: '[ring]\nsize = 1M\n',
      logDirectory: `${disk.path}/audit`,
    });
    let pid = await kept.registered();
    await kept.make(10);
    await kept.until('they were written', () => kept.log.read().has(kept.end - 1));
    const ring = await kept.openRing();
    t.teardown(() => closeSync(ring));
    fillDisk(`${disk.path}/ballast`);
    await kept.make(4000);
    await kept.until('the ring was full', () => timesFull(ring) > 0);
    const before = timesFull(ring);
    kept.keeper.kill('SIGSTOP');
    process.kill(pid, 'SIGKILL');
    await kept.make(100);
    kept.keeper.kill('SIGCONT');
    pid = await kept.registered(pid);
    // The next one finds the disk full still, and dies, too.
    await kept.until('the ring was full again', () => timesFull(ring) > before);
    process.kill(pid, 'SIGKILL');
    pid = await kept.registered(pid);
    await kept.make(100);
    rmSync(`${disk.path}/ballast`);
    await kept.make(100);
    t.strictSame(await kept.verdict(), WHOLE);
    t.equal(kernel.daemonPid, pid);
  },
);

/** Leaves no block free. */
function fillDisk(path: string): void {
  const block = Buffer.alloc(4096);
  try {
    for (;;) writeFileSync(path, block, { flag: 'a' });
  } catch (error) {
    if (!isErrno(error, 'ENOSPC')) throw error;
  }
}
