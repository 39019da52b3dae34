import { existsSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import t from 'tap';
import { compileFlood, DaemonHome, DaemonProcess, KernelAudit, runProgram } from '../support/daemonProcess.ts';

if (process.getuid?.() !== 0) {
  t.fail('needs root: registering with the kernel needs CAP_AUDIT_CONTROL');
  process.exit();
}

const kernel = new KernelAudit();
const tools = new DaemonHome();
t.teardown(() => {
  kernel.restore(); // while the program that the rule names is there
  tools.remove();
});
const flood = compileFlood(tools.directory);
const KEY = 'node-auditd-signals-test';
kernel.load(`-a always,exit -F arch=b64 -S getppid -F exe=${flood} -F key=${KEY}`);

async function registered(settings: Record<string, string> = {}, nodeSettings = '') {
  const home = new DaemonHome(settings, nodeSettings).makeLogDirectory();
  const daemon = new DaemonProcess(['-n', '-c', home.directory]);
  await daemon.until('it was registered', () => kernel.daemonPid === daemon.pid);
  return { home, daemon };
}

function changeSettings(home: DaemonHome, changes: Record<string, string>): void {
  let text = readFileSync(`${home.directory}/auditd.conf`, 'utf8');
  for (const [key, value] of Object.entries(changes)) {
    text = text.replace(new RegExp(`^${key} = .*\n`, 'm'), '');
    text += `${key} = ${value}\n`;
  }
  writeFileSync(`${home.directory}/auditd.conf`, text);
}

/** Records of one type, as often as they have to be there. */
async function untilRecords(daemon: DaemonProcess, home: DaemonHome, type: string, count: number): Promise<string[]> {
  const found = () => home.logLines().filter(line => line.includes(`type=${type} `));
  await daemon.until(`${count} ${type}`, () => found().length >= count);
  return found();
}

function floodNumbers(lines: readonly string[]): number[] {
  return lines.flatMap(line => {
    const match = line.includes(`key="${KEY}"`) ? /type=SYSCALL .* a0=([0-9a-f]+) /.exec(line) : null;
    return match?.[1] === undefined ? [] : [Number.parseInt(match[1], 16)];
  });
}

const consecutive = (count: number) => Array.from({ length: count }, (_, i) => i + 1);
const sender = `auid=\\d+ uid=0 ses=\\d+ pid=${process.pid} (subj=\\S+ )?res=success`;

/** Waits for what one of the reports that the daemon is asked for tells. */
async function untilReport(daemon: DaemonProcess, home: DaemonHome, what: string, isTrue: (text: string) => boolean) {
  const report = `${home.run}/auditd.state`;
  await daemon.until(what, () => {
    daemon.child.kill('SIGCONT');
    return existsSync(report) && isTrue(readFileSync(report, 'utf8'));
  });
}

t.test('A signal that comes while its like is answered is answered after it', async t => {
  const { home, daemon } = await registered();
  const report = `${home.run}/auditd.state`;
  for (let i = 0; i < 100; i++) {
    rmSync(report, { force: true });
    daemon.child.kill('SIGCONT');
    // There as soon as its text is: the JSON beside it is still being written.
    await daemon.until('the report was there', () => existsSync(report));
  }
  t.equal((await daemon.stop()).code, 0);
  home.remove();
});

t.test('SIGUSR1 rotates, and its record with the sender opens the new file', async t => {
  const { home, daemon } = await registered();
  await runProgram(flood, '1', '10');
  daemon.child.kill('SIGUSR1');
  const [record] = await untilRecords(daemon, home, 'DAEMON_ROTATE', 1);
  t.match(record, new RegExp(`: op=rotate-logs ${sender}`));
  t.equal(readFileSync(home.log, 'latin1').split('\n')[0], record);
  t.equal(statSync(`${home.log}.1`).mode & 0o777, 0o400);
  t.match(readFileSync(`${home.log}.1`, 'latin1'), /^type=DAEMON_START /);
  await daemon.stop();
  t.strictSame(floodNumbers(home.logLines()), consecutive(10));
  home.remove();
});

t.test('SIGUSR2 resumes a log that was suspended for its size, and what was lost meanwhile is said', async t => {
  const { home, daemon } = await registered({ max_log_file: '1', max_log_file_action: 'SUSPEND' });
  await runProgram(flood, '1', '4000'); // more than a megabyte
  await untilReport(daemon, home, 'logging was suspended', text => text.includes('logging suspended = yes'));
  await runProgram(flood, '10001', '5');
  // SYSCALL and PROCTITLE of each call. What still waits when the log is resumed is not lost.
  await untilReport(daemon, home, 'all was written or discarded', text => {
    const count = (name: string) => Number(new RegExp(`^${name} = (\\d+)$`, 'm').exec(text)?.[1]);
    return count('records written') + count('records discarded') >= 4005 * 2;
  });
  // Room, as an operator makes it.
  writeFileSync(home.log, '');
  daemon.child.kill('SIGUSR2');
  const [record] = await untilRecords(daemon, home, 'DAEMON_RESUME', 1);
  t.match(record, new RegExp(`: op=resume-logging ${sender}`));
  await runProgram(flood, '20001', '5');
  await daemon.until('the backlog was empty', () => kernel.control.status().backlog === 0);
  await daemon.stop();
  const lines = home.logLines();
  t.strictSame(floodNumbers(lines), [20001, 20002, 20003, 20004, 20005]);
  const losses = lines.filter(line => line.includes('type=DAEMON_ERR '));
  t.match(losses.at(-1), /: op=lost-records log-discarded=\d+ res=failed/);
  home.remove();
});

t.test('SIGHUP applies a changed configuration to the next record, and says who asked', async t => {
  const { home, daemon } = await registered();
  await runProgram(flood, '1', '3');
  await daemon.until('records were written', () => floodNumbers(home.logLines()).length === 3);
  changeSettings(home, { name_format: 'user', name: 'renamed', log_format: 'RAW' });
  daemon.child.kill('SIGHUP');
  const [record] = await untilRecords(daemon, home, 'DAEMON_CONFIG', 1);
  t.match(
    record,
    new RegExp(
      `^node=renamed type=DAEMON_CONFIG .*: op=reconfigure state=changed auid=\\d+ pid=${process.pid} subj=\\S+ res=success$`,
    ),
  );
  await runProgram(flood, '4', '3');
  await daemon.until('the backlog was empty', () => kernel.control.status().backlog === 0);
  await daemon.stop();
  const own = home.logLines().filter(line => line.includes(`key="${KEY}"`));
  t.ok(own.slice(0, 3).every(line => line.startsWith('type=') && line.includes('\x1dARCH=')));
  t.ok(own.slice(3).every(line => line.startsWith('node=renamed type=') && !line.includes('\x1d')));
  t.strictSame(floodNumbers(own), consecutive(6));
  home.remove();
});

t.test('SIGHUP with a faulty file keeps the configuration that is in force', async t => {
  const { home, daemon } = await registered();
  changeSettings(home, { log_format: 'RAW', space_left: '-3' });
  daemon.child.kill('SIGHUP');
  const [record] = await untilRecords(daemon, home, 'DAEMON_CONFIG', 1);
  t.match(record, new RegExp(`: op=reconfigure state=no-change ${sender.replace('success', 'failed')}`));
  await runProgram(flood, '1', '2');
  // Mended: the same daemon takes it.
  changeSettings(home, { space_left: '2' });
  await daemon.until('records were written', () => floodNumbers(home.logLines()).length === 2);
  daemon.child.kill('SIGHUP');
  const records = await untilRecords(daemon, home, 'DAEMON_CONFIG', 2);
  t.match(records[1], 'state=changed');
  await daemon.stop();
  t.ok(
    home
      .logLines()
      .filter(line => line.includes(KEY))
      .every(line => line.includes('\x1d')),
    'the records before were enriched',
  );
  home.remove();
});

t.test('SIGHUP moves the log to another file without losing a record', async t => {
  const { home, daemon } = await registered({ max_log_file: '100' });
  const load = runProgram(flood, '1', '20000');
  changeSettings(home, { log_file: `${home.directory}/log/other.log` });
  daemon.child.kill('SIGHUP');
  await load;
  await daemon.until('the new log was there', () => existsSync(`${home.directory}/log/other.log`));
  // What the kernel still queues when nobody is registered any more is not the daemon's to write.
  await daemon.until('the backlog was empty', () => kernel.control.status().backlog === 0);
  await daemon.stop();
  const read = (name: string) => readFileSync(`${home.directory}/log/${name}`, 'latin1').split('\n');
  const numbers = [...floodNumbers(read('audit.log')), ...floodNumbers(read('other.log'))];
  t.ok(numbers.join() === consecutive(20_000).join());
  home.remove();
});

t.test('Thousands of SIGHUP and SIGUSR1 under load lose and repeat nothing', async t => {
  const { home, daemon } = await registered({ num_logs: '999' });
  let isLoaded = true;
  const load = runProgram(flood, '1', '30000').then(() => {
    isLoaded = false;
  });
  let sent = 0;
  while (isLoaded || sent < 4000) {
    for (let i = 0; i < 20; i++, sent += 2) {
      daemon.child.kill('SIGHUP');
      daemon.child.kill('SIGUSR1');
    }
    await new Promise(resolve => setImmediate(resolve));
  }
  await load;
  await daemon.until('the backlog was empty', () => kernel.control.status().backlog === 0);
  t.equal((await daemon.stop()).code, 0);
  const lines = home.logLines();
  t.ok(floodNumbers(lines).join() === consecutive(30_000).join());
  t.ok(lines.filter(line => line.includes('type=DAEMON_ROTATE ')).length > 0);
  t.ok(lines.filter(line => line.includes('type=DAEMON_CONFIG ')).length > 0);
  t.strictSame(
    lines.filter(line => line.includes('type=DAEMON_ERR ')),
    [],
    'no counter of a loss moved',
  );
  home.remove();
});

t.test('What the kernel itself drops is in the log', async t => {
  const { home, daemon } = await registered();
  const before = kernel.control.status();
  kernel.control.setStatus('backlogWaitTime', 0); // the kernel drops instead of making the load wait
  kernel.control.setStatus('backlogLimit', 2);
  await runProgram(flood, '1', '50000');
  kernel.control.setStatus('backlogLimit', before.backlogLimit);
  const lost = kernel.control.status().lost - before.lost;
  t.ok(lost > 0, `the kernel dropped ${lost}`);
  await daemon.stop();
  const lines = home.logLines();
  const said = lines.flatMap(line => {
    const match = /type=DAEMON_ERR .* op=lost-records .*?kernel-lost=(\d+) /.exec(line);
    return match?.[1] === undefined ? [] : [Number(match[1])];
  });
  t.equal(
    said.reduce((sum, count) => sum + count, 0),
    lost,
  );
  home.remove();
});
