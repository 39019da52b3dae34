import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import t from 'tap';
import { compileFlood, DaemonHome, DaemonProcess, KernelAudit, runProgram } from '../support/daemonProcess.ts';

// A disk that stalls: the log's file system, a loop mount, is frozen while records come.
if (process.getuid?.() !== 0) {
  t.fail('needs root: registering, loop mounts and fsfreeze(8) need its capabilities');
  process.exit();
}

const kernel = new KernelAudit();
const place = mkdtempSync('/var/lib/node-auditd-frozen-');
const mount = `${place}/mount`;
mkdirSync(mount);
execFileSync('truncate', ['-s', '256M', `${place}/image`]);
execFileSync('mkfs.ext4', ['-q', '-O', '^has_journal', `${place}/image`]);
execFileSync('mount', ['-o', 'loop', `${place}/image`, mount]);
t.teardown(() => {
  kernel.restore(); // while the program that the rule names is there
  execFileSync('umount', [mount]);
  rmSync(place, { recursive: true });
});
const flood = compileFlood(place);
const KEY = 'node-auditd-frozen-test';
kernel.load(`-a always,exit -F arch=b64 -S getppid -F exe=${flood} -F key=${KEY}`);

/** What is wrong with the flood's numbers 1 to `count` in a log; empty when each is there once, in order. */
function faultsOf(lines: readonly string[], count: number): string {
  const numbers = lines
    .flatMap(line => (line.includes(`key="${KEY}"`) ? (/ a0=([0-9a-f]+) /.exec(line)?.[1] ?? []) : []))
    .map(digits => Number.parseInt(digits, 16));
  const there = new Set(numbers);
  const missing = Array.from({ length: count }, (_, i) => i + 1).filter(number => !there.has(number));
  const disordered = numbers.findIndex((number, i) => number < (numbers[i - 1] ?? 0));
  return [
    ...(missing.length > 0 ? [`${missing.length} missing, ${missing[0]} to ${missing.at(-1)}`] : []),
    ...(numbers.length > there.size ? [`${numbers.length - there.size} repeated`] : []),
    ...(disordered > 0 ? [`${numbers[disordered]} comes after ${numbers[disordered - 1]}`] : []),
  ].join('; ');
}

/** Bytes that wait in audit sockets: column Rmem of those of protocol 9, NETLINK_AUDIT. */
function waitingInSockets(): number {
  const rows = readFileSync('/proc/net/netlink', 'latin1').split('\n').slice(1);
  const columns = rows.map(row => row.trim().split(/\s+/)).filter(([, protocol]) => protocol === '9');
  return columns.reduce((sum, [, , , , received]) => sum + Number(received), 0);
}

/** @param isRoomy  The ring has room for all of it: the log's disk is back once it holds that. */
async function frozen(ring: string, count: number, isRoomy: boolean): Promise<{ home: DaemonHome; report: string }> {
  const home = new DaemonHome({ max_log_file: '200' }, `[ring]\nsize = ${ring}\n`, mount).makeLogDirectory();
  const daemon = new DaemonProcess(['-n', '-c', home.directory]);
  await daemon.until('it was registered', () => kernel.daemonPid === daemon.pid);
  execFileSync('fsfreeze', ['-f', mount]);
  try {
    await runProgram(flood, '1', String(count));
    const isTaken = () => kernel.control.status().backlog === 0 && waitingInSockets() === 0;
    if (isRoomy) await daemon.until('the ring held all', isTaken);
  } finally {
    execFileSync('fsfreeze', ['-u', mount]);
  }
  daemon.child.kill('SIGCONT');
  await daemon.until('the report was there', () => existsSync(`${home.run}/auditd.state`));
  const report = readFileSync(`${home.run}/auditd.state`, 'utf8');
  await daemon.until('the backlog was empty', () => kernel.control.status().backlog === 0);
  t.equal((await daemon.stop()).code, 0);
  return { home, report };
}

const claim = (report: string, name: string) => Number(new RegExp(`^${name} = (\\d+)`, 'm').exec(report)?.[1]);

t.test('Records of a stalled disk wait in the ring, and all of them reach the log', async t => {
  const { home, report } = await frozen('256M', 20_000, true);
  t.equal(faultsOf(home.logLines(), 20_000), '');
  t.ok(claim(report, 'max ring use') > 5_000, 'they waited in the ring');
  t.equal(claim(report, 'ring full'), 0);
  t.equal(claim(report, 'receive buffer drops'), 0);
});

t.test('When even the ring is full they wait in the kernel’s buffer, which is counted', async t => {
  const { home, report } = await frozen('1M', 20_000, false);
  t.equal(faultsOf(home.logLines(), 20_000), '');
  t.ok(claim(report, 'ring full') >= 1);
  t.equal(claim(report, 'receive buffer drops'), 0);
});
