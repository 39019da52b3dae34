import t from 'tap';
import type { AuditdConfig } from '../config/auditdConfig.ts';
import { builtInConfig } from '../config/loadAuditdConfig.ts';
import type { PartitionFacts } from './facts.ts';
import { known } from './findings.ts';
import { partitionFindings } from './partition.ts';

const megabytes = (value: number) => ({ kind: 'megabytes', value }) as const;
const percent = (value: number) => ({ kind: 'percent', value }) as const;
const config: AuditdConfig = {
  ...builtInConfig(),
  numLogs: 5,
  maxLogFileMegabytes: 8,
  maxLogFileAction: { kind: 'rotate' },
  spaceLeft: megabytes(75),
  spaceLeftAction: { kind: 'syslog' },
  adminSpaceLeft: megabytes(50),
  adminSpaceLeftAction: { kind: 'suspend' },
  diskFullAction: { kind: 'suspend' },
};
/** A GiB of its own, 256 blocks a MiB. */
const good: PartitionFacts = {
  directory: '/var/log/audit',
  mount: '/var/log/audit',
  type: 'ext4',
  blockBytes: 4096,
  blocks: 262144,
  freeBlocks: 1000 * 256,
  inodes: 65536,
  freeInodes: 65000,
  isReadOnly: false,
  logExists: true,
  logBytes: 0,
};
const keepsAll = {
  compressesArchives: false,
  plainArchives: 0,
  mostArchiveAgeSeconds: 0,
  mostArchiveBytes: 0,
  leastArchives: 1,
};
const judge = (
  facts: Partial<PartitionFacts>,
  settings: Partial<AuditdConfig> = {},
  retention: Partial<typeof keepsAll> = {},
) => partitionFindings({ ...config, ...settings }, { ...keepsAll, ...retention }, known({ ...good, ...facts }));

t.test('A partition as it should be gives nothing to say', async t => {
  t.strictSame(judge({}), []);
  t.strictSame(judge({ inodes: 0, freeInodes: 0 }), [], 'nor does one without a fixed number of inodes');
  t.strictSame(judge({ mount: '/audit', directory: '/audit/log' }), [], 'nor a directory on a partition of its own');
  t.strictSame(judge({}, { spaceLeft: percent(10), adminSpaceLeft: percent(5) }), [], 'nor percentages that fit');
  t.strictSame(judge({}, { maxLogFileAction: { kind: 'exec', path: '/x' } }), [], 'nor a program that rotates');
});

t.test('Without a directory there is nothing to look at: its absence is a finding of the permissions', async t => {
  t.strictSame(partitionFindings(config, keepsAll, null), []);
});

type Row = readonly [
  name: string,
  facts: Partial<PartitionFacts>,
  settings: Partial<AuditdConfig>,
  level: 'problem' | 'advice',
  found: RegExp,
  why: RegExp,
];
const rows: readonly Row[] = [
  ['A read-only file system', { isReadOnly: true }, {}, 'problem', /read-only/, /does not start/],
  ['A full disk', { freeBlocks: 4 }, {}, 'problem', /is full/, /disk_full_action = suspend/],
  ['Space below admin_space_left', { freeBlocks: 49 * 256 }, {}, 'problem', /49 MiB free, less than admin/, /suspend/],
  [
    'Space below space_left',
    { freeBlocks: 74 * 256, logBytes: 40 << 20 },
    {},
    'advice',
    /less than space_left/,
    /syslog/,
  ],
  [
    'Space below admin_space_left with a warning alone',
    { freeBlocks: 49 * 256, logBytes: 40 << 20 },
    { adminSpaceLeftAction: { kind: 'syslog' } },
    'advice',
    /less than admin_space_left/,
    /syslog/,
  ],
  [
    'Space below space_left that halts',
    { freeBlocks: 74 * 256, logBytes: 40 << 20 },
    { spaceLeftAction: { kind: 'single' } },
    'problem',
    /less than space_left/,
    /the machine goes down/,
  ],
  [
    'Logs that do not fit above space_left',
    { freeBlocks: 100 * 256 },
    {},
    'advice',
    /5 logs of 8 MiB do not fit: .* 100 MiB free for 40 MiB more/,
    /space_left \(75 MiB\)/,
  ],
  [
    'Logs that do not fit above admin_space_left',
    { freeBlocks: 85 * 256 },
    {},
    'problem',
    /do not fit/,
    /admin_space_left \(50 MiB\) is reached, and suspend .* no record is written/,
  ],
  [
    'Logs that do not fit at all',
    { freeBlocks: 30 * 256 },
    { spaceLeft: megabytes(0), adminSpaceLeft: megabytes(0) },
    'problem',
    /30 MiB free for 40 MiB more/,
    /the disk is full/,
  ],
  [
    'Logs that do not fit at all, where a full disk rotates',
    { freeBlocks: 30 * 256 },
    { spaceLeft: megabytes(0), adminSpaceLeft: megabytes(0), diskFullAction: { kind: 'rotate' } },
    'advice',
    /30 MiB free for 40 MiB more/,
    /the disk is full, and rotate is done/,
  ],
  [
    'Percentages that cross',
    {},
    { spaceLeft: percent(5), adminSpaceLeft: megabytes(60) },
    'advice',
    /space_left is 51 MiB and admin_space_left is 60 MiB/,
    /too late/,
  ],
  ['Logs that are kept', {}, { maxLogFileAction: { kind: 'keep_logs' } }, 'advice', /= keep_logs/, /disk fills up/],
  ['Rotation of one log', {}, { numLogs: 1 }, 'advice', /num_logs = 1 rotates nothing/, /disk fills up/],
  [
    'Writing that stops at a size',
    {},
    { maxLogFileAction: { kind: 'suspend' } },
    'advice',
    /= suspend/,
    /no more records/,
  ],
  ['No inode left', { freeInodes: 0 }, {}, 'problem', /no inode left/, /Rotation cannot/],
  ['No inode left for the log', { freeInodes: 0, logExists: false }, {}, 'problem', /no inode left/, /does not start/],
  ['Few inodes', { freeInodes: 99 }, {}, 'advice', /99 of 65536 inodes/, /rotat/],
  ['A network file system', { type: 'nfs4' }, {}, 'advice', /nfs4 at/, /ring/],
  ['A file system in memory', { type: 'tmpfs' }, {}, 'advice', /tmpfs at/, /next boot/],
  ['A container’s layer', { type: 'overlay' }, {}, 'advice', /overlay/, /container/],
  ['A shared file system', { mount: '/' }, {}, 'advice', /it shares \/$/, /fill/],
  ['A shared /var', { mount: '/var' }, {}, 'advice', /it shares \/var$/, /fill/],
];
for (const [name, facts, settings, level, found, why] of rows) {
  t.test(`${name} is ${level}`, async t => {
    const findings = judge(facts, settings);
    t.match(findings, [{ level, subject: 'partition', found, why }]);
    t.equal(findings.length, 1);
  });
}

t.test('What the logs already take is not asked for again', async t => {
  t.strictSame(judge({ freeBlocks: 80 * 256, logBytes: 40 << 20 }), []);
});

t.test('A file system that may not be looked at is unchecked', async t => {
  const denied = { kind: 'unknown', reason: 'Permission denied', needsRoot: true } as const;
  t.match(partitionFindings(config, keepsAll, denied), [{ level: 'advice', found: /run as root/ }]);
});

// node-auditd.conf, [archives].
t.test('Archives that are deleted by their total need no more than that', async t => {
  const few = { mostArchiveBytes: 20 << 20 };
  t.strictSame(judge({ freeBlocks: 100 * 256 }, {}, few), []);
  t.match(judge({ freeBlocks: 100 * 256 }, {}, { mostArchiveBytes: 30 << 20 }), [
    {
      found: /Logs of 30 MiB, archives included, do not fit: .* 100 MiB free for 30 MiB more/,
      why: /^Only then archives are deleted\. Before that space_left/,
    },
  ]);
  t.match(judge({ freeBlocks: 100 * 256 }, {}, { ...few, leastArchives: 3 }), [{ found: /Logs of 32 MiB/ }]);
});

t.test('With keep_logs, max_total or max_age ends the growth', async t => {
  const keepLogs = { maxLogFileAction: { kind: 'keep_logs' } } as const;
  t.strictSame(judge({}, keepLogs, { mostArchiveBytes: 100 << 20 }), []);
  t.strictSame(judge({}, keepLogs, { mostArchiveAgeSeconds: 86_400 }), []);
  t.match(judge({}, keepLogs, { mostArchiveBytes: 2 ** 31 }), [{ found: /Logs of 2048 MiB/ }]);
});

t.test('Compressed archives count for a fifth, but for those that stay plain', async t => {
  const compressed = { compressesArchives: true };
  t.strictSame(judge({ freeBlocks: 96 * 256 }, {}, compressed), [], 'two plain, three fifths: 21 MiB');
  t.match(judge({ freeBlocks: 95 * 256 }, {}, compressed), [{ found: /Logs of 21 MiB/ }]);
  t.match(judge({ freeBlocks: 96 * 256 }, {}, { ...compressed, plainArchives: 2 }), [{ found: /Logs of 34 MiB/ }]);
  t.match(judge({ freeBlocks: 96 * 256 }, {}, { ...compressed, plainArchives: 9 }), [{ found: /5 logs of 8 MiB/ }]);
});
