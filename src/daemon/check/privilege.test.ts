import t from 'tap';
import type { PrivilegeFacts } from './facts.ts';
import { isInContainer, mayForceBuffers, privilegeFindings } from './privilege.ts';

const ALL = (1n << 41n) - 1n;
const root: PrivilegeFacts = {
  isRoot: true,
  pidNamespace: 4026531836,
  userNamespace: 4026531837,
  capabilities: ALL,
};
const without = (number: bigint) => ({ capabilities: ALL & ~(1n << number) });

t.test('Root of the machine gives nothing to say', async t => {
  t.strictSame(privilegeFindings(root), []);
  t.strictSame(privilegeFindings({ ...root, pidNamespace: null, userNamespace: null }), [], 'nor a hidden /proc');
  t.strictSame(privilegeFindings({ ...root, isRoot: false, capabilities: 0n }), [], 'nor what a user lacks');
});

const rows: readonly (readonly [string, Partial<PrivilegeFacts>, 'problem' | 'advice', RegExp, RegExp])[] = [
  ['A pid namespace', { pidNamespace: 4026532100 }, 'problem', /container: its pid namespace/, /--pid=host/],
  ['A user namespace', { userNamespace: 4026532101 }, 'problem', /container: its user namespace/, /--userns=host/],
  ['No CAP_AUDIT_CONTROL', without(30n), 'problem', /CAP_AUDIT_CONTROL/, /--cap-add AUDIT_CONTROL/],
  ['A /proc that hides them', { capabilities: null }, 'advice', /could not be checked/, /reason/],
  ['No CAP_SYS_RESOURCE', without(24n), 'advice', /CAP_SYS_RESOURCE/, /--cap-add SYS_RESOURCE/],
];
for (const [name, change, level, found, remedy] of rows) {
  t.test(`${name} is ${level}`, async t => {
    const findings = privilegeFindings({ ...root, ...change });
    t.match(findings, [{ level, subject: 'privilege', found, remedy }]);
    t.equal(findings.length, 1);
  });
}

t.test('One namespace that is not the machine’s makes a container', async t => {
  t.equal(isInContainer(root), false);
  t.equal(isInContainer({ ...root, pidNamespace: null, userNamespace: null }), false);
  t.equal(isInContainer({ ...root, pidNamespace: 1 }), true);
  t.equal(isInContainer({ ...root, userNamespace: 1 }), true);
});

t.test('Only CAP_NET_ADMIN makes a buffer larger than the system allows', async t => {
  t.ok(mayForceBuffers(root));
  t.notOk(mayForceBuffers({ ...root, ...without(12n) }));
});
