import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';

// Each script beside an auditctl and a systemctl that write down how they were called.
const directory = join(import.meta.dirname, '../../legacy-actions');
const isRoot = process.getuid?.() === 0;

function run(
  t: Test,
  action: string,
  auditctlExit: number,
  answer = '',
): { exit: number | null; out: string; calls: string } {
  const root = t.testdir({ 'auditd.conf': '', 'auditd.state': 'lost = 0\n' });
  const calls = join(root, 'calls');
  const program = (name: string, exit: number): string => {
    const path = join(root, name);
    writeFileSync(
      path,
      `#!/bin/sh\necho "${name} $*" >> ${calls}\n[ "$1" = show ] && echo "${answer}"\nexit ${exit}\n`,
    );
    chmodSync(path, 0o755);
    return path;
  };
  const script = readFileSync(join(directory, action), 'utf8')
    .replaceAll('/sbin/auditctl', program('auditctl', auditctlExit))
    .replaceAll('/bin/systemctl', program('systemctl', 0))
    .replaceAll('/etc/audit/auditd.conf', join(root, 'auditd.conf'))
    .replaceAll('/run/audit/auditd.state', join(root, 'auditd.state'))
    .replaceAll('sleep 1', ':');
  const { status, stdout } = spawnSync('sh', ['-c', script, action], { encoding: 'utf8' });
  return {
    exit: status,
    out: stdout.replaceAll(root, ''),
    calls: existsSync(calls) ? readFileSync(calls, 'utf8') : '',
  };
}

t.test('Signals are sent, and auditctl says how it went', { skip: !isRoot && 'needs root' }, async t => {
  for (const exit of [0, 1, 2]) {
    t.strictSame(run(t, 'stop', exit), { exit, out: 'Stopping logging: \n', calls: 'auditctl --signal stop\n' });
    t.strictSame(run(t, 'reload', exit), {
      exit,
      out: 'Reconfiguring auditd: \n',
      calls: 'auditctl --signal reload\n',
    });
    t.strictSame(run(t, 'rotate', exit), { exit, out: 'Rotating logs: \n', calls: 'auditctl --signal rotate\n' });
    t.strictSame(run(t, 'resume', exit), { exit, out: 'Resuming logging: \n', calls: 'auditctl --signal resume\n' });
  }
});

t.test('The state is shown where the daemon wrote it', { skip: !isRoot && 'needs root' }, async t => {
  t.match(run(t, 'state', 0), { exit: 0, out: 'Getting auditd internal state: \n\nlost = 0\n\n' });
  t.match(run(t, 'state', 2), { exit: 2, out: 'Getting auditd internal state: \n' });
});

t.test('A restart is asked for in our name, and systemd sees to it that the daemon runs', async t => {
  const out = 'Redirecting start to /systemctl start auditd.service\n';
  const look = 'systemctl show -P ActiveState auditd\n';
  const start = 'systemctl start auditd.service\n';
  t.strictSame(run(t, 'restart', 2, 'inactive'), { exit: 0, out, calls: look + start });
  t.strictSame(run(t, 'restart', 0, 'active'), { exit: 0, out, calls: `${look}auditctl --signal restart\n${start}` });
  t.strictSame(run(t, 'condrestart', 0, 'inactive'), { exit: 0, out: '', calls: look });
  t.strictSame(run(t, 'condrestart', 0, 'active'), {
    exit: 0,
    out: '',
    calls: `${look}auditctl --signal restart\n${start}`,
  });
});

t.test('Every script is one that sh reads', async t => {
  for (const action of ['condrestart', 'reload', 'restart', 'resume', 'rotate', 'state', 'stop']) {
    t.equal(spawnSync('sh', ['-n', join(directory, action)]).status, 0, action);
  }
});
