import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import t from 'tap';
import { DaemonHome, DaemonProcess } from '../support/daemonProcess.ts';
import { freePort } from '../support/freePort.ts';

if (process.getuid?.() !== 0) {
  t.plan(0, 'needs root: the daemon’s files must be root’s');
  process.exit();
}

/** A daemon that collects for others: it does not read this kernel, and needs nothing of it. */
async function collector(settings: Record<string, string> = {}) {
  const port = await freePort();
  const home = new DaemonHome({ local_events: 'no', use_libwrap: 'no', tcp_listen_port: `${port}`, ...settings });
  home.makeLogDirectory();
  const daemon = new DaemonProcess(['-n', '-c', home.directory]);
  return { home, daemon, port };
}

async function listening(settings: Record<string, string> = {}) {
  const made = await collector(settings);
  await made.daemon.until('it listened', () => report(made).includes('listening for network connections = yes'));
  return made;
}

function report({ home, daemon }: { home: DaemonHome; daemon: DaemonProcess }): string {
  // Before that the daemon has no handler for the signal.
  if (!existsSync(`${home.run}/auditd.pid`)) return '';
  daemon.child.kill('SIGCONT');
  const file = `${home.run}/auditd.state`;
  return existsSync(file) ? readFileSync(file, 'utf8') : '';
}

const REMOTE = '/usr/sbin/audisp-remote';
const REMOTE_CONF = '/etc/audit/audisp-remote.conf';
const skip = existsSync(REMOTE) && existsSync(REMOTE_CONF) ? false : 'needs audisp-remote (audispd-plugins)';

t.test('A collector takes what audisp-remote sends, with its heartbeats', { skip }, async t => {
  const { home, daemon, port } = await listening({ tcp_client_max_idle: '2' });
  const conf = `${home.directory}/audisp-remote.conf`;
  const settings = ['remote_server = 127.0.0.1', `port = ${port}`, 'heartbeat_timeout = 1', 'mode = immediate'];
  writeFileSync(conf, `${settings.join('\n')}\nformat = managed\nnetwork_failure_action = stop\n`, { mode: 0o640 });
  // It reads one file alone: in a mount namespace of its own that is ours.
  const script = `mount --bind ${conf} ${REMOTE_CONF} && exec ${REMOTE}`;
  const remote = spawn('unshare', ['-m', 'sh', '-c', script], { stdio: ['pipe', 'ignore', 'ignore'] });
  const record = (serial: number) => `node=far type=TEST msg=audit(1700000000.123:${serial}): n=${serial}`;
  const count = 2000;
  for (let serial = 1; serial < count; serial++) remote.stdin.write(`${record(serial)}\n`);
  const received = () => home.logLines().filter(line => line.startsWith('node=far'));
  await daemon.until('the records', () => received().length === count - 1);
  // Silent for longer than the collector bears, but for its heartbeats.
  const start = Date.now();
  await daemon.until('heartbeats', () => Date.now() - start > 4500);
  const connected = 'active connections = 1\ntotal connections = 1\n';
  await daemon.until('one connection for all of it', () => report({ home, daemon }).includes(connected));
  remote.stdin.write(`${record(count)}\n`);
  await daemon.until('the last record', () => received().length === count);
  remote.stdin.end(); // at which it leaves what it has not sent
  const [code] = await once(remote, 'exit');
  t.equal(code, 0, 'it has nothing left to send');
  await daemon.until('the end', () => home.logLines().some(line => line.startsWith('type=DAEMON_CLOSE ')));
  const ended = await daemon.stop();
  t.equal(ended.code, 0);
  t.strictSame(
    received(),
    Array.from({ length: count }, (_, index) => record(index + 1)),
  );
  t.strictSame(
    home.logLines().flatMap(line => /^type=(DAEMON_\w+)/.exec(line)?.[1] ?? []),
    ['DAEMON_START', 'DAEMON_ACCEPT', 'DAEMON_CLOSE', 'DAEMON_END'],
  );
  home.remove();
});

t.test('Clients that all send at once lose no line, and each keeps its order', async t => {
  const made = await listening({ tcp_max_per_addr: '8', max_log_file: '2', num_logs: '99' });
  const { home, daemon, port } = made;
  const perClient = 20_000;
  const send = async (client: number) => {
    const socket = connect({ port, host: '127.0.0.1' });
    await once(socket, 'connect');
    for (let n = 1; n <= perClient; n++) {
      const line = `node=c${client} type=TEST msg=audit(1.000:${n}): ${'x'.repeat(100)}\n`;
      if (!socket.write(line)) await once(socket, 'drain');
    }
    socket.end();
    await once(socket, 'close');
  };
  await Promise.all([1, 2, 3, 4, 5, 6, 7, 8].map(send));
  const counted = `remote records received = ${8 * perClient}\nremote records returned = 0\nremote records lost = 0\n`;
  await daemon.until(
    'all of it',
    () => report(made).includes(counted) && report(made).includes('active connections = 0'),
  );
  t.equal((await daemon.stop()).code, 0);
  const lines = home.logLines();
  for (let client = 1; client <= 8; client++) {
    const numbers = lines.filter(line => line.startsWith(`node=c${client} `)).map(line => /:(\d+)\)/.exec(line)?.[1]);
    t.ok(numbers.join() === Array.from({ length: perClient }, (_, index) => index + 1).join(), `client ${client}`);
  }
  home.remove();
});

t.test('A collector rotates, resumes and reloads on signals, and says who sent them', async t => {
  const made = await listening({ tcp_max_per_addr: '1' });
  const { home, daemon, port } = made;
  const sender = `auid=\\d+ uid=0 ses=\\d+ pid=${process.pid} (subj=\\S+ )?res=success`;
  const record = async (type: string) => {
    const found = () => home.logLines().find(line => line.startsWith(`type=${type} `));
    await daemon.until(type, () => found() !== undefined);
    return found();
  };
  daemon.child.kill('SIGUSR1');
  t.match(await record('DAEMON_ROTATE'), new RegExp(`: op=rotate-logs ${sender}`));
  daemon.child.kill('SIGUSR2');
  t.match(await record('DAEMON_RESUME'), new RegExp(`: op=resume-logging ${sender}`));
  const conf = `${home.directory}/auditd.conf`;
  writeFileSync(conf, readFileSync(conf, 'utf8').replace('tcp_max_per_addr = 1', 'tcp_max_per_addr = 2'));
  daemon.child.kill('SIGHUP');
  t.match(await record('DAEMON_CONFIG'), /state=changed auid=\d+ pid=\d+ subj=\S+ res=success/);
  const clients = [1, 2].map(() => connect({ port, host: '127.0.0.1' }));
  await daemon.until('both clients', () => report(made).includes('active connections = 2'));
  const ended = await daemon.stop();
  t.equal(ended.code, 0);
  const lines = home.logLines();
  t.match(lines.at(-1), new RegExp(`^type=DAEMON_END .*op=terminate ${sender}`));
  t.equal(lines.filter(line => line.startsWith('type=DAEMON_CLOSE ')).length, 2, 'before the end');
  for (const client of clients) client.destroy();
  home.remove();
});

t.test('A listener that cannot be set up stops the daemon, and the log says so', async t => {
  const { home, daemon } = await collector({ transport: 'tls', tls_psk_file: '/nonexistent', tls_psk_identity: 'a' });
  t.equal((await daemon.ended).code, 1);
  t.match(home.logLines(), [
    /^type=DAEMON_START /,
    /^type=DAEMON_ABORT msg=audit\(.*\): op=network-init auid=\d+ pid=\d+ uid=0 ses=\d+ (subj=\S+ )?res=failed/,
    /^type=DAEMON_END /,
  ]);
  home.remove();
});

t.test('Kerberos is refused before anything starts', async t => {
  const { home, daemon } = await collector({ transport: 'krb5' });
  t.equal((await daemon.ended).code, 6);
  t.strictSame(home.logLines(), []);
  home.remove();
});
