import t from 'tap';
import { type DaemonOptions, parseDaemonOptions } from './options.ts';

const USAGE = 'Usage: auditd [-f] [-l] [-n] [-s disable|enable|nochange] [-c <config_file>]\n';
const DEFAULTS: DaemonOptions = {
  isForeground: false,
  allowsLinks: false,
  forks: true,
  startupState: 'enable',
  configDirectory: '/etc/audit',
  source: { kind: 'daemon' },
  isSupervised: false,
};

const split = (line: string) => (line === '' ? [] : line.split(' ').map(word => (word === "''" ? '' : word)));

const accepted: readonly (readonly [line: string, options: Partial<DaemonOptions>])[] = [
  ['', {}],
  ['-f', { isForeground: true }],
  ['-l', { allowsLinks: true }],
  ['-n', { forks: false }],
  ['-s disable', { startupState: 'disable' }],
  ['-s enable', { startupState: 'enable' }],
  ['-s nochange', { startupState: 'nochange' }],
  ['-s e', { startupState: 'enable' }],
  ['-s d', { startupState: 'disable' }],
  ['-s noch', { startupState: 'nochange' }],
  ["-s ''", { startupState: 'disable' }],
  ['-c /tmp/x', { configDirectory: '/tmp/x' }],
  ['-c -f', { configDirectory: '-f' }],
  ['--foreground', { isForeground: true }],
  ['--allow_links', { allowsLinks: true }],
  ['--disable_fork', { forks: false }],
  ['--enable_state disable', { startupState: 'disable' }],
  ['--enable_state=nochange', { startupState: 'nochange' }],
  ['--enable_state=', { startupState: 'disable' }],
  ['--config_file /tmp/x', { configDirectory: '/tmp/x' }],
  ['--config_file=/a=b', { configDirectory: '/a=b' }],
  ['--fore --d --en=d --con /x', { isForeground: true, forks: false, startupState: 'disable', configDirectory: '/x' }],
  ['-fln', { isForeground: true, allowsLinks: true, forks: false }],
  ['-fl', { isForeground: true, allowsLinks: true }],
  ['-sdisable', { startupState: 'disable' }],
  ['-fsd -c/x', { isForeground: true, startupState: 'disable', configDirectory: '/x' }],
  ['-fs n', { isForeground: true, startupState: 'nochange' }],
  ['-f --', { isForeground: true }],
  ['-s d -s n', { startupState: 'nochange' }],
  ['--observe', { source: { kind: 'observe' } }],
  ['--replay /tmp/log -f', { isForeground: true, source: { kind: 'replay', file: '/tmp/log' } }],
  ['--replay=-', { isForeground: true, source: { kind: 'replay', file: null } }],
  ['--replay -', { isForeground: true, source: { kind: 'replay', file: null } }],
];
for (const [line, options] of accepted) {
  t.test(`auditd ${line} is accepted`, async t => {
    t.strictSame(parseDaemonOptions(split(line)), { kind: 'run', options: { ...DEFAULTS, ...options } });
  });
}

const refused: readonly (readonly [line: string, before: string])[] = [
  ['-x', "auditd: invalid option -- 'x'\n"],
  ['-fx', "auditd: invalid option -- 'x'\n"],
  ['-h', "auditd: invalid option -- 'h'\n"],
  ['-s', "auditd: option requires an argument -- 's'\n"],
  ['-fc', "auditd: option requires an argument -- 'c'\n"],
  ['--bogus', "auditd: unrecognized option '--bogus'\n"],
  ['--bogus=1', "auditd: unrecognized option '--bogus'\n"],
  ['--foregrounds', "auditd: unrecognized option '--foregrounds'\n"],
  ['--config_file', "auditd: option '--config_file' requires an argument\n"],
  ['--foreground=yes', "auditd: option '--foreground' doesn't allow an argument\n"],
  ['--replay', "auditd: option '--replay' requires an argument\n"],
  ['-s foo', "unknown startup mode 'foo'\n"],
  ['-s E', "unknown startup mode 'E'\n"],
  ['-s enabled', "unknown startup mode 'enabled'\n"],
  ['-s -f', "unknown startup mode '-f'\n"],
  ['operand', ''],
  ['-f operand', ''],
  ['operand -f', ''],
  ['operand -s foo', "unknown startup mode 'foo'\n"],
  ['-', ''],
  ['-- -f', ''],
  ["''", ''],
  ['--observe --replay x', 'auditd: --observe and --replay exclude each other\n'],
  ['--check --observe', 'auditd: --check excludes --observe and --replay\n'],
  ['--replay x --check', 'auditd: --check excludes --observe and --replay\n'],
  ['--check operand', ''],
  ['--check=1', "auditd: option '--check' doesn't allow an argument\n"],
];
for (const [line, before] of refused) {
  t.test(`auditd ${line} prints the usage and exits 2`, async t => {
    t.strictSame(parseDaemonOptions(split(line)), { kind: 'usage', text: before + USAGE, exitCode: 2 });
  });
}

t.test('--check takes the directory and -l, wherever they stand', async t => {
  const check = (configDirectory: string, allowsLinks: boolean) => ({
    kind: 'check',
    options: { configDirectory, allowsLinks },
  });
  t.strictSame(parseDaemonOptions(['--check']), check('/etc/audit', false));
  t.strictSame(parseDaemonOptions(['-l', '--check', '-c', '/x']), check('/x', true));
  t.strictSame(parseDaemonOptions(['--check', '-n', '-f']), check('/etc/audit', false));
});

t.test('Only the reference’s options may be shortened: a beginning of ours starts nothing', async t => {
  t.match(parseDaemonOptions(['--c=/x']), { kind: 'run', options: { configDirectory: '/x' } });
  for (const beginning of ['--s', '--superv', '--o', '--repl', '--ch', '--pre', '--h', '--v']) {
    t.match(parseDaemonOptions([beginning]), {
      kind: 'usage',
      text: new RegExp(`^auditd: unrecognized option '${beginning}'\n`),
      exitCode: 2,
    });
  }
});

t.test('A prefix that several long names have is ambiguous', async t => {
  t.match(parseDaemonOptions(['--=x']), {
    text: /^auditd: option '--=x' is ambiguous; possibilities: '--foreground' /,
  });
});

t.test('--help and --version end the command line where they stand', async t => {
  const help = parseDaemonOptions(['--help', '--bogus']);
  t.match(help, { kind: 'help' });
  const text = help.kind === 'help' ? help.text : '';
  t.ok(text.startsWith(USAGE));
  for (const name of [
    'foreground',
    'allow_links',
    'disable_fork',
    'enable_state',
    'config_file',
    'observe',
    'replay',
    'check',
  ]) {
    t.match(text, `--${name}`);
  }
  for (const line of text.split('\n')) t.ok(line.length <= 80, line);
  t.strictSame(parseDaemonOptions(['-f', '--version']), { kind: 'version' });
  t.match(parseDaemonOptions(['--bogus', '--help']), { kind: 'usage' });
});
