import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { type Host, thisHost } from '../../src/tools/auditctl/host.ts';
import { run as runAuditctl } from '../../src/tools/auditctl/run.ts';
import { run } from '../../src/tools/augenrules/run.ts';
import { openEmptyAuditKernel } from '../support/emptyAuditKernel.ts';

// An atomic load beside the real kernel: what it lists back must be what the model of it expects.
const { control, close } = openEmptyAuditKernel();
t.teardown(() => {
  for (const bytes of control.ruleBytes()) control.deleteRuleBytes(bytes);
  close();
});

const out: string[] = [];
const host: Host = {
  ...thisHost(),
  output: { print: text => void out.push(text), tell: text => void out.push(`${text}\n`) },
  openControl: () => control,
};
const root = t.testdir();
const paths = { directory: join(root, 'rules.d'), target: join(root, 'audit.rules'), restorecon: join(root, 'none') };
mkdirSync(paths.directory);

function load(rules: string): { exit: number; said: string } {
  writeFileSync(join(paths.directory, 'a.rules'), rules);
  const exit = run('augenrules', ['--load', '--atomic'], paths, host);
  return { exit, said: out.splice(0).join('') };
}

function list(): string {
  runAuditctl(['auditctl', '-l'], host);
  return out.splice(0).join('');
}

const RULES = [
  '-D',
  '-a always,exit -F arch=b64 -S openat,open -F exit=-EACCES -F auid>=1000 -F auid!=unset -F key=kernel-test',
  '-w /etc -p wa -k kernel-test',
  '-w /etc/hosts -k kernel-test -k second',
  '-a always,exit -F arch=b32 -F path=/etc/hosts -F perm=wa -F key=kernel-test',
  '-A never,exit -F arch=b64 -S close -F pid=1 -F key=kernel-test',
  '-a always,exit -F arch=b64 -S kill -C auid!=obj_uid -F a1&=0xf -F exe=/usr/bin/true -F key=kernel-test',
  '-a never,exclude -F msgtype=CWD -F uid=77777',
  '-a always,io_uring -S openat,mkdirat -F uid=77777 -F key=kernel-test',
  '-a never,filesystem -F fstype=tracefs',
  '-a never,task -F uid=77777',
  '-a never,user -F uid=77777',
];

t.test('Rules on every list are read back as they were given', async t => {
  const { exit, said } = load(`${RULES.join('\n')}\n`);
  t.equal(exit, 0);
  t.match(said, /11 rules loaded, read back, and found to be what /);
  t.equal(load(`${RULES.join('\n')}\n`).exit, 0, 'and again, over themselves');
});

t.test('A rule that the kernel refuses brings the ones from before back', async t => {
  const before = list();
  const { exit, said } = load('-D\n-w /etc/passwd -k kernel-test\n-w /nonexistent/directory/file -k kernel-test\n');
  t.equal(exit, 1);
  t.match(said, 'Error sending add rule data request (No such file or directory)\n');
  t.match(said, 'augenrules: The 11 rules from before are loaded again\n');
  t.equal(list(), before);
});
