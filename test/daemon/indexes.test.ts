import { execFile } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import t from 'tap';
import { commandFile } from '../../src/base/commandFile.ts';
import { DaemonHome, DaemonProcess } from '../support/daemonProcess.ts';

if (process.getuid?.() !== 0) {
  t.plan(0, 'needs root: the daemon’s files must be root’s');
  process.exit();
}

const AUSEARCH = commandFile('ausearch');

const SYSCALL = 'arch=c000003e syscall=59 success=yes exit=0 a0=1 a1=2 a2=3 a3=4 items=0 ppid=1';
const REST =
  'auid=0 uid=0 gid=0 euid=0 suid=0 fsuid=0 egid=0 sgid=0 fsgid=0 tty=(none) ses=1 comm="x" exe="/bin/x" subj=u';

/** What ausearch prints and exits with, for a log and its archives. */
function search(home: DaemonHome, ...args: string[]): Promise<string> {
  const env = { ...process.env, TZ: 'UTC', LC_ALL: 'C' };
  return new Promise(resolve => {
    execFile(process.execPath, [AUSEARCH, '-if', `${home.directory}/log`, ...args], { env }, (error, stdout, stderr) =>
      resolve(`${error?.code ?? 0}\n${stdout}${stderr}`),
    );
  });
}

const indexes = (home: DaemonHome) =>
  readdirSync(`${home.directory}/log`).filter(name => /^\.audit\.log\.index-\d+$/.test(name));

/** An archive of before, large enough to be cut into parts. */
function olderLog(): string {
  let text = '';
  for (let serial = 1; serial <= 10_000; serial++) {
    const key = serial % 4000 === 7 ? 'rare' : 'often';
    text += `type=SYSCALL msg=audit(${1_700_000_000 + serial}.000:${serial}): ${SYSCALL} pid=${serial} ${REST} key="${key}"\n`;
  }
  return text;
}

t.test('Rotated logs are indexed, searches give the same, and a reload ends it', async t => {
  const home = new DaemonHome({ local_events: 'no', num_logs: '3' }, '[search]\nindex = yes\n').makeLogDirectory();
  t.teardown(() => home.remove());
  writeFileSync(`${home.log}.1`, olderLog(), { mode: 0o440 });
  const daemon = new DaemonProcess(['-n', '-c', home.directory]);
  t.teardown(() => daemon.stop());
  await daemon.until('the index of the log that was there', () => indexes(home).length === 1);
  daemon.child.kill('SIGUSR1');
  await daemon.until('the index of the rotated log', () => indexes(home).length === 2);
  for (const name of [`${home.log}.1`, `${home.log}.2`]) {
    const log = statSync(name);
    const index = statSync(`${home.directory}/log/.audit.log.index-${log.ino}`);
    t.strictSame([index.mode & 0o777, index.uid, index.gid], [log.mode & 0o777, log.uid, log.gid], name);
  }

  const report = `${home.run}/auditd.state`;
  const reports = (line: RegExp, file = report) => {
    daemon.child.kill('SIGCONT');
    return existsSync(file) && line.test(readFileSync(file, 'utf8'));
  };
  await daemon.until('the report', () => reports(/^indexes built = 2, \d+ KiB\nindexes failed = 0\n/m));
  await daemon.until('the same as JSON', () => reports(/"indexes": \{\s*"built": 2,/, `${report}.json`));

  const searches = [
    ['-k', 'rare'],
    ['-k', 'none'],
    ['-p', '77'],
    ['-m', 'DAEMON_START', '-i'],
    ['-k', 'rare', '--raw'],
  ];
  const withIndex = await Promise.all(searches.map(args => search(home, ...args)));
  t.match(withIndex[0], /^0\n[\s\S]*:4007\)[\s\S]*:8007\)/);

  // Off: no new one is made, and those that are there go with their logs.
  const file = `${home.directory}/node-auditd.conf`;
  writeFileSync(file, readFileSync(file, 'utf8').replace('index = yes', 'index = no'));
  daemon.child.kill('SIGHUP');
  await daemon.until('the reload', () => home.logLines().some(line => line.startsWith('type=DAEMON_CONFIG')));
  await daemon.until('a report without indexes', () => reports(/^(?![\s\S]*^indexes built)audit version/m));
  for (const name of indexes(home)) rmSync(`${home.directory}/log/${name}`);
  const without = await Promise.all(searches.map(args => search(home, ...args)));
  t.strictSame(without, withIndex);
});
