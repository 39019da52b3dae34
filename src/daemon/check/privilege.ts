import type { PrivilegeFacts } from './facts.ts';
import { type Finding, type Level, unchecked } from './findings.ts';

/** PROC_PID_INIT_INO and PROC_USER_INIT_INO of the kernel's linux/proc_ns.h. */
const INITIAL_PID_NAMESPACE = 0xeffffffc;
const INITIAL_USER_NAMESPACE = 0xeffffffd;
const CAP_NET_ADMIN = 12n;
const CAP_SYS_RESOURCE = 24n;
const CAP_AUDIT_CONTROL = 30n;

/** Whether the kernel would let a daemon started from here register. */
export function privilegeFindings(facts: PrivilegeFacts): Finding[] {
  const findings = [
    ...namespaceFindings('pid', facts.pidNamespace, INITIAL_PID_NAMESPACE),
    ...namespaceFindings('user', facts.userNamespace, INITIAL_USER_NAMESPACE),
  ];
  // What somebody who is not root lacks says nothing of the daemon, which root starts.
  if (!facts.isRoot) return findings;
  if (facts.capabilities === null) {
    const unreadable = { reason: '/proc/self/status cannot be read', needsRoot: false };
    return [...findings, unchecked('privilege', 'Namespaces and capabilities', unreadable)];
  }
  if (!hasCapability(facts, CAP_AUDIT_CONTROL)) {
    findings.push(
      finding(
        'problem',
        'CAP_AUDIT_CONTROL is missing',
        'Without it the kernel lets no process register as the audit daemon; it exits with code 4.',
        'Give it: `--cap-add AUDIT_CONTROL` for a container, CapabilityBoundingSet= in a unit.',
      ),
    );
  }
  if (!hasCapability(facts, CAP_SYS_RESOURCE)) {
    findings.push(
      finding(
        'advice',
        'CAP_SYS_RESOURCE is missing',
        'When memory runs out the kernel may kill the daemon, and with it go the records that wait in its ring.',
        'Give it: `--cap-add SYS_RESOURCE` for a container, CapabilityBoundingSet= in a unit.',
      ),
    );
  }
  return findings;
}

/** Whether the receive buffer may be larger than net.core.rmem_max. */
export function mayForceBuffers(facts: PrivilegeFacts): boolean {
  return hasCapability(facts, CAP_NET_ADMIN);
}

/** The kernel's audit then answers nobody here, whatever state it is in. */
export function isInContainer({ pidNamespace, userNamespace }: PrivilegeFacts): boolean {
  return (
    (pidNamespace ?? INITIAL_PID_NAMESPACE) !== INITIAL_PID_NAMESPACE ||
    (userNamespace ?? INITIAL_USER_NAMESPACE) !== INITIAL_USER_NAMESPACE
  );
}

function hasCapability({ capabilities }: PrivilegeFacts, number: bigint): boolean {
  return capabilities !== null && ((capabilities >> number) & 1n) === 1n;
}

function namespaceFindings(kind: 'pid' | 'user', inode: number | null, initial: number): Finding[] {
  if (inode === null || inode === initial) return [];
  return [
    finding(
      'problem',
      `This is a container: its ${kind} namespace (${inode}) is not the machine’s`,
      'The kernel has one audit for the whole machine, and lets only its initial namespaces register a daemon.',
      `Run the daemon on the host, or in a container with the host’s ${kind} namespace${kind === 'pid' ? ' (`--pid=host`)' : ' (`--userns=host`)'}.`,
    ),
  ];
}

function finding(level: Level, found: string, why: string, remedy: string): Finding {
  return { level, subject: 'privilege', found, why, remedy };
}
