import t from 'tap';
import type { RuleEnvironment } from '../../../control/ruleEnvironment.ts';
import { formatFinding } from './finding.ts';
import { isClean, lintDirectory, lintFile } from './lint.ts';
import type { FileFacts } from './pathChecks.ts';

const environment: RuleEnvironment = {
  nativeMachine: () => 'x86_64',
  userId: () => null,
  groupId: () => null,
  isDirectory: path => path === '/etc',
  featureBitmap: () => 0x7f,
  warn: () => {},
};
const LINKS = ['/bin'];
const DIRECTORIES = ['/', '/etc', '/usr/bin', '/home'];
const FILES = ['/etc/passwd', '/etc/shadow', '/usr/bin/su'];
const files: FileFacts = {
  kind: path => {
    if (LINKS.includes(path)) return 'link';
    if (DIRECTORIES.includes(path)) return 'directory';
    return FILES.includes(path) ? 'other' : 'missing';
  },
  mountPoints: () => ['/', '/home'],
};

/** Findings of these checks, without the file's name. */
function found(rules: string, ...checks: string[]): string[] {
  const findings = lintFile({ path: 'f', content: rules }, environment, files);
  return findings
    .filter(({ check }) => checks.includes(check))
    .map(finding =>
      formatFinding(finding)
        .replace(/^f:/, '')
        .replace(/ \[[\w-]+\]$/, ''),
    );
}
const B64 = '-a always,exit -F arch=b64';
const B32 = '-a always,exit -F arch=b32';

t.test('Every bad line is found at once', async t => {
  t.strictSame(
    found('-w relative\n-a always,exit -F uid=nobody-here\n-w /etc/passwd\r\n\t-D\n-D # why\n', 'bad-line'),
    [
      "1: error: The path must start with '/'",
      '2: error: Unknown user: nobody-here',
      '4: error: no option of auditctl (the line has a tab: only spaces separate words)',
      '5: error: Only the -k option is allowed (a comment needs a line of its own)',
    ],
  );
  t.strictSame(found('-w /etc/passwd\r\n', 'carriage-return'), [
    '1: warning: ends with a carriage return, which becomes part of its last word',
  ]);
  t.match(found('-D\r\n', 'bad-line'), [/^1: error: .*\(the line ends with a carriage return\)$/]);
  t.match(found(`-w /${'x'.repeat(7000)}\n`, 'line-too-long'), ['1: error: has 7004 bytes']);
});

t.test('A rule that an earlier one covers is found', async t => {
  const dead = '2: warning: never decides anything: line 1 comes first and says never';
  t.strictSame(found(`-a never,exit -F arch=b64 -S all -F uid=0\n${B64} -S open -F uid=0 -F a1=1\n`, 'dead-rule'), [
    dead,
  ]);
  t.strictSame(found(`-a never,exit -F arch=b64 -S open -F uid=0\n${B64} -S open,close -F uid=0\n`, 'dead-rule'), []);
  t.strictSame(found(`-a never,exit -F uid>=0\n-w /etc/passwd -k x\n`, 'dead-rule'), []);
  t.strictSame(found(`-a never,exit -F dir=/etc\n-w /etc/passwd -k x\n`, 'dead-rule'), [dead]);
  t.strictSame(
    found(`${B64} -S open -F auid>=500 -k a\n${B64} -S open -F auid>=1000 -F auid!=unset -k b\n`, 'shadowed-rule'),
    ['2: warning: is covered, and key b is never seen: line 1 matches first'],
  );
  t.strictSame(found(`${B64} -S open -F auid>=1000 -k a\n${B64} -S open -F auid>=500 -k b\n`, 'shadowed-rule'), []);
  t.strictSame(found('-w /etc -p wa -k a\n-w /etc/passwd -p w -k b\n', 'shadowed-rule'), [
    '2: warning: is covered, and key b is never seen: line 1 matches first',
  ]);
  t.strictSame(found(`${B64} -S open -F success=1 -k a\n-A never,exit -F arch=b64 -S open\n`, 'dead-rule'), [
    '1: warning: never decides anything: line 2 comes first and says never',
  ]);
  t.strictSame(found(`-a never,exit -F exit<=-1\n-a always,exit -F exit=-EACCES -S open\n`, 'dead-rule'), [dead]);
});

t.test('The same rule twice stops loading', async t => {
  t.strictSame(found('-w /etc/passwd -k x\n-w /etc/passwd -k x\n', 'duplicate-rule'), [
    '2: error: the same rule as line 1: loading stops here',
  ]);
  t.strictSame(found('-w /etc/passwd -k x\n-w /etc/passwd -k y\n', 'duplicate-rule'), []);
  t.strictSame(found('-w /etc/passwd -k x -k y -k x\n', 'duplicate-key'), ['1: warning: has key x twice']);
});

t.test('What -e 2 and -D undo is found', async t => {
  t.strictSame(found('-e 1\n-e 2\n-w /etc/passwd\n-e 0\n-s\n', 'after-lock', 'replaced-directive'), [
    '1: warning: has no lasting effect: line 2 sets it again',
    '3: error: the kernel refuses it: line 2 makes it immutable',
    '4: error: the kernel refuses it: line 2 makes it immutable',
  ]);
  t.strictSame(found('-w /etc/passwd -k x\n-w /etc/shadow -k y\n-D -k y\n-D\n', 'deleted-rules'), [
    '3: warning: deletes 1 rules that stand before it, from line 2 on',
    '4: warning: deletes 2 rules that stand before it, from line 1 on',
  ]);
});

t.test('A missing side of a pair is found', async t => {
  t.strictSame(found(`${B64} -S openat,finit_module\n${B32} -S openat\n`, 'missing-twin'), [
    '1: warning: has no b32 rule beside it for finit_module',
  ]);
  t.strictSame(found(`${B64} -S open -F uid=0 -k a\n${B32} -S open -F uid=0 -k b\n`, 'missing-twin'), []);
  t.strictSame(found(`${B64} -S open -F uid=0\n${B32} -S open -F uid=1\n`, 'missing-twin').length, 2);
  t.strictSame(found(`${B64} -S newfstatat\n`, 'missing-twin'), [], 'which the other side does not have');
  t.strictSame(found(`${B64} -S all -F uid=0 -k x\n`, 'missing-twin'), ['1: warning: has no b32 rule beside it']);
  t.strictSame(found(`${B32} -S all -k 32bit\n`, 'missing-twin'), []);
  t.match(found('-a always,exit -S open\n', 'no-arch'), [/^1: warning: names system calls without -F arch/]);
});

t.test('Paths that match nothing, or that the kernel refuses, are found', async t => {
  t.strictSame(
    found(
      `${B64} -F path=/bin -F perm=x\n-w /none/x\n${B64} -F dir=/none\n-w /etc/new\n${B64} -F path=/home -F perm=r\n${B64} -F exe=/bin\n-w /etc\n-w /bin -p wa\n${B64} -F dir=/bin/\n`,
      'symbolic-link',
      'missing-directory',
      'missing-path',
      'mount-point',
    ),
    [
      '1: warning: /bin is a symbolic link and matches nothing: the kernel does not follow it',
      '2: error: the kernel refuses this rule: /none does not exist',
      '3: error: the kernel refuses this rule: /none does not exist',
      '4: note: /etc/new does not exist',
      '5: warning: /home is a mount point, which a path does not enter: use dir',
      '6: warning: /bin is a symbolic link and matches nothing: no program runs under the name of a link',
      '8: note: /bin is a symbolic link: it is watched, what it points to is not',
      '9: warning: /bin is a symbolic link and matches nothing: the kernel does not follow it',
    ],
  );
});

t.test('What the kernel refuses is found without it', async t => {
  const refused = (rule: string, why: string) =>
    t.strictSame(found(`${rule}\n`, 'kernel-refuses'), [`1: error: the kernel refuses this rule: ${why}`]);
  refused('-a always,exit -F path!=/etc/passwd', 'path takes = only');
  refused('-a always,exit -F path=/', 'path must not end with /');
  refused('-a always,exit -F dir=relative', 'dir must start with /');
  refused('-a always,exit -F path=/a -F inode=1', 'a rule can have one path, dir or inode');
  refused('-a always,exit -F uid=-1', 'uid cannot be compared with -1');
  refused('-a always,exit -F auid>unset', 'an unset auid can only be compared with = or !=');
  refused('-a always,exit -F pid&1', 'pid does not take &');
  refused('-a always,exit -F subj_type>x', 'subj_type takes = and != only');
  refused('-a never,filesystem -F uid=0', 'uid cannot be used on the filesystem list');
  refused('-a always,entry -S open', 'there is no such list');
  t.strictSame(found('-a always,exit -F auid!=-1 -F a0&7 -F exit!=-13 -F filetype!=dir\n', 'kernel-refuses'), []);
});

t.test('Cost is told for the whole, and a cheaper form for a watch', async t => {
  const cheaper = '-a always,exit -F arch=b64 -F path=/etc/passwd -F perm=wa -F key=x';
  t.strictSame(found(`-w /etc/passwd -p wa -k x\n${B64} -S open\n${B32} -S close\n`, 'cost', 'old-watch'), [
    `1: note: is tried in every system call; cheaper: ${cheaper}, and the same for b32`,
    ' note: every system call is tried against 1 rules; most: open 2',
  ]);
});

t.test('Notes alone are clean', async t => {
  t.ok(isClean(lintFile({ path: 'f', content: '-D\n-w /etc/passwd -p wa\n' }, environment, files)));
  t.notOk(isClean(lintFile({ path: 'f', content: '-w x\n' }, environment, files)));
  t.ok(isClean(lintFile({ path: 'f', content: '' }, environment, files)));
});

t.test('A directory is judged as it will be merged', async t => {
  const findings = lintDirectory(
    'rules.d',
    [
      { path: 'rules.d/10-a.rules', content: '-e 2\n-b 64\n-w /etc/passwd -k a' },
      { path: 'rules.d/20-b.rules', content: '-b 128\r\n-D\n-w /etc/passwd -k a\n' },
    ],
    environment,
    files,
  );
  const told = findings.filter(({ severity }) => severity !== 'note').map(formatFinding);
  t.strictSame(told, [
    'rules.d/10-a.rules:2: warning: -b 64 has no effect: a later one of its kind replaces it [replaced-directive]',
    'rules.d/20-b.rules:3: error: the same rule as rules.d/10-a.rules:3: loading stops here [duplicate-rule]',
  ]);
});

t.test('Rules without end are judged in bounded time', async t => {
  const rules = Array.from({ length: 20_000 }, (_, n) => `${B64} -S kill -F pid=${n}\n`).join('');
  const before = Date.now();
  t.strictSame(found(rules, 'too-many-rules').length, 1);
  t.ok(Date.now() - before < 60_000);
});
