import { execFileSync, spawn } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import t, { type Test } from 'tap';
import { compileFlood, DaemonHome, DaemonProcess, KernelAudit, runProgram } from '../support/daemonProcess.ts';

// Our plugins under the installed C daemon: it starts them from its plugins.d, and they do with its records what they
// do with ours.
if (process.getuid?.() !== 0) {
  t.fail('needs root: registering with the kernel needs its capabilities');
  process.exit();
}

const AUDITD = '/usr/sbin/auditd';
const whyNot = !existsSync(AUDITD) && `no ${AUDITD}`;
const whyNoSyslog = whyNot || (existsSync('/dev/log') && 'this machine has a system log: its messages would go there');
const support = fileURLToPath(new URL('../../../test/support/', import.meta.url));
const commands = fileURLToPath(new URL('../../src/tools/', import.meta.url));
const KEY = 'node-auditd-reference-test';
const EVENTS = 300;

t.setTimeout(390_000);
const kernel = new KernelAudit();
const tools = new DaemonHome();
t.teardown(() => {
  kernel.restore(); // while the program that the rule names is there
  tools.remove();
});
const flood = compileFlood(tools.directory);
kernel.load(`-a always,exit -F arch=b64 -S getppid -F exe=${flood} -F key=${KEY}`);

/** A program of root's that runs one of our plugins, as an installed command does. */
function command(home: DaemonHome, name: string, before = 'exec'): string {
  const path = `${home.directory}/${name}`;
  const text = `#!/bin/sh\n${before} '${process.execPath}' '${commands}${name}/main.js' "$@"\n`;
  writeFileSync(path, text, { mode: 0o755 });
  return path;
}

async function registered(t: Test, home: DaemonHome, name: string, lines: string): Promise<DaemonProcess> {
  home.makeLogDirectory();
  t.teardown(() => home.remove());
  mkdirSync(`${home.directory}/plugins.d`, { mode: 0o750 });
  const file = `active = yes\ndirection = out\ntype = always\nformat = string\n${lines}\n`;
  writeFileSync(`${home.directory}/plugins.d/${name}.conf`, file, { mode: 0o640 });
  const daemon = new DaemonProcess(['-n', '-c', home.directory], 'ignore', [AUDITD]);
  t.teardown(() => daemon.stop());
  await daemon.until('it was registered', () => kernel.daemonPid === daemon.pid);
  return daemon;
}

/** The numbers that flood gave its calls, in order. */
function numbersIn(text: string): string {
  const lines = text.split('\n').filter(line => line.includes(KEY));
  const found = lines.flatMap(line => /type=SYSCALL .* a0=([0-9a-f]+) /.exec(line)?.[1] ?? []);
  return found.map(number => Number.parseInt(number, 16)).join();
}

const ALL = Array.from({ length: EVENTS }, (_, i) => i + 1).join();
const textOf = (path: string) => (existsSync(path) ? readFileSync(path, 'latin1') : '');

t.test('audisp-syslog sends every record of the C daemon to the system log', { skip: whyNoSyslog }, async t => {
  const home = new DaemonHome();
  const program = `${tools.directory}/devlog`;
  execFileSync('cc', ['-O2', '-o', program, `${support}devlog.c`]);
  const heard = `${tools.directory}/heard`;
  const listener = spawn(program, [heard], { stdio: 'ignore' });
  t.teardown(async () => {
    listener.kill();
    await once(listener, 'exit');
    rmSync('/dev/log', { force: true });
  });
  const lines = `path = ${command(home, 'audisp-syslog')}\nargs = LOG_NOTICE LOG_LOCAL2`;
  const daemon = await registered(t, home, 'syslog', lines);
  await runProgram(flood, '1', String(EVENTS));
  await daemon.until('the system log had all', () => textOf(heard).split(KEY).length > EVENTS);
  t.equal(numbersIn(textOf(heard)), ALL);
  t.match(textOf(heard), /^<149>.*type=SYSCALL /m, 'local2, notice');
});

t.test('audisp-filter passes on what its rules let through', { skip: whyNot }, async t => {
  const home = new DaemonHome();
  const out = `${home.directory}/out`;
  const rules = `${home.directory}/rules`;
  const next = `${home.directory}/next`;
  writeFileSync(rules, 'type r= SYSCALL\n', { mode: 0o640 });
  writeFileSync(next, `#!/bin/sh\nexec /bin/cat > ${out}\n`, { mode: 0o755 });
  // The C daemon of this version hands on no more than two arguments.
  const start = `${home.directory}/filter`;
  const filter = command(home, 'audisp-filter');
  writeFileSync(start, `#!/bin/sh\nexec ${filter} "$@" ${next}\n`, { mode: 0o755 });
  const lines = `path = ${start}\nargs = blocklist ${rules}`;
  const daemon = await registered(t, home, 'filter', lines);
  await runProgram(flood, '1', String(EVENTS));
  await daemon.until('all were passed on', () => textOf(out).split(KEY).length > EVENTS);
  t.equal(numbersIn(textOf(out)), ALL);
  t.notMatch(textOf(out), 'type=DAEMON_START', 'no rule lets it through');
});

t.test('audisp-statsd counts the events', { skip: whyNot }, async t => {
  const home = new DaemonHome();
  const server = createSocket('udp4');
  let counted = 0;
  server.on('message', message => {
    counted += Number(/^events\.total_count:(\d+)\|c$/m.exec(message.toString('latin1'))?.[1]);
  });
  await new Promise<void>(resolve => server.bind(0, '127.0.0.1', resolve));
  t.teardown(() => server.close());
  mkdirSync(`${home.directory}/etc`);
  const conf = `address = 127.0.0.1\nport = ${server.address().port}\ninterval = 1s\n`;
  writeFileSync(`${home.directory}/etc/audisp-statsd.conf`, conf, { mode: 0o640 });
  // It reads its configuration from one place alone.
  const before = `mount --bind '${home.directory}/etc' /etc/audit && exec`;
  const inner = command(home, 'audisp-statsd', before);
  const outer = `${home.directory}/statsd`;
  writeFileSync(outer, `#!/bin/sh\nexec unshare -m ${inner}\n`, { mode: 0o755 });
  const daemon = await registered(t, home, 'statsd', `path = ${outer}`);
  await runProgram(flood, '1', String(EVENTS));
  await daemon.until('all were counted', () => counted >= EVENTS);
  t.ok(counted >= EVENTS, `${counted} events`);
});
