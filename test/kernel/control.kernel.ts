import t from 'tap';
import { isErrno, SystemError } from '../../src/base/errors.ts';
import { ControlSocket } from '../../src/binding/control.ts';
import { AuditControl } from '../../src/control/auditControl.ts';
import { FEATURE } from '../../src/control/features.ts';
import { encodeRule } from '../../src/control/ruleBytes.ts';
import type { RuleEnvironment } from '../../src/control/ruleEnvironment.ts';
import { parseRuleLine } from '../../src/control/ruleLine.ts';
import { formatRule } from '../../src/control/ruleText.ts';

// Everything here is undone: rules carry this key, and status fields are set to what they already are.
const KEY = 'node-auditd-control-test';

const environment: RuleEnvironment = {
  nativeMachine: () => 'x86_64',
  userId: name => (name === 'root' ? 0 : null),
  groupId: name => (name === 'root' ? 0 : null),
  isDirectory: path => path === '/etc',
  featureBitmap: () => 0x7f,
  warn: () => {},
};
const asText = { nativeMachine: 'x86_64', isInterpreted: false, interpretArgument: null } as const;

t.setTimeout(390_000);
if (process.getuid?.() !== 0) {
  t.fail('needs root: every request needs CAP_AUDIT_CONTROL');
  process.exit();
}
const socket = new ControlSocket();
const control = new AuditControl(socket);
t.teardown(() => {
  for (const rule of control.rules()) if (formatRule(rule, asText).includes(KEY)) control.deleteRule(rule);
  socket.close();
});

t.test('Status and features are answered', async t => {
  const status = control.status();
  t.ok([0, 1, 2].includes(status.enabled));
  t.ok(status.backlogLimit >= 0);
  t.not(status.featureBitmap, null);
  t.equal(control.daemonPid(), status.pid === 0 ? null : status.pid);
  t.equal(control.features().mask & (1 << FEATURE.loginuidImmutable), 1 << FEATURE.loginuidImmutable);
  t.type(control.ttyStatus().isEnabled, 'boolean');
});

t.test('A status field set to its own value stays', async t => {
  const before = control.status();
  control.setStatus('failure', before.failure);
  control.setStatus('backlogLimit', before.backlogLimit);
  t.equal(control.status().failure, before.failure);
  t.throws(() => control.setStatus('enabled', 9), { code: 'EINVAL', syscall: 'AUDIT_SET' });
});

t.test('Rules survive the way to the kernel and back', async t => {
  const lines = [
    `-a always,exit -F arch=b64 -S open,openat -F exit=-EACCES -F auid>=1000 -F auid!=-1 -F key=${KEY}`,
    `-w /etc/hosts -p wa -k ${KEY} -k second`,
    `-w /etc -p x -k ${KEY}`,
    `-a always,exit -F arch=b64 -S kill -C auid!=obj_uid -F a1&=0xF -F exe=/usr/bin/true -F key=${KEY}`,
    `-a never,io_uring -S openat,openat2,mkdirat -F uid=77777 -F key=${KEY}`,
  ];
  for (const line of lines) {
    const request = parseRuleLine(line, environment);
    if (request === null) throw new Error('expected a rule');
    control.addRule(request.rule);
    t.throws(() => control.addRule(request.rule), { code: 'EEXIST', syscall: 'AUDIT_ADD_RULE' });
    const listed = control.rules().map(rule => formatRule(rule, asText));
    t.ok(listed.includes(line), line);
    control.deleteRule(request.rule);
    t.throws(() => control.deleteRule(request.rule), { code: 'ENOENT', syscall: 'AUDIT_DEL_RULE' });
  }
});

t.test('Hundreds of rules are listed whole', async t => {
  const before = control.ruleBytes().length;
  const added: Uint8Array[] = [];
  for (let n = 0; n < 300; n++) {
    const request = parseRuleLine(`-a never,exit -F arch=b64 -S kill -F pid=${n + 1} -F key=${KEY}`, environment);
    if (request === null) throw new Error('expected a rule');
    added.push(encodeRule(request.rule));
  }
  for (const bytes of added) control.addRuleBytes(bytes);
  t.equal(control.ruleBytes().length, before + 300);
  for (const bytes of added) control.deleteRuleBytes(bytes);
  t.equal(control.ruleBytes().length, before);
});

t.test("The kernel's refusals carry its errno", async t => {
  try {
    control.addRuleBytes(new Uint8Array(12));
    t.fail('a short rule was taken');
  } catch (error) {
    t.ok(error instanceof SystemError && isErrno(error, 'EINVAL'));
  }
  t.throws(() => control.addRuleBytes(new Uint8Array(9000)), { code: 'EINVAL' });
  t.throws(() => control.userMessage(1, 'x'), { code: 'EINVAL' });
});

t.test('A user message is taken', async () => {
  control.userMessage(1005, 'text=node-auditd control test');
});

t.test('Nothing arrived that answered no request', async t => {
  t.strictSame(socket.stray, { skipped: 0, refused: 0, damaged: 0 });
});
