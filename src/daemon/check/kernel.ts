import type { AuditStatus } from '../../control/status.ts';
import type { KernelFacts } from './facts.ts';
import { type Finding, type Level, unchecked } from './findings.ts';

/** What rules files of the distributions and security guides ask for; the kernel's own is 64. */
const BACKLOG_LIMIT = 8192;
const HOW_TO_BOOT = 'to the kernel’s command line (GRUB_CMDLINE_LINUX in /etc/default/grub, or `grubby --args`)';

/**
 * What the kernel's audit is set to, and whether records have been lost or held processes up.
 *
 * @param inContainer  A kernel that does not answer is then no news.
 */
export function kernelFindings({ status, commandLine }: KernelFacts, inContainer: boolean): Finding[] {
  if (inContainer && (status.kind === 'refused' || status.kind === 'unknown')) return [];
  if (commandLine.kind === 'unknown') {
    const unread = unchecked('kernel', 'The kernel’s command line', commandLine);
    return [...stateFindings(status), unread];
  }
  const boot = bootParameters(commandLine.value);
  if (boot.audit === 'off') return [offAtBoot()];
  const isThere = status.kind === 'answered' || status.kind === 'unknown';
  return [...stateFindings(status), ...(isThere ? bootFindings(boot) : [])];
}

function stateFindings(status: KernelFacts['status']): Finding[] {
  switch (status.kind) {
    case 'absent':
      return [absent()];
    case 'refused':
      return [refused()];
    case 'unknown':
      return [unchecked('kernel', 'The kernel’s audit status', status)];
    case 'answered':
      return statusFindings(status.status);
  }
}

interface BootParameters {
  readonly audit: 'on' | 'off' | null;
  readonly backlogLimit: number | null;
}

/** The last one counts. After `--` come the arguments of init. */
function bootParameters(commandLine: string): BootParameters {
  let audit: BootParameters['audit'] = null;
  let backlogLimit: number | null = null;
  for (const word of commandLine.trim().split(/\s+/)) {
    if (word === '--') break;
    const [name, value] = word.split('=');
    if (name === 'audit' && (value === '1' || value === 'on')) audit = 'on';
    if (name === 'audit' && (value === '0' || value === 'off')) audit = 'off';
    if (name === 'audit_backlog_limit' && value !== undefined && value !== '') backlogLimit = Number(value);
  }
  return { audit, backlogLimit };
}

function offAtBoot(): Finding {
  return finding(
    'problem',
    'audit=0 stands on the kernel’s command line',
    'The kernel’s audit is off until the next boot: the daemon cannot register, and nothing is recorded.',
    `Replace it: add audit=1 ${HOW_TO_BOOT}, and reboot.`,
  );
}

function absent(): Finding {
  return finding(
    'problem',
    'This kernel has no audit',
    'There is nothing the daemon could read, and it does not start.',
    'Boot a kernel built with CONFIG_AUDIT=y and CONFIG_AUDITSYSCALL=y, or set local_events = no in auditd.conf.',
  );
}

function refused(): Finding {
  return finding(
    'problem',
    'The kernel’s audit does not answer (connection refused)',
    'It was switched off at boot; the daemon cannot register, and nothing is recorded.',
    `Add audit=1 ${HOW_TO_BOOT}, and reboot.`,
  );
}

function bootFindings({ audit, backlogLimit }: BootParameters): Finding[] {
  if (audit === null) {
    return [
      finding(
        'advice',
        'The kernel was booted without audit=1',
        'Records from before the daemon’s start, and while no daemon is registered, are dropped without a count; ' +
          'processes older than audit are never recorded by a rule on system calls.',
        `Add audit=1 audit_backlog_limit=${BACKLOG_LIMIT} ${HOW_TO_BOOT}, and reboot.`,
      ),
    ];
  }
  if (audit !== 'on' || (backlogLimit !== null && (backlogLimit === 0 || backlogLimit >= BACKLOG_LIMIT))) return [];
  return [
    finding(
      'advice',
      `The kernel was booted with audit_backlog_limit=${backlogLimit ?? '64 (its default)'}`,
      'What is recorded before the daemon’s start waits there; the rest is dropped.',
      `Add audit_backlog_limit=${BACKLOG_LIMIT} ${HOW_TO_BOOT}, and reboot.`,
    ),
  ];
}

function statusFindings(status: AuditStatus): Finding[] {
  const checks = [enabled, rateLimit, lost, backlogLimit, backlogWait, waitTime, failure];
  return checks.flatMap(check => check(status) ?? []);
}

type Check = (status: AuditStatus) => Finding | null;

const enabled: Check = ({ enabled, pid }) => {
  if (enabled === 0) {
    return finding(
      pid === 0 ? 'advice' : 'problem',
      'Auditing is switched off (enabled 0)',
      pid === 0
        ? 'Nothing is recorded until the daemon starts and switches it on, which -s disable and -s nochange keep it from.'
        : 'A daemon is registered, but nothing is recorded for it.',
      '`auditctl -e 1`',
    );
  }
  if (enabled !== 2) return null;
  return finding(
    'advice',
    'The audit configuration is locked (enabled 2)',
    'Rules, limits and the failure mode stay as they are until the next boot; the daemon can start.',
    'Nothing, if it is meant to be so. Else remove -e 2 from /etc/audit/rules.d and reboot.',
  );
};

const rateLimit: Check = ({ rateLimit }) => {
  if (rateLimit === 0) return null;
  return finding(
    'problem',
    `The kernel makes ${rateLimit} records a second at most (rate_limit)`,
    'What is beyond is thrown away, and counted as lost.',
    '`auditctl -r 0`, and no -r in /etc/audit/rules.d',
  );
};

const lost: Check = ({ lost, backlogLimit, rateLimit }) => {
  if (lost === 0) return null;
  const isCauseStanding = rateLimit !== 0 || isSmall(backlogLimit);
  return finding(
    isCauseStanding ? 'problem' : 'advice',
    `The kernel has lost ${lost} records since the counter was reset`,
    isCauseStanding
      ? 'They are in no log, and the limits that lose them are still in force.'
      : 'They are in no log. Among the causes are a backlog that was too small, and a time without a daemon.',
    `\`auditctl -b ${larger(backlogLimit)}\`, and the same in /etc/audit/rules.d; then \`auditctl --reset-lost\`, so that the next loss is seen`,
  );
};

const backlogLimit: Check = ({ backlog, backlogLimit }) => {
  if (backlogLimit === 0) {
    return finding(
      'advice',
      'The kernel’s backlog has no limit (backlog_limit 0)',
      'While the daemon does not read, records take memory until there is none.',
      `\`auditctl -b ${BACKLOG_LIMIT}\`, and the same in /etc/audit/rules.d`,
    );
  }
  const isFull = backlog >= backlogLimit;
  if (!isFull && !isSmall(backlogLimit)) return null;
  const limit = Math.max(BACKLOG_LIMIT, 2 ** Math.ceil(Math.log2(backlog * 2 + 1)));
  return finding(
    isFull ? 'problem' : 'advice',
    `The kernel’s backlog holds ${backlogLimit} records at most (backlog_limit), ${backlog} are waiting`,
    isFull
      ? 'It is full: processes that cause records have to wait, and then records are lost.'
      : 'A burst fills it before the daemon has run; processes have to wait, and then records are lost.',
    `\`auditctl -b ${limit}\`, and the same in /etc/audit/rules.d`,
  );
};

const backlogWait: Check = ({ backlogWaitTimeActual, backlogLimit }) => {
  if (backlogWaitTimeActual === null || backlogWaitTimeActual === 0) return null;
  return finding(
    'advice',
    `Processes had to wait for the backlog, ${backlogWaitTimeActual} jiffies in all (backlog_wait_time_actual)`,
    'System calls took longer than they should, because more records came than were read.',
    `\`auditctl -b ${larger(backlogLimit)}\` and rules that record less; \`auditctl --reset_backlog_wait_time_actual\` counts anew`,
  );
};

const waitTime: Check = ({ backlogWaitTime }) => {
  if (backlogWaitTime !== 0) return null;
  return finding(
    'advice',
    'Processes do not wait for room in the backlog (backlog_wait_time 0)',
    'When it is full, records are lost at once.',
    '`auditctl --backlog_wait_time 60000`, and the same in /etc/audit/rules.d, unless no process may ever be held up',
  );
};

const failure: Check = ({ failure }) => {
  if (failure === 0) {
    return finding(
      'advice',
      'The kernel is silent about audit failures (failure 0)',
      'A lost record is only counted; the kernel’s log says nothing of it.',
      '`auditctl -f 1`, and the same in /etc/audit/rules.d',
    );
  }
  if (failure !== 2) return null;
  return finding(
    'advice',
    'The kernel panics on an audit failure (failure 2)',
    'One lost record stops the machine at once, without writing its disks.',
    '`auditctl -f 1`, unless a machine that does not record must not run',
  );
};

function larger(limit: number): number {
  return Math.max(BACKLOG_LIMIT, limit * 2);
}

function isSmall(limit: number): boolean {
  return limit !== 0 && limit < BACKLOG_LIMIT;
}

function finding(level: Level, found: string, why: string, remedy: string): Finding {
  return { level, subject: 'kernel', found, why, remedy };
}
