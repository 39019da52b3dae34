import type { AuditControl } from '../../src/control/auditControl.ts';
import { openAuditControl } from '../../src/control/openAuditControl.ts';

/**
 * The kernel's audit for a test that deletes every rule it finds. Ends the process, with a reason, where that would
 * harm others: beside rules that are loaded, or a daemon that is registered.
 */
export function openEmptyAuditKernel(): { control: AuditControl; close: () => void } {
  if (process.getuid?.() !== 0) refuse('needs root: rules need CAP_AUDIT_CONTROL');
  const { control, close } = openAuditControl();
  const { pid } = control.status();
  if (pid !== 0) refuse(`an audit daemon is registered, process ${pid}`);
  const rules = control.ruleBytes().length;
  if (rules !== 0) refuse(`${rules} rules are loaded, which this test would delete`);
  return { control, close };
}

function refuse(reason: string): never {
  console.log(`TAP version 14\nnot ok 1 - ${reason}\n1..1\n# { total: 1, fail: 1 }`);
  process.exit(1);
}
