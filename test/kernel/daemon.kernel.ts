import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, statSync } from 'node:fs';
import t from 'tap';
import { compileFlood, DAEMON, DaemonHome, DaemonProcess, KernelAudit, runProgram } from '../support/daemonProcess.ts';

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
const KEY = 'node-auditd-daemon-test';
const USER = 1005; // AUDIT_USER
kernel.load(`-a always,exit -F arch=b64 -S getppid -F exe=${flood} -F key=${KEY}`);

/** A registered daemon of ours with a home of its own. */
async function registered(settings: Record<string, string> = {}, nodeSettings = '', ...options: string[]) {
  const home = new DaemonHome(settings, nodeSettings).makeLogDirectory();
  const daemon = new DaemonProcess(['-n', '-c', home.directory, ...options]);
  await daemon.until('it was registered', () => kernel.daemonPid === daemon.pid);
  return { home, daemon };
}

/** The numbers that flood gave its calls, in the order of the log. */
function floodNumbers(lines: readonly string[]): number[] {
  return lines.flatMap(line => {
    const match = line.includes(`key="${KEY}"`) ? /^type=SYSCALL .* a0=([0-9a-f]+) /.exec(line) : null;
    return match?.[1] === undefined ? [] : [Number.parseInt(match[1], 16)];
  });
}

const consecutive = (first: number, count: number) => Array.from({ length: count }, (_, i) => first + i);

t.test('The daemon starts, registers, and ends on TERM with its sender in the log', async t => {
  const { home, daemon } = await registered();
  await daemon.until('the pid file was there', () => existsSync(`${home.run}/auditd.pid`));
  t.equal(readFileSync(`${home.run}/auditd.pid`, 'utf8'), `${daemon.pid}\n`);
  t.equal(readFileSync(`/proc/${daemon.pid}/comm`, 'utf8'), 'auditd\n');
  t.equal(kernel.control.status().enabled, 1);
  t.equal(statSync(home.log).mode & 0o777, 0o600);
  const ended = await daemon.stop();
  t.equal(ended.code, 0);
  t.equal(kernel.daemonPid, 0);
  t.notOk(existsSync(`${home.run}/auditd.pid`));
  const lines = home.logLines();
  t.match(
    lines[0],
    /^type=DAEMON_START msg=audit\(\d+\.\d{3}:\d+\): op=start ver=4\.2\.2 format=enriched kernel=\S+ auid=\d+ pid=\d+ uid=0 ses=\d+ .*res=success\x1dAUID="\w+" UID="root"$/,
  );
  t.match(
    lines.at(-1),
    new RegExp(`^type=DAEMON_END .*: op=terminate auid=\\d+ uid=0 ses=\\d+ pid=${process.pid} .*res=success\x1d`),
  );
  home.remove();
});

t.test('A flood reaches the log whole: every event once, in order, over many rotations', async t => {
  const { home, daemon } = await registered({ max_log_file: '1', num_logs: '999' });
  await runProgram(flood, '1', '20000');
  await daemon.until('the backlog was empty', () => kernel.control.status().backlog === 0);
  t.equal((await daemon.stop()).code, 0);
  const lines = home.logLines();
  // As text: a structural comparison of 20,000 numbers takes seconds.
  t.ok(floodNumbers(lines).join() === consecutive(1, 20_000).join(), 'every event once, in order');
  t.strictSame(
    lines.filter(line => !/^type=\S+ msg=audit\(\d+\.\d{3}:\d+\): /.test(line)),
    [],
    'every line is a record',
  );
  const serials = lines
    .filter(line => line.includes(`key="${KEY}"`) && line.startsWith('type=SYSCALL'))
    .map(line => Number(/:(\d+)\)/.exec(line)?.[1]));
  t.ok(
    serials.every((serial, i) => i === 0 || serial > (serials[i - 1] ?? 0)),
    'serials only grow',
  );
  t.ok(existsSync(`${home.log}.8`), 'it rotated many times');
  // The reference's search tool finds the same events.
  const found = execFileSync('ausearch', ['-if', `${home.directory}/log`, '--raw', '-k', KEY], {
    encoding: 'latin1',
    maxBuffer: 1 << 28,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  t.equal(found.split('\n').filter(line => line.startsWith('type=SYSCALL')).length, 20_000);
  home.remove();
});

t.test('What was made before a stop was asked for is in the log, also amid a flood', async t => {
  for (let i = 0; i < 5; i++) {
    const { home, daemon } = await registered({ log_format: 'RAW' });
    const flooding = spawn(flood, ['1', '10000000'], { stdio: 'ignore' });
    const over = once(flooding, 'exit');
    await daemon.until('records were written', () => statSync(home.log).size > 1 << 20);
    kernel.control.userMessage(USER, `op=last-before-the-stop number=${i}`);
    const ended = await daemon.stop();
    flooding.kill();
    await over;
    t.equal(ended.code, 0);
    const lines = home.logLines();
    t.equal(lines.filter(line => line.includes(`op=last-before-the-stop number=${i}'`)).length, 1);
    t.match(lines.at(-1), /^type=DAEMON_END /);
    home.remove();
  }
});

t.test('A second daemon is refused, told by whom, and takes nothing from the first', async t => {
  const { home, daemon } = await registered();
  const other = new DaemonHome({}, '').makeLogDirectory();
  const second = new DaemonProcess(['-f', '-c', other.directory]);
  const ended = await second.ended;
  t.equal(ended.code, 1);
  t.match(ended.stderr, `Another audit daemon is registered with the kernel: pid ${daemon.pid} (auditd)`);
  t.match(ended.stderr, /--observe.*--replay/);
  t.match(ended.stdout, /type=DAEMON_ABORT .* op=set-pid .*res=failed/);
  t.equal(kernel.daemonPid, daemon.pid);
  t.ok(existsSync(`${home.run}/auditd.pid`));
  await daemon.stop();
  home.remove();
  other.remove();
});

t.test('An observer sees the records beside the registered daemon', async t => {
  const { home, daemon } = await registered();
  const observer = new DaemonProcess(['-f', '-c', home.directory, '--observe']);
  await observer.until('it observed', () => observer.stderr.includes('Observing'));
  await runProgram(flood, '1', '500');
  await observer.until('all were seen', () => floodNumbers(observer.stdout.split('\n')).length === 500);
  t.equal(kernel.daemonPid, daemon.pid);
  t.equal((await observer.stop()).code, 0);
  t.strictSame(floodNumbers(observer.stdout.split('\n')), consecutive(1, 500));
  await daemon.stop();
  t.strictSame(floodNumbers(home.logLines()), consecutive(1, 500));
  t.notMatch(home.logLines().join('\n'), 'op=observe');
  home.remove();
});

t.test('SIGUSR1 opens no inspector, SIGINT and its like are ignored', async t => {
  const { home, daemon } = await registered();
  for (const signal of ['SIGUSR1', 'SIGINT', 'SIGQUIT', 'SIGALRM', 'SIGPIPE'] as const) daemon.child.kill(signal);
  await runProgram(flood, '1', '10');
  await daemon.until('records were written', () => floodNumbers(home.logLines()).length === 10);
  const listening = readFileSync(`/proc/${daemon.pid}/net/tcp`, 'latin1')
    .split('\n')
    .filter(line => / 0A /.test(line));
  t.notOk(
    listening.some(line => line.includes(`:${(9229).toString(16).toUpperCase()}`)),
    'nobody listens on the port of the inspector',
  );
  t.equal((await daemon.stop()).code, 0);
  home.remove();
});

t.test('SIGCONT writes the state report', async t => {
  const { home, daemon } = await registered();
  await runProgram(flood, '1', '100');
  await daemon.until('records were written', () => floodNumbers(home.logLines()).length === 100);
  daemon.child.kill('SIGCONT');
  await daemon.until('the report was there', () => existsSync(`${home.run}/auditd.state`));
  const report = readFileSync(`${home.run}/auditd.state`, 'utf8');
  t.match(
    report,
    /^audit version = 4\.2\.2\ncurrent time = \d\d\/\d\d\/\d\d \d\d:\d\d:\d\d\nprocess priority = -?\d+\nwriting to logs = yes\n/,
  );
  t.match(report, /^receive buffer drops = 0$/m);
  t.match(report, /^serials missing = 0$/m);
  const written = Number(/^records written = (\d+)$/m.exec(report)?.[1]);
  t.ok(written >= 200, 'SYSCALL and PROCTITLE of each event');
  t.equal(statSync(`${home.run}/auditd.state`).mode & 0o777, 0o640);
  await daemon.stop();
  t.notOk(existsSync(`${home.run}/auditd.state`));
  home.remove();
});

t.test('In the background the parent ends when the daemon is registered', async t => {
  const home = new DaemonHome().makeLogDirectory();
  const [code] = await once(spawn(process.execPath, [DAEMON, '-c', home.directory], { stdio: 'ignore' }), 'exit');
  t.equal(code, 0);
  const pid = kernel.daemonPid;
  t.equal(readFileSync(`${home.run}/auditd.pid`, 'utf8'), `${pid}\n`);
  t.equal(execFileSync('ps', ['-o', 'sid=', '-p', String(pid)], { encoding: 'utf8' }).trim(), String(pid));
  process.kill(pid, 'SIGTERM');
  const gone = () => !existsSync(`/proc/${pid}`);
  while (!gone()) await new Promise(resolve => setTimeout(resolve, 5));
  t.match(home.logLines().at(-1), /^type=DAEMON_END /);
  home.remove();
});

t.test('With -s nochange and disable the kernel’s state is as asked', async t => {
  for (const [state, enabled] of [
    ['disable', 0],
    ['nochange', 0],
    ['enable', 1],
  ] as const) {
    const { home, daemon } = await registered({}, '', '-s', state);
    t.equal(kernel.control.status().enabled, enabled, state);
    await daemon.stop();
    home.remove();
  }
});

t.test('Records with name_format and raw have the prefix and no interpreted part', async t => {
  const { home, daemon } = await registered({ name_format: 'user', name: 'here', log_format: 'RAW' });
  await runProgram(flood, '1', '3');
  await daemon.until('records were written', () => home.logLines().filter(line => line.includes(KEY)).length >= 3);
  await daemon.stop();
  t.ok(home.logLines().every(line => /^node=here type=\S+ msg=audit\([^\x1d]*$/.test(line)));
  home.remove();
});
