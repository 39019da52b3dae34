import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import t from 'tap';
import { reportTypes } from '../../src/tools/aureport/reports.ts';
import { reportInProcess } from '../support/reportInProcess.ts';

// Inputs that something is wrong with: what every report prints of them, beside the installed C aureport, byte for byte.

const C_AUREPORT = '/usr/sbin/aureport';
const START = 1_700_000_000;
const YEARS = 400_000_000;
const NOTHING = '<no events of interest were found>\n\n';

const opened = (seconds: number, serial: number, name = '/etc/x'): string[] => {
  const stamp = `msg=audit(${seconds}.000:${serial}):`;
  const ids = 'uid=0 gid=0 euid=0 suid=0 fsuid=0 egid=0 sgid=0 fsgid=0 tty=pts0 ses=1';
  return [
    `type=SYSCALL ${stamp} arch=c000003e syscall=257 success=no exit=-13 a0=0 a1=0 a2=0 a3=0 items=1 ppid=1 pid=7 auid=1000 ${ids} comm="c" exe="/bin/c" key="k"\n`,
    `type=CWD ${stamp} cwd="/"\n`,
    `type=PATH ${stamp} item=0 name="${name}" inode=1 dev=fe:00 mode=0100644 ouid=0 ogid=0 rdev=00:00 nametype=NORMAL\n`,
    `type=PROCTITLE ${stamp} proctitle="c"\n`,
  ];
};
const login = (seconds: number, serial: number): string =>
  `type=USER_LOGIN msg=audit(${seconds}.000:${serial}): pid=1 uid=0 auid=1000 ses=1 msg='op=login id=1000 exe="/usr/sbin/sshd" hostname=h1 addr=10.0.0.1 terminal=ssh res=success'\n`;

const three = [...opened(START, 1), ...opened(START + 5, 2), ...opened(START + 10, 3)];
const INPUTS: Readonly<Record<string, string>> = {
  'is empty': '',
  'is one empty line': '\n',
  'has one login, and no event of most kinds': login(START, 1),
  'starts inside an event': three.slice(2).join(''),
  'ends inside an event': three.slice(0, -2).join(''),
  'ends inside a line': three.join('').slice(0, -40),
  'has a clock that goes back': [
    ...opened(START + 5000, 1),
    ...opened(START, 2),
    login(START + 1, 3),
    ...opened(START + 5001, 4),
  ].join(''),
  'has a clock that jumps years ahead and back': [
    ...opened(START, 1),
    ...opened(START + YEARS, 2),
    login(START + 5, 3),
    ...opened(START + 6, 4),
  ].join(''),
  'has processes that are none, and values of one digit': [
    ...opened(START, 1).map(line => line.replace(' pid=7', ' pid=-1')),
    ...opened(START + 5, 2).map(line => line.replace(' pid=7', ' pid=4294967294')),
    ...opened(START + 10, 3).map(line => line.replace(/ (comm|exe|key|name)="[^"]*"/g, ' $1=1')),
    ...opened(START + 15, 4).map(line => line.replace('comm="c"', 'comm=a')),
    login(START + 20, 5).replace('id=1000 exe="/usr/sbin/sshd"', 'acct=7 exe=4'),
  ].join(''),
  'begins in 1970': [...opened(0, 1), ...opened(START, 2)].join(''),
  'has lines that are no records, NULs, 20 KB in a line, and no newline at its end': [
    '\0\x01garbage\n',
    `${three.join('').slice(0, 200)}\xff\xfe\n`,
    'type=\nmsg=\n\n',
    ...three.slice(4),
    `${'x'.repeat(20_000)}\n`,
    `${login(START + 20, 9)}no newline`,
  ].join(''),
};
const REPORTS: readonly (readonly string[])[] = [
  ...reportTypes.map(({ options }) => options.slice(0, 1)),
  ['--summary'],
  ...reportTypes
    .filter(({ summary, options }) => summary !== null && options.length > 0)
    .map(({ options }) => [options[0] ?? '', '--summary']),
  ['-f', '-i'],
  ['-s', '--failed'],
  ['-l', '--success'],
  ...['-f', '-p', '-s', '-tm', '-u'].map(option => [option, '--escape', 'shell_quote']),
  // Ranges that begin before the log and end before it, inside it and behind it; one that begins inside.
  ...['22:13:15', '22:13:22', '22:13:30'].map(end => ['-ts', '11/14/23', '22:13:15', '-te', '11/14/23', end]),
  ['-ts', '11/14/23', '22:13:25'],
];

process.env['TZ'] = 'UTC';
process.env['LC_ALL'] = 'C';
const directory = mkdtempSync(join(tmpdir(), 'aureport-input-'));
process.chdir(directory);
t.teardown(() => {
  process.chdir('/');
  rmSync(directory, { recursive: true });
});

const write = (content: string | Buffer) =>
  writeFileSync('log', typeof content === 'string' ? Buffer.from(content, 'latin1') : content);
const report = (...words: string[]) => reportInProcess(['-if', 'log', ...words]);

for (const [what, content] of Object.entries(INPUTS)) {
  t.test(`A log that ${what}`, { skip: existsSync(C_AUREPORT) ? false : `needs ${C_AUREPORT}` }, async t => {
    write(content);
    for (const words of REPORTS) {
      const { status, stdout } = spawnSync(C_AUREPORT, ['-if', 'log', ...words], {
        encoding: 'latin1',
        stdio: ['ignore', 'pipe', 'ignore'],
      });
      const ours = await report(...words);
      t.strictSame({ exit: ours.exit, stdout: ours.stdout }, { exit: status, stdout }, words.join(' '));
    }
  });
}

t.test('Without an event of the kind a report has its heading, and says so', async t => {
  const ofLogin = ['-e', '-h', '-l', '-p', '-tm', '-u', '-x'];
  for (const content of ['', login(START, 1)]) {
    write(content);
    for (const { columns, summary, options } of reportTypes) {
      const [option = ''] = options;
      if (columns === null || (content !== '' && ofLogin.includes(option))) continue;
      const lines = await report(option);
      t.strictSame([lines.exit, lines.stderr], [1, ''], option);
      t.match(lines.stdout, new RegExp(`^\\n.* Report\\n=+\\n${columns}\\n=+\\n${NOTHING}$`), option);
      if (summary === null) continue;
      const totals = await report(option, '--summary');
      t.strictSame([totals.exit, totals.stderr], [0, ''], `${option} --summary`);
      t.match(totals.stdout, new RegExp(`^\\n.* Report\\n=+\\ntotal  ${summary.column}\\n=+\\n${NOTHING}$`), option);
    }
  }
});

t.test('JSON and CSV of such logs stay what they are', async t => {
  for (const content of Object.values(INPUTS)) {
    write(content);
    for (const { name, options } of reportTypes) {
      const { stdout } = await report(...options.slice(0, 1), '--format', 'json');
      for (const line of stdout
        .trimEnd()
        .split('\n')
        .filter(line => line !== ''))
        t.type(JSON.parse(line), 'object', name);
    }
  }
  write('');
  t.strictSame(await report('-l', '--format', 'json'), { exit: 1, stdout: '', stderr: '' });
  t.strictSame(await report('-l', '--format', 'csv'), {
    exit: 1,
    stdout: 'time,auid,host,term,exe,success,event\n',
    stderr: '',
  });
  t.match(JSON.parse((await report('--format', 'json')).stdout), { range: { first: null, last: null }, events: 0 });
});

t.test('Of a compressed log that is cut short, what was whole counts, and that is said', async t => {
  const events = 500;
  const lines = Array.from({ length: events }, (_, serial) => opened(START + serial, serial, `/f${serial}`).join(''));
  const packed = gzipSync(lines.join(''));
  write(packed);
  const whole = await report('-f');
  t.strictSame([whole.exit, whole.stderr, whole.stdout.match(/^\d+\. /gm)?.length], [0, '', events]);
  write(packed.subarray(0, packed.length / 2));
  const cut = await report('-f');
  t.strictSame([cut.exit, cut.stderr], [0, 'log is damaged: what was good in it counts\n']);
  const rows = cut.stdout.match(/^\d+\. /gm)?.length ?? 0;
  t.ok(rows > 0 && rows < events, `${rows} rows`);
  t.ok(whole.stdout.startsWith(cut.stdout.slice(0, cut.stdout.indexOf('\n2. '))));
});

t.test('What cannot be read is named after the title', async t => {
  const missing = await reportInProcess(['-if', 'none', '-l']);
  t.match(missing, { exit: 1, stdout: /^\nLogin Report\n/, stderr: /No such file or directory/ });
});
