import t from 'tap';
import { FieldError } from '../../base/errors.ts';
import type { Fault } from '../../base/keyValueFile.ts';
import { builtInConfig } from '../config/loadAuditdConfig.ts';
import { parseNodeAuditdConfig } from '../config/loadNodeAuditdConfig.ts';
import { configurationFindings } from './configuration.ts';
import type { ConfigurationFacts } from './facts.ts';
import { known } from './findings.ts';

const fault = (severity: Fault['severity'], expected = 'megabytes'): Fault => ({
  severity,
  error: new FieldError({ file: '/etc/audit/auditd.conf', line: 14, field: 'space_left', value: '-3', expected }),
});
const nodeAuditd: ConfigurationFacts['nodeAuditd'] = {
  path: '/etc/audit/node-auditd.conf',
  load: known(parseNodeAuditdConfig(new Uint8Array(0), 'node-auditd.conf')),
};
/** A machine whose auditd.conf has these faults. */
const machine = (...faults: Fault[]): ConfigurationFacts => ({
  isRoot: true,
  auditd: {
    path: '/etc/audit/auditd.conf',
    load: known(
      faults.some(({ severity }) => severity === 'fatal')
        ? { kind: 'refused', faults, exitCode: 6 }
        : { kind: 'loaded', config: builtInConfig(), faults },
    ),
  },
  nodeAuditd,
  mailFault: null,
});

t.test('Files without a fault give nothing to say', async t => {
  t.strictSame(configurationFindings(machine()), []);
});

t.test(
  'A fatal fault is a problem with file and line, and what depends on the file is said to be unchecked',
  async t => {
    const findings = configurationFindings(machine(fault('fatal')));
    t.match(findings, [
      {
        level: 'problem',
        found: '/etc/audit/auditd.conf:14: space_left = "-3": expected megabytes',
        remedy: 'Correct line 14 of /etc/audit/auditd.conf (space_left): expected megabytes',
      },
      { level: 'advice', found: /not looked at/, remedy: /Correct/ },
    ]);
    t.equal(findings.length, 2);
  },
);

for (const severity of ['err', 'warning', 'notice'] as const) {
  t.test(`A fault of level ${severity} is advice`, async t => {
    const findings = configurationFindings(machine(fault(severity)));
    t.match(findings, [{ level: 'advice', why: new RegExp(`level ${severity}`) }]);
    t.equal(findings.length, 1);
  });
}

t.test('Every fault is a finding of its own', async t => {
  t.equal(configurationFindings(machine(fault('warning'), fault('err'), fault('notice'))).length, 3);
});

t.test('What only root may open is unchecked for others, and a fault for root', async t => {
  const denied = machine(fault('fatal', 'a directory that opens (Permission denied)'));
  t.match(configurationFindings({ ...denied, isRoot: false })[0], { level: 'advice', found: /run as root/ });
  t.match(configurationFindings(denied)[0], { level: 'problem' });
});

t.test('A file that cannot be read is unchecked, and so is what depends on it', async t => {
  const facts = machine();
  const auditd = { ...facts.auditd, load: { kind: 'unknown', reason: 'Permission denied', needsRoot: true } } as const;
  t.match(configurationFindings({ ...facts, isRoot: false, auditd }), [
    { level: 'advice', found: '/etc/audit/auditd.conf could not be checked: run as root (Permission denied)' },
    { level: 'advice', found: /not looked at/, remedy: /as root/ },
  ]);
});

t.test('A mail domain that nobody knows is advice, whatever its level', async t => {
  t.match(configurationFindings({ ...machine(), mailFault: fault('err') }), [{ level: 'advice', why: /mail/ }]);
});
