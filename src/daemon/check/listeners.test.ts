import t from 'tap';
import { auditSockets } from './auditSockets.ts';
import type { ListenerFacts, RegisteredDaemon } from './facts.ts';
import { known } from './findings.ts';
import { listenerFindings } from './listeners.ts';

const alone: ListenerFacts = { registered: null, readers: known([]), journaldReadsAtBoot: false };
const auditd: RegisteredDaemon = { pid: 812, program: 'auditd', holdsAuditSocket: true, isOurs: false };
const journald = {
  inode: 5,
  owners: [
    { pid: 1, program: 'systemd' },
    { pid: 301, program: 'systemd-journal' },
  ],
};

t.test('Nobody else, or this daemon itself, gives nothing to say', async t => {
  t.strictSame(listenerFindings(alone), []);
  t.strictSame(listenerFindings({ ...alone, registered: { ...auditd, isOurs: true } }), []);
});

type Row = readonly [
  name: string,
  change: Partial<ListenerFacts>,
  level: 'problem' | 'advice',
  found: RegExp,
  remedy: RegExp,
];
const rows: readonly Row[] = [
  ['Another daemon', { registered: auditd }, 'problem', /pid 812 \(auditd\)/, /systemctl stop auditd.*kill 812/],
  [
    'A daemon whose descriptors may not be looked at',
    { registered: { ...auditd, holdsAuditSocket: null } },
    'problem',
    /pid 812/,
    /observe/,
  ],
  ['A registration of nobody', { registered: { ...auditd, program: null } }, 'advice', /gone.*pid 812/, /Start/],
  [
    'A registration of a process without audit socket',
    { registered: { ...auditd, program: 'sleep', holdsAuditSocket: false } },
    'advice',
    /812 \(sleep\).*stale/,
    /Start/,
  ],
  [
    'A journald that reads',
    { readers: known([journald]) },
    'advice',
    /systemd-journald \(pid 301\)/,
    /systemctl mask --now/,
  ],
  [
    'A journald that reads, and will',
    { readers: known([journald]), journaldReadsAtBoot: true },
    'advice',
    /pid 301/,
    /mask/,
  ],
  ['A journald that will read', { journaldReadsAtBoot: true }, 'advice', /socket is enabled/, /mask/],
  [
    'Another reader',
    { readers: known([{ inode: 6, owners: [{ pid: 9, program: 'spy' }] }]) },
    'advice',
    /^spy \(pid 9\) reads a copy/,
    /stop/,
  ],
  ['A reader nobody knows', { readers: known([{ inode: 6, owners: [] }]) }, 'advice', /socket 6/, /as root/],
  [
    'A table of sockets that cannot be read',
    { readers: { kind: 'unknown', reason: 'No such file or directory', needsRoot: false } },
    'advice',
    /Who else reads the records could not be checked/,
    /reason/,
  ],
];
for (const [name, change, level, found, remedy] of rows) {
  t.test(`${name} is ${level}`, async t => {
    const findings = listenerFindings({ ...alone, ...change });
    t.match(findings, [{ level, subject: 'listeners', found, remedy }]);
    t.equal(findings.length, 1);
  });
}

t.test('The table of netlink sockets gives the audit ones, but for the kernel’s own', async t => {
  const table = [
    'sk               Eth Pid        Groups   Rmem     Wmem     Dump  Locks    Drops    Inode',
    '0000000069f851cf 9   0          00000000 0        0        0     2        0        6       ',
    '0000000069f851d0 9   812        00000000 0        0        0     2        0        700     ',
    '0000000069f851d1 9   4294963200 00000001 0        0        0     2        0        701     ',
    '0000000069f851d2 9   33         00000002 0        0        0     2        0        702     ',
    '0000000069f851d3 15  1          00000001 0        0        0     2        0        703     ',
    '',
  ].join('\n');
  t.strictSame(auditSockets(table), [
    { inode: 700, isInReadlogGroup: false },
    { inode: 701, isInReadlogGroup: true },
    { inode: 702, isInReadlogGroup: false },
  ]);
  t.strictSame(auditSockets(''), []);
});
