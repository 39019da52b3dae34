import { existsSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { getPriority } from 'node:os';
import t from 'tap';
import { DaemonHome, DaemonProcess } from '../support/daemonProcess.ts';

if (process.getuid?.() !== 0) {
  t.plan(0, 'needs root: the daemon’s files must be root’s');
  process.exit();
}

/** Without this kernel's records, so that no other daemon is in the way. */
function start(option: '-n' | '-f', settings: Record<string, string> = {}) {
  const home = new DaemonHome({ local_events: 'no', priority_boost: '1', ...settings }).makeLogDirectory();
  const daemon = new DaemonProcess([option, '-c', home.directory]);
  t.teardown(async () => {
    await daemon.stop();
    home.remove();
  });
  return { home, daemon };
}

function change(home: DaemonHome, key: string, value: string): void {
  const file = `${home.directory}/auditd.conf`;
  const kept = readFileSync(file, 'utf8').replace(new RegExp(`^${key} = .*\n`, 'm'), '');
  writeFileSync(file, `${kept}${key} = ${value}\n`);
}

const base = getPriority();

// Section 2.3, the column Reload, as far as the state report tells; logWriter.test.ts and networkListener.test.ts have
// the keys that it does not.
const reported: readonly (readonly [key: string, value: string, line: string])[] = [
  ['max_log_file', '3', 'max log size = 3072 KiB'],
  ['space_left', '7', 'space_left setting = 7 MiB'],
  ['admin_space_left', '3', 'admin_space_left setting = 3 MiB'],
  ['priority_boost', '5', `process priority = ${base - 5}`],
  ['priority_boost', '2', `process priority = ${base - 2}`],
  ['write_logs', 'no', 'writing to logs = no'],
  ['write_logs', 'yes', 'writing to logs = yes'],
];

t.test('A reload applies each key that may change, as the state report shows', async t => {
  const { home, daemon } = start('-n');
  await daemon.until('the pid file', () => existsSync(`${home.run}/auditd.pid`));
  for (const [key, value, line] of reported) {
    change(home, key, value);
    daemon.child.kill('SIGHUP');
    await daemon.until(`${key} = ${value}`, () => {
      daemon.child.kill('SIGCONT');
      const file = `${home.run}/auditd.state`;
      return existsSync(file) && readFileSync(file, 'utf8').includes(`${line}\n`);
    });
    t.pass(`${key} = ${value}`);
  }
});

t.test('A reload applies log_group, log_format and name to the log', async t => {
  const { home, daemon } = start('-n');
  const configs = () => home.logLines().filter(line => /^(node=\S+ )?type=DAEMON_CONFIG /.test(line));
  await daemon.until('the pid file', () => existsSync(`${home.run}/auditd.pid`));
  change(home, 'log_group', '4');
  change(home, 'log_format', 'RAW');
  change(home, 'name_format', 'user');
  change(home, 'name', 'collector');
  daemon.child.kill('SIGHUP');
  await daemon.until('the record', () => configs().length === 1);
  t.match(configs()[0], /^node=collector type=DAEMON_CONFIG msg=audit\([^\x1d]* res=success$/);
  const { mode, gid } = statSync(home.log);
  t.strictSame([mode & 0o777, gid], [0o640, 4]);
  t.equal(statSync(`${home.directory}/log`).mode & 0o777, 0o750);
});

t.test('report_interval writes the state report by itself, from a reload on', async t => {
  const { home, daemon } = start('-n');
  const file = `${home.run}/auditd.state`;
  await daemon.until('the pid file', () => existsSync(`${home.run}/auditd.pid`));
  change(home, 'report_interval', '1s');
  daemon.child.kill('SIGHUP');
  await daemon.until('a report that nobody asked for', () => existsSync(file));
  rmSync(file);
  await daemon.until('another', () => existsSync(file));
  t.match(readFileSync(file, 'utf8'), /^audit version = /);
});

// Section 2.3: N. In the foreground the messages are on standard error.
t.test('A reload names what only a restart changes', async t => {
  const { home, daemon } = start('-f');
  await daemon.until('it was ready', () => daemon.stderr.includes('Init complete'));
  change(home, 'local_events', 'yes');
  daemon.child.kill('SIGHUP');
  await daemon.until('the notice', () => daemon.stderr.includes('local_events change requires restart'));
  await daemon.until('the record', () => /type=DAEMON_CONFIG .*state=changed/.test(daemon.stdout));
  t.notMatch(daemon.stderr, 'tcp_listen_port');
});

t.test('A run directory that is none any more does not make an orderly end a failure', async t => {
  const { home, daemon } = start('-n');
  await daemon.until('the pid file', () => existsSync(`${home.run}/auditd.pid`));
  await daemon.until('DAEMON_START', () => existsSync(home.log) && home.logLines().length === 1);
  renameSync(home.run, `${home.run}.away`);
  writeFileSync(home.run, '');
  t.equal((await daemon.stop()).code, 0);
  t.match(home.logLines().at(-1), /^type=DAEMON_END .* res=success/);
});
