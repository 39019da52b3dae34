import t from 'tap';
import type { AuditStatus } from '../../control/status.ts';
import type { KernelFacts } from './facts.ts';
import { known } from './findings.ts';
import { kernelFindings } from './kernel.ts';

const BOOTED = 'ro quiet audit=1 audit_backlog_limit=8192';
const good: AuditStatus = {
  enabled: 1,
  failure: 1,
  pid: 4711,
  rateLimit: 0,
  backlogLimit: 8192,
  lost: 0,
  backlog: 0,
  featureBitmap: 0x7f,
  backlogWaitTime: 60_000,
  backlogWaitTimeActual: 0,
};
const answered = (change: Partial<AuditStatus>): KernelFacts['status'] => ({
  kind: 'answered',
  status: { ...good, ...change },
});

t.test('A kernel as it should be gives nothing to say', async t => {
  const say = (change: Partial<AuditStatus>, commandLine = BOOTED) =>
    kernelFindings({ status: answered(change), commandLine: known(commandLine) }, false);
  t.strictSame(say({}), []);
  t.strictSame(say({ backlogLimit: 65536, backlog: 8000 }), []);
  t.strictSame(say({ backlogWaitTime: null, backlogWaitTimeActual: null }), [], 'an old one');
  t.strictSame(
    say({}, 'audit=0 audit=on audit_backlog_limit=0 -- audit=0\n'),
    [],
    'the last parameter before -- counts',
  );
});

type Row = readonly [
  name: string,
  status: KernelFacts['status'],
  commandLine: string,
  level: 'problem' | 'advice',
  found: RegExp,
  remedy: RegExp,
];
const rows: readonly Row[] = [
  ['No audit in the kernel', { kind: 'absent' }, BOOTED, 'problem', /has no audit/, /CONFIG_AUDIT=y/],
  ['audit=0', { kind: 'refused' }, 'ro audit=0', 'problem', /audit=0/, /audit=1/],
  ['audit=off', answered({}), 'audit=1 audit=off', 'problem', /audit=0/, /audit=1/],
  ['A kernel that does not answer', { kind: 'refused' }, BOOTED, 'problem', /does not answer/, /audit=1/],
  ['No audit=1', answered({}), 'ro quiet', 'advice', /without audit=1/, /audit=1 audit_backlog_limit=8192/],
  ['audit=1 after the end', answered({}), 'ro -- audit=1', 'advice', /without audit=1/, /audit=1/],
  ['No boot backlog', answered({}), 'audit=1', 'advice', /audit_backlog_limit=64/, /audit_backlog_limit=8192/],
  ['A small boot backlog', answered({}), 'audit=1 audit_backlog_limit=320', 'advice', /=320/, /=8192/],
  ['Auditing off before the start', answered({ enabled: 0, pid: 0 }), BOOTED, 'advice', /enabled 0/, /auditctl -e 1/],
  ['Auditing off beside a daemon', answered({ enabled: 0 }), BOOTED, 'problem', /enabled 0/, /auditctl -e 1/],
  ['A locked configuration', answered({ enabled: 2 }), BOOTED, 'advice', /enabled 2/, /-e 2/],
  ['A rate limit', answered({ rateLimit: 100 }), BOOTED, 'problem', /100 records a second/, /auditctl -r 0/],
  ['Lost records', answered({ lost: 7 }), BOOTED, 'advice', /lost 7 records/, /--reset-lost/],
  ['No backlog limit', answered({ backlogLimit: 0 }), BOOTED, 'advice', /no limit/, /auditctl -b 8192/],
  ['A small backlog', answered({ backlogLimit: 64 }), BOOTED, 'advice', /64 records at most/, /auditctl -b 8192/],
  [
    'A full backlog',
    answered({ backlogLimit: 8192, backlog: 8200 }),
    BOOTED,
    'problem',
    /8200 are waiting/,
    /auditctl -b 32768/,
  ],
  [
    'Processes that waited',
    answered({ backlogWaitTimeActual: 12 }),
    BOOTED,
    'advice',
    /12 jiffies/,
    /auditctl -b 16384/,
  ],
  ['Processes that never wait', answered({ backlogWaitTime: 0 }), BOOTED, 'advice', /backlog_wait_time 0/, /60000/],
  ['A silent failure mode', answered({ failure: 0 }), BOOTED, 'advice', /silent/, /auditctl -f 1/],
  ['Panic on failure', answered({ failure: 2 }), BOOTED, 'advice', /panics/, /auditctl -f 1/],
  [
    'A status that may not be asked for',
    { kind: 'unknown', reason: 'Operation not permitted', needsRoot: true },
    BOOTED,
    'advice',
    /run as root/,
    /as root/,
  ],
];
for (const [name, status, commandLine, level, found, remedy] of rows) {
  t.test(`${name} is ${level}`, async t => {
    const findings = kernelFindings({ status, commandLine: known(commandLine) }, false);
    t.match(findings, [{ level, subject: 'kernel', found, remedy }]);
    t.equal(findings.length, 1);
  });
}

t.test('Lost records are a problem while what loses them stands', async t => {
  for (const cause of [{ backlogLimit: 64 }, { rateLimit: 10 }]) {
    const findings = kernelFindings({ status: answered({ lost: 7, ...cause }), commandLine: known(BOOTED) }, false);
    t.match(
      findings.find(({ found }) => found.includes('lost')),
      { level: 'problem', why: /still in force/ },
    );
  }
});

t.test('In a container a kernel that does not answer is no news', async t => {
  const commandLine = known('ro');
  t.strictSame(kernelFindings({ status: { kind: 'refused' }, commandLine }, true), []);
  const denied = { kind: 'unknown', reason: 'Operation not permitted', needsRoot: false } as const;
  t.strictSame(kernelFindings({ status: denied, commandLine }, true), []);
  t.match(kernelFindings({ status: { kind: 'absent' }, commandLine }, true), [{ level: 'problem' }]);
});

t.test('A command line that cannot be read is unchecked, and hides nothing else', async t => {
  const commandLine = { kind: 'unknown', reason: 'No such file or directory', needsRoot: false } as const;
  t.match(kernelFindings({ status: answered({ failure: 0 }), commandLine }, false), [
    { found: /silent/ },
    { level: 'advice', found: /command line could not be checked/ },
  ]);
  t.match(kernelFindings({ status: { kind: 'absent' }, commandLine }, false), [{ level: 'problem' }, {}]);
});
