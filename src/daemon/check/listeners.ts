import type { AuditReader, ListenerFacts, RegisteredDaemon } from './facts.ts';
import { type Finding, type Level, unchecked } from './findings.ts';

/** What /proc/PID/comm has of systemd-journald: 15 bytes. */
const JOURNALD = 'systemd-journal';
const MASK = '`systemctl mask --now systemd-journald-audit.socket`, then `systemctl restart systemd-journald`';

/** Who else has the kernel's records. */
export function listenerFindings({ registered, readers, journaldReadsAtBoot }: ListenerFacts): Finding[] {
  const isJournald = ({ owners }: AuditReader) =>
    owners.some(({ program }) => JOURNALD.startsWith(program) && program.length > 7);
  const findings = registered === null ? [] : registeredFindings(registered);
  const known = readers.kind === 'known' ? readers.value : [];
  if (readers.kind === 'unknown') findings.push(unchecked('listeners', 'Who else reads the records', readers));
  const journald = known.find(isJournald);
  if (journald !== undefined) {
    findings.push(journaldFinding(`systemd-journald (pid ${pidOf(journald)}) reads the audit records too`));
  } else if (journaldReadsAtBoot) {
    findings.push(journaldFinding('systemd-journald-audit.socket is enabled: journald reads the audit records too'));
  }
  return [...findings, ...known.filter(reader => !isJournald(reader)).map(otherReader)];
}

function registeredFindings({ pid, program, holdsAuditSocket, isOurs }: RegisteredDaemon): Finding[] {
  if (program === null) {
    return [
      finding(
        'advice',
        `A daemon that is gone is still registered with the kernel: pid ${pid}`,
        'The kernel notices with the next record it cannot deliver; until then records only queue up.',
        'Start the daemon: it takes the place.',
      ),
    ];
  }
  if (holdsAuditSocket === false) {
    return [
      finding(
        'advice',
        `Pid ${pid} (${program}) is registered with the kernel, but has no audit socket: the registration is stale`,
        'The daemon that made it is gone or has closed its socket; until the kernel notices records only queue up.',
        'Start the daemon: it takes the place.',
      ),
    ];
  }
  if (isOurs) return [];
  return [
    finding(
      'problem',
      `Another audit daemon is registered with the kernel: pid ${pid} (${program})`,
      'The kernel has one audit daemon at a time; this one will be refused and exit with code 1.',
      `\`systemctl stop auditd\`, or \`kill ${pid}\`; or record beside it: \`auditd --observe\``,
    ),
  ];
}

function journaldFinding(found: string): Finding {
  return finding(
    'advice',
    found,
    'Every record is written a second time, and the journal may be read by more accounts than the audit log.',
    `${MASK}, unless the journal is to have them`,
  );
}

function otherReader({ owners, inode }: AuditReader): Finding {
  const who =
    owners.length === 0
      ? `A process that could not be found (socket ${inode})`
      : owners.map(({ pid, program }) => `${program} (pid ${pid})`).join(', ');
  return finding(
    'advice',
    `${who} reads a copy of every audit record`,
    'It sees what the log’s permissions keep from others, and costs the kernel time for each record.',
    owners.length === 0
      ? 'Run `auditd --check` as root, and outside of a container, to see its name.'
      : 'Nothing, if it is meant to. Else stop it.',
  );
}

// Not the first owner: systemd itself holds the sockets it hands on.
function pidOf({ owners }: AuditReader): number | undefined {
  return owners.find(({ program }) => program === JOURNALD)?.pid;
}

function finding(level: Level, found: string, why: string, remedy: string): Finding {
  return { level, subject: 'listeners', found, why, remedy };
}
