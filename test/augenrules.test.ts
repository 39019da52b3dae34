import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { AuditControl } from '../src/control/auditControl.ts';
import type { Host } from '../src/tools/auditctl/host.ts';
import { run as runAuditctl } from '../src/tools/auditctl/run.ts';
import { HEADER } from '../src/tools/augenrules/mergeRules.ts';
import { type Paths, run } from '../src/tools/augenrules/run.ts';
import { FakeAuditKernel, type Refusal } from './support/fakeAuditKernel.ts';

const GOOD = '-D\n-b 8192\n-a always,exit -F arch=b64 -S kill -F key=one\n-w /etc/hosts -p wa -k two\n';

/** A machine with these rule files and this kernel. */
function machine(t: Test, files: Readonly<Record<string, string>>, refuse?: Refusal) {
  const root = t.testdir();
  const paths: Paths = {
    directory: join(root, 'rules.d'),
    target: join(root, 'audit.rules'),
    restorecon: join(root, 'no-restorecon'),
  };
  mkdirSync(paths.directory);
  for (const [name, content] of Object.entries(files)) writeFileSync(join(paths.directory, name), content, 'latin1');
  const kernel = new FakeAuditKernel(refuse);
  const out: string[] = [];
  const host: Host = {
    output: { print: text => void out.push(text), tell: text => void out.push(`${text}\n`) },
    hasAuditControl: () => true,
    isRoot: () => true,
    openControl: () => new AuditControl(kernel),
    nativeMachine: () => 'x86_64',
    userId: () => null,
    groupId: () => null,
    isDirectory: () => false,
    sender: () => ({ exe: null, hostname: null, terminal: null }),
    signal: () => {},
    interpretArgument: null,
  };
  const say = (exit: number): { exit: number; said: string } => ({ exit, said: out.splice(0).join('') });
  return {
    paths,
    kernel,
    augenrules: (...words: string[]) => say(run('augenrules', words, paths, host)),
    list: () => say(runAuditctl(['auditctl', '-l'], host)).said,
    auditctl: (...words: string[]) => say(runAuditctl(['auditctl', ...words], host)),
  };
}

t.test('Merged rules are written once, and kept when they were before', async t => {
  const { paths, augenrules } = machine(t, {
    '10-b.rules': '-w /b\n',
    '9-a.rules': '-w /a',
    '.x.rules': '-w /x\n',
    y: '-w /y\n',
  });
  t.strictSame(augenrules(), { exit: 0, said: '' });
  t.equal(readFileSync(paths.target, 'latin1'), `${HEADER}\n\n\n\n-w /a\n-w /b\n\n`);
  t.equal(statSync(paths.target).mode & 0o777, 0o640);
  t.notOk(existsSync(`${paths.target}.prev`));
  t.strictSame(augenrules(), { exit: 0, said: 'augenrules: No change\n' });
  t.strictSame(augenrules('--check'), { exit: 0, said: 'augenrules: No change\n' });

  writeFileSync(join(paths.directory, '10-b.rules'), '-w /c\n');
  t.strictSame(augenrules('--check', '--load'), {
    exit: 0,
    said: 'augenrules: Rules have changed and should be updated\n',
  });
  t.notOk(existsSync(`${paths.target}.prev`), 'a check changes nothing');
  t.strictSame(augenrules(), { exit: 0, said: '' });
  t.match(readFileSync(`${paths.target}.prev`, 'latin1'), '-w /b\n');
});

t.test('Loading gives the kernel the merged file and its exit code', async t => {
  const { augenrules, list, kernel } = machine(t, { 'a.rules': GOOD });
  t.match(augenrules('--load'), { exit: 0, said: /^No rules\n/ });
  t.equal(list(), '-a always,exit -F arch=b64 -S kill -F key=one\n-w /etc/hosts -p wa -k two\n');
  t.match(augenrules('--load'), { exit: 0, said: /^augenrules: No change\nNo rules\n/ });
  t.equal(kernel.rules.length, 2);
  const bad = machine(t, { 'a.rules': '-w relative\n' });
  t.match(bad.augenrules('--load'), { exit: 1, said: /There was an error in line 5 of / });
});

t.test('Without a directory the file that is there is loaded, and that is a failure', async t => {
  const { paths, augenrules, list } = machine(t, {});
  rmSync(paths.directory, { recursive: true });
  writeFileSync(paths.target, '-w /old\n', { mode: 0o640 });
  t.match(augenrules('--load'), { exit: 1, said: `augenrules: No rules directory - ${paths.directory}\n` });
  t.equal(list(), '-w /old -p rwxa\n');
});

t.test('An immutable kernel stops everything but a look', async t => {
  const { paths, kernel, augenrules } = machine(t, { 'a.rules': GOOD });
  kernel.status[1] = 2;
  const stopped = 'augenrules: Audit system is in immutable mode - exiting with no changes\n';
  t.strictSame(augenrules('--load'), { exit: 0, said: stopped });
  t.notOk(existsSync(paths.target));
  t.match(augenrules('--check'), { exit: 0, said: 'augenrules: Rules have changed and should be updated\n' });
});

t.test('Unknown words are answered with the known ones', async t => {
  const { augenrules } = machine(t, {});
  t.strictSame(augenrules('--nosuch'), { exit: 1, said: 'Usage: augenrules [--check|--load [--atomic]]\n' });
});

t.test('What cannot be read or written is said with its reason', async t => {
  const { paths, augenrules } = machine(t, { 'a.rules': GOOD });
  mkdirSync(`${paths.target}.new`);
  t.match(augenrules(), { exit: 1, said: /^augenrules: .*audit\.rules\.new: Is a directory\n$/ });
});

t.test('An atomic load is read back', async t => {
  const { paths, augenrules, list, kernel } = machine(t, {
    'a.rules': `${GOOD}-A never,exit -F arch=b64 -S close -F pid=1\n-e 1\n`,
  });
  const { exit, said } = augenrules('--load', '--atomic');
  t.equal(exit, 0);
  t.match(said, `augenrules: 3 rules loaded, read back, and found to be what ${paths.target} says\n`);
  t.match(list(), /^-a never,exit -F arch=b64 -S close -F pid=1\n/);
  t.equal(kernel.status[5], 8192);
});

t.test('An atomic load with a bad line changes nothing and names every bad line', async t => {
  const { paths, augenrules, auditctl, list, kernel } = machine(t, {
    'a.rules': '-D\n-i\n-w relative\n-a always,exit -F uid=nobody-here\n-w /good\n',
  });
  auditctl('-w', '/before');
  const sent = kernel.sent.length;
  const { exit, said } = augenrules('--load', '--atomic');
  t.equal(exit, 1);
  t.equal(
    said,
    [
      `augenrules: ${paths.target}:6: The path must start with '/'`,
      `augenrules: ${paths.target}:7: Unknown user: nobody-here`,
      'augenrules: No rule was changed',
      '',
    ].join('\n'),
  );
  t.notOk(kernel.sent.slice(sent).some(({ name }) => /_RULE$|_SET/.test(name)));
  t.equal(list(), '-w /before -p rwxa\n');
});

t.test('An atomic load that the kernel refuses half-way puts back what was there', async t => {
  const { augenrules, auditctl, list, kernel } = machine(
    t,
    { 'a.rules': '-D\n-b 64\n-f 0\n-w /first\n-w /refused\n-w /third\n-e 2\n' },
    ({ name, payload }) => (name === 'AUDIT_ADD_RULE' && Buffer.from(payload).includes('/refused') ? 22 : 0),
  );
  auditctl('-w', '/one');
  auditctl('-A', 'never,exit', '-F', 'arch=b64', '-S', 'close');
  const before = list();
  const status = [...kernel.status];
  const { exit, said } = augenrules('--load', '--atomic');
  t.equal(exit, 1);
  t.match(said, 'Error sending add rule data request (Invalid argument)\n');
  t.match(said, 'augenrules: The 2 rules from before are loaded again\n');
  t.equal(list(), before);
  t.strictSame([...kernel.status], status);
});

t.test('A rule from before that the kernel no longer takes costs only itself, and is named', async t => {
  let isGone = false;
  const { augenrules, auditctl, list } = machine(
    t,
    { 'a.rules': '-D\n-w /first\n-w /refused\n' },
    ({ name, payload }) => {
      if (name !== 'AUDIT_ADD_RULE') return 0;
      if (Buffer.from(payload).includes('/refused')) {
        isGone = true;
        return 22;
      }
      return isGone && Buffer.from(payload).includes('/gone') ? 2 : 0;
    },
  );
  auditctl('-w', '/one');
  auditctl('-w', '/gone/file');
  auditctl('-w', '/three');
  const { exit, said } = augenrules('--load', '--atomic');
  t.equal(exit, 1);
  t.match(said, 'augenrules: -w /gone/file -p rwxa: AUDIT_ADD_RULE: ENOENT (No such file or directory)\n');
  t.match(said, 'augenrules: THE RULES FROM BEFORE COULD NOT BE RESTORED\n');
  t.equal(list(), '-w /one -p rwxa\n-w /three -p rwxa\n');
});

t.test('Rules that cannot be read back are not kept', async t => {
  let isLoaded = false;
  const { augenrules, auditctl, list } = machine(t, { 'a.rules': '-D\n-w /new\n' }, ({ name, payload }) => {
    if (name === 'AUDIT_ADD_RULE' && Buffer.from(payload).includes('/new')) isLoaded = true;
    if (name !== 'AUDIT_LIST_RULES' || !isLoaded) return 0;
    isLoaded = false;
    return 11;
  });
  auditctl('-w', '/one');
  const { exit, said } = augenrules('--load', '--atomic');
  t.equal(exit, 1);
  t.match(said, 'augenrules: AUDIT_LIST_RULES: EAGAIN (Resource temporarily unavailable)\n');
  t.match(said, 'augenrules: The 1 rules from before are loaded again\n');
  t.equal(list(), '-w /one -p rwxa\n');
});

t.test('A kernel that keeps another rule than it was given is found out, before it is locked', async t => {
  const { augenrules, kernel } = machine(t, { 'a.rules': '-D\n-w /a\n-e 2\n' }, ({ name, payload }) => {
    if (name === 'AUDIT_ADD_RULE') payload[1040 + 1] = 'z'.charCodeAt(0);
    return 0;
  });
  const { exit, said } = augenrules('--load', '--atomic');
  t.equal(exit, 1);
  t.match(said, "augenrules: The kernel's rule 1 is: -w /z -p rwxa\n");
  t.equal(kernel.status[1], 1);
});

t.test('An atomic load locks the kernel last', async t => {
  const { augenrules, kernel } = machine(t, { 'a.rules': '-D\n-e 2\n-w /a\n' });
  t.equal(augenrules('--load', '--atomic').exit, 0);
  t.equal(kernel.status[1], 2);
  t.equal(kernel.rules.length, 1);
  const changes = kernel.sent.map(({ name }) => name).filter(name => !/GET|LIST/.test(name));
  t.equal(changes.at(-1), 'AUDIT_SET');
});

t.test('A target that others may write is not loaded', async t => {
  const { paths, augenrules } = machine(t, { 'a.rules': GOOD });
  augenrules();
  chmodSync(paths.target, 0o666);
  const refusal = `Error - ${paths.target} is world writable\n`;
  t.match(augenrules('--load'), { exit: 1, said: refusal });
  t.match(augenrules('--load', '--atomic'), { exit: 1, said: refusal });
});
