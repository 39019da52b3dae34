import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { connect } from 'node:net';
import t from 'tap';
import { compileFlood, DaemonHome, DaemonProcess, KernelAudit, runProgram } from '../support/daemonProcess.ts';
import { freePort } from '../support/freePort.ts';

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
const KEY = 'node-auditd-network-test';
/** However long a loaded machine takes for the flood of its own: the log is read as one string. */
const MOST_REMOTE = 500_000;
kernel.load(`-a always,exit -F arch=b64 -S getppid -F exe=${flood} -F key=${KEY}`);

t.test('A remote client that floods costs this machine’s records nothing, nor they it', async t => {
  const port = await freePort();
  const settings = { tcp_listen_port: `${port}`, use_libwrap: 'no', num_logs: '99' };
  const home = new DaemonHome(settings).makeLogDirectory();
  const daemon = new DaemonProcess(['-n', '-c', home.directory]);
  await daemon.until('it was registered', () => kernel.daemonPid === daemon.pid);
  await daemon.until('it listened', () => {
    daemon.child.kill('SIGCONT');
    const report = `${home.run}/auditd.state`;
    return existsSync(report) && readFileSync(report, 'utf8').includes('network connections = yes');
  });
  let sent = 0;
  let isLoaded = true;
  const remote = (async () => {
    const socket = connect({ port, host: '127.0.0.1' });
    await once(socket, 'connect');
    while (isLoaded && sent < MOST_REMOTE) {
      const line = `node=far type=TEST msg=audit(1.000:${++sent}): ${'x'.repeat(200)}\n`;
      if (!socket.write(line)) await once(socket, 'drain');
    }
    socket.end();
    await once(socket, 'close');
  })();
  await runProgram(flood, '1', '30000');
  isLoaded = false;
  await remote;
  await daemon.until('the backlog was empty', () => kernel.control.status().backlog === 0);
  await daemon.until('the client was gone', () => home.logLines().some(line => line.startsWith('type=DAEMON_CLOSE ')));
  t.equal((await daemon.stop()).code, 0);
  const lines = home.logLines();
  const local = lines.flatMap(line => {
    const match = line.includes(`key="${KEY}"`) ? /type=SYSCALL .* a0=([0-9a-f]+) /.exec(line) : null;
    return match?.[1] === undefined ? [] : [Number.parseInt(match[1], 16)];
  });
  t.ok(local.join() === Array.from({ length: 30_000 }, (_, i) => i + 1).join(), `${local.length} of this machine`);
  const far = lines.flatMap(line => (line.startsWith('node=far ') ? [Number(/:(\d+)\)/.exec(line)?.[1])] : []));
  t.ok(far.join() === Array.from({ length: sent }, (_, i) => i + 1).join(), `${far.length} of the other`);
  t.strictSame(
    lines.filter(line => line.includes('type=DAEMON_ERR ')),
    [],
    'no counter of a loss moved',
  );
  home.remove();
});
