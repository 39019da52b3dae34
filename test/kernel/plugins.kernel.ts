import { execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { fileURLToPath } from 'node:url';
import t, { type Test } from 'tap';
import { compileFlood, DaemonHome, DaemonProcess, KernelAudit, runProgram } from '../support/daemonProcess.ts';

// Plugins under a registered daemon: what reaches them of the kernel's records, and the C project's own plugins.
if (process.getuid?.() !== 0) {
  t.fail('needs root: registering with the kernel needs its capabilities');
  process.exit();
}

const kernel = new KernelAudit();
const tools = new DaemonHome();
t.teardown(() => {
  kernel.restore(); // while the program that the rule names is there
  tools.remove();
});
const flood = compileFlood(tools.directory);
const KEY = 'node-auditd-plugins-test';
kernel.load(`-a always,exit -F arch=b64 -S getppid -F exe=${flood} -F key=${KEY}`);
const SYSLOG = '/sbin/audisp-syslog';
const REMOTE = '/sbin/audisp-remote';
const whyNoSyslog = !existsSync(SYSLOG)
  ? `no ${SYSLOG}`
  : existsSync('/dev/log') && 'this machine has a system log: its messages would go there';
const support = fileURLToPath(new URL('../../../test/support/', import.meta.url));

interface Scene {
  readonly home: DaemonHome;
  readonly daemon: DaemonProcess;
}

/** A program in shell that the daemon takes for a plugin. */
function script(home: DaemonHome, name: string, text: string): string {
  const path = `${home.directory}/${name}`;
  writeFileSync(path, `#!/bin/sh\nPATH=/bin:/usr/bin:/sbin\n${text}\n`, { mode: 0o755 });
  return path;
}

async function registered(
  t: Test,
  plugins: (home: DaemonHome) => Readonly<Record<string, string>>,
  settings: Readonly<Record<string, string>> = {},
): Promise<Scene> {
  const home = new DaemonHome(settings).makeLogDirectory();
  t.teardown(() => home.remove());
  mkdirSync(`${home.directory}/plugins.d`, { mode: 0o750 });
  for (const [name, lines] of Object.entries(plugins(home))) {
    writeFileSync(`${home.directory}/plugins.d/${name}.conf`, `active = yes\n${lines}\n`, { mode: 0o640 });
  }
  const daemon = new DaemonProcess(['-n', '-c', home.directory]);
  t.teardown(() => daemon.stop());
  await daemon.until('it was registered', () => kernel.daemonPid === daemon.pid);
  return { home, daemon };
}

/** The numbers that flood gave its calls, in order. */
function numbersIn(text: string): number[] {
  return text.split('\n').flatMap(line => {
    const match = line.includes(`key="${KEY}"`) ? /type=SYSCALL .* a0=([0-9a-f]+) /.exec(line) : null;
    return match?.[1] === undefined ? [] : [Number.parseInt(match[1], 16)];
  });
}

const numbers = (count: number) => Array.from({ length: count }, (_, i) => i + 1).join();

t.test('String and binary plugins get every record once, in order, with the ends of events', async t => {
  const { home, daemon } = await registered(t, home => ({
    string: `path = ${script(home, 'string', `exec cat > ${home.directory}/string.out`)}`,
    binary: `path = ${script(home, 'binary', `exec cat > ${home.directory}/binary.out`)}\nformat = binary`,
  }));
  await runProgram(flood, '1', '20000');
  await daemon.until('records were written', () => home.logLines().filter(line => line.includes(KEY)).length >= 20_000);
  t.equal((await daemon.stop()).code, 0);
  const string = readFileSync(`${home.directory}/string.out`, 'latin1');
  t.equal(numbersIn(string).join(), numbers(20_000));
  const lines = string.trimEnd().split('\n');
  t.match(lines[0], /^type=DAEMON_START /);
  t.match(lines.at(-1), /^type=DAEMON_END /);
  t.ok(lines.filter(line => /^type=EOE msg=audit\(\d+\.\d{3}:\d+\):$/.test(line)).length >= 20_000);
  const withoutEnds = lines.filter(line => !line.startsWith('type=EOE '));
  t.equal(withoutEnds.join('\n'), home.logLines().join('\n'), 'byte for byte as the log, but for what ends events');
  const binary = readFileSync(`${home.directory}/binary.out`);
  const payloads: string[] = [];
  let types = 0;
  for (let at = 0; at < binary.length; ) {
    const length = binary.readUInt32LE(at + 12);
    if (binary.readUInt32LE(at) !== 1 || binary.readUInt32LE(at + 4) !== 16) throw new Error(`no header at ${at}`);
    if (binary.readUInt32LE(at + 8) === 1300) types++;
    payloads.push(binary.toString('latin1', at + 16, at + 16 + length));
    at += 16 + length;
  }
  t.equal(payloads.join('\n'), lines.join('\n'));
  t.equal(types, lines.filter(line => line.startsWith('type=SYSCALL ')).length);
});

t.test('With log_format raw the binary protocol has version 0, and the payload as the kernel sent it', async t => {
  const { home, daemon } = await registered(
    t,
    home => ({ raw: `path = ${script(home, 'raw', `exec cat > ${home.directory}/raw.out`)}\nformat = binary` }),
    { log_format: 'RAW' },
  );
  await runProgram(flood, '1', '10');
  await daemon.until('records were written', () => home.logLines().filter(line => line.includes(KEY)).length >= 10);
  await daemon.stop();
  const bytes = readFileSync(`${home.directory}/raw.out`);
  let ends = 0;
  for (let at = 0; at < bytes.length; ) {
    const length = bytes.readUInt32LE(at + 12);
    const payload = bytes.toString('latin1', at + 16, at + 16 + length);
    t.equal(bytes.readUInt32LE(at), 0);
    t.match(payload, /^audit\(\d+\.\d{3}:\d+\): /);
    if (bytes.readUInt32LE(at + 8) === 1320) {
      ends++;
      t.match(payload, /: $/, 'the blank that the kernel ends it with');
    }
    at += 16 + length;
  }
  t.ok(ends >= 10);
});

t.test('A reload reaches plugins as a record, and starts them anew', async t => {
  const { home, daemon } = await registered(t, home => ({
    copy: `path = ${script(home, 'copy', `exec cat >> ${home.directory}/copy.out`)}`,
  }));
  const out = () => readFileSync(`${home.directory}/copy.out`, 'latin1');
  await runProgram(flood, '1', '100');
  daemon.child.kill('SIGHUP');
  await daemon.until('the record was there', () => /^type=DAEMON_CONFIG .*state=changed/m.test(out()));
  await runProgram(flood, '101', '100');
  await daemon.until('all were there', () => numbersIn(out()).length === 200);
  t.equal(numbersIn(out()).join(), numbers(200));
  t.equal((await daemon.stop()).code, 0);
});

t.test('While logging is suspended plugins get their records all the same', async t => {
  const { home, daemon } = await registered(
    t,
    home => ({ copy: `path = ${script(home, 'copy', `exec cat > ${home.directory}/copy.out`)}` }),
    { space_left: '99%', space_left_action: 'SUSPEND' },
  );
  const out = () => readFileSync(`${home.directory}/copy.out`, 'latin1');
  await runProgram(flood, '1', '3000');
  await daemon.until('all were there', () => numbersIn(out()).length === 3000);
  t.ok(home.logLines().filter(line => line.includes(KEY)).length < 3000, 'the log is suspended');
});

t.test('audisp-syslog of the C project runs under this daemon', { skip: whyNoSyslog }, async t => {
  const program = `${tools.directory}/devlog`;
  execFileSync('cc', ['-O2', '-o', program, `${support}devlog.c`]);
  const heard = `${tools.directory}/heard`;
  const listener = spawn(program, [heard], { stdio: 'ignore' });
  t.teardown(() => {
    listener.kill();
    rmSync('/dev/log', { force: true });
  });
  const { daemon } = await registered(t, () => ({ syslog: `path = ${SYSLOG}\nargs = LOG_INFO LOG_LOCAL3` }));
  await runProgram(flood, '1', '500');
  const text = () => (existsSync(heard) ? readFileSync(heard, 'latin1') : '');
  await daemon.until('the system log had all', () => numbersIn(text()).length === 500);
  t.equal(numbersIn(text()).join(), numbers(500));
  t.match(text(), /^<158>.*audispd: type=SYSCALL /m, 'local3, info');
  t.equal((await daemon.stop()).code, 0);
});

t.test(
  'audisp-remote of the C project runs under this daemon',
  { skip: !existsSync(REMOTE) && `no ${REMOTE}` },
  async t => {
    let received = '';
    const server = createServer(socket => {
      let rest = Buffer.alloc(0);
      socket.on('error', () => undefined);
      socket.on('data', chunk => {
        rest = Buffer.concat([rest, chunk]);
        while (rest.length >= 16 && rest.length >= 16 + rest.readUInt16LE(10)) {
          const end = 16 + rest.readUInt16LE(10);
          received += rest.toString('latin1', 16, end);
          const ack = Buffer.from(rest.subarray(0, 16));
          ack.writeUInt32LE(0x40000000, 6);
          ack.writeUInt16LE(0, 10);
          socket.write(ack);
          rest = rest.subarray(end);
        }
      });
    });
    await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
    t.teardown(() => server.close());
    const address = server.address();
    const port = typeof address === 'object' ? address?.port : 0;
    const { daemon } = await registered(t, home => {
      const conf = `${home.directory}/audisp-remote.conf`;
      writeFileSync(conf, `remote_server = 127.0.0.1\nport = ${port}\nformat = managed\nmode = immediate\n`, {
        mode: 0o640,
      });
      // It reads its configuration from one place alone.
      const start = `exec unshare -m sh -c 'mount --bind ${conf} /etc/audit/audisp-remote.conf && exec ${REMOTE}'`;
      return { remote: `path = ${script(home, 'remote', start)}` };
    });
    await runProgram(flood, '1', '200');
    await daemon.until('the collector had all', () => numbersIn(received).length === 200);
    t.equal(numbersIn(received).join(), numbers(200));
    t.equal((await daemon.stop()).code, 0);
  },
);
