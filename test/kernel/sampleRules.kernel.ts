import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { type Host, thisHost } from '../../src/tools/auditctl/host.ts';
import { runLint } from '../../src/tools/auditctl/lint/runLint.ts';
import { run } from '../../src/tools/auditctl/run.ts';
import { openEmptyAuditKernel } from '../support/emptyAuditKernel.ts';

// The rules that come with us: each file loads on this kernel, and lint has nothing worse than a note to say about it.
// 11-loginuid cannot be undone before the next boot, so it is not loaded here.
t.setTimeout(390_000);
const { control, close } = openEmptyAuditKernel();
const before = control.status();
t.teardown(() => {
  deleteAll();
  control.setStatus('backlogLimit', before.backlogLimit);
  control.setStatus('backlogWaitTime', before.backlogWaitTime ?? 0);
  control.setStatus('failure', before.failure);
  close();
});

const out: string[] = [];
const host: Host = {
  ...thisHost(),
  output: { print: text => void out.push(text), tell: text => void out.push(`${text}\n`) },
  openControl: () => control,
};

function deleteAll(): void {
  for (const bytes of control.ruleBytes()) control.deleteRuleBytes(bytes);
}

// dist/test/kernel/ → conf/rules
const directory = join(import.meta.dirname, '../../../conf/rules');
for (const name of readdirSync(directory).filter(name => name.endsWith('.rules'))) {
  t.test(`${name} is clean and loads`, async t => {
    t.teardown(deleteAll);
    const path = join(directory, name);
    t.equal(runLint([path], host), 0, out.splice(0).join(''));
    if (name === '11-loginuid.rules') return;
    t.equal(run(['auditctl', '-R', path], host), 0, out.splice(0).join(''));
    out.splice(0);
  });
}
