import t from 'tap';
import { type DaemonState, socketReports, stateJson, stateReport } from './stateReport.ts';

const path: DaemonState['path'] = {
  source: 'daemon',
  recordsReceived: 10,
  recordsWritten: 9,
  recordsDiscarded: 1,
  recordsMalformed: 0,
  recordsCut: 0,
  recordsCleaned: 0,
  messagesSpoofed: 0,
  messagesUnreadable: 0,
  receiveErrors: 0,
  ringBytes: 268435456,
  ringUsedBytes: 2048,
  ringMostUsedBytes: 4096,
  ringTimesFull: 2,
  ringFullMilliseconds: 5,
  recordsAbandoned: 0,
  receiveBufferDrops: 3,
  kernel: { lost: 7, backlog: 1, backlogLimit: 8192 },
  serialsMissing: 4,
};
const heap = { arenaBytes: 4096, inUseBytes: 2048, freeBytes: 2048 };
const state: DaemonState = {
  version: '4.2.2',
  now: new Date(2026, 0, 2, 3, 4, 5),
  priority: -4,
  writesLogs: true,
  log: {
    sizeBytes: 1_048_576,
    maxMegabytes: 8,
    generations: 2,
    hasSpace: true,
    partition: { freeMegabytes: 100, spaceLeftMegabytes: 75, adminSpaceLeftMegabytes: 50 },
    isSuspended: false,
    spaceActionDone: false,
    adminSpaceActionDone: false,
    diskError: false,
  },
  plugins: {
    active: 0,
    backlog: 0,
    mostBacklog: 0,
    backlogLimit: 0,
    hasOverflowed: false,
    isSuspended: false,
    slabBytes: 0,
    each: [],
  },
  network: {
    isListening: false,
    activeConnections: 0,
    counters: {
      accepted: 0,
      refused: 0,
      refusedUnrecorded: 0,
      recordsReceived: 0,
      recordsReturned: 0,
      recordsLost: 0,
      textIgnored: 0,
      clientsBroken: 0,
    },
  },
  heap,
  previousHeap: { arenaBytes: 0, inUseBytes: 0, freeBytes: 0 },
  path,
  indexes: null,
};

// Section 6.2 of the specification, line by line.
const REFERENCE = `audit version = 4.2.2
current time = 01/02/26 03:04:05
process priority = -4
writing to logs = yes
current log size = 1024 KiB
max log size = 8192 KiB
logs detected last rotate/shift = 2
space left on partition = yes
Logging partition free space = 100 MiB
space_left setting = 75 MiB
admin_space_left setting = 50 MiB
logging suspended = no
file system space action performed = no
admin space action performed = no
disk error detected = no
Number of active plugins = 0
current plugin queue depth = 0
max plugin queue depth used = 0
plugin queue size = 0
plugin queue overflow detected = no
plugin queueing suspended = no
listening for network connections = no
glibc arena (total memory) is: 4 KiB, was: 0 KiB
glibc uordblks (in use memory) is: 2 KiB, was: 0 KiB
glibc fordblks (total free space) is: 2 KiB, was: 0 KiB
`;

t.test('The report starts with the lines of the reference, in its order and wording', async t => {
  t.ok(stateReport(state).startsWith(REFERENCE));
});

// Section 6.2: each line follows a fact of its own, and no other line does.
type Change = readonly [line: string, state: DaemonState];
const withLog = (change: Partial<NonNullable<DaemonState['log']>>): DaemonState => ({
  ...state,
  log: state.log && { ...state.log, ...change },
});
const withPlugins = (change: Partial<DaemonState['plugins']>): DaemonState => ({
  ...state,
  plugins: { ...state.plugins, ...change },
});
const partition = { freeMegabytes: 100, spaceLeftMegabytes: 75, adminSpaceLeftMegabytes: 50 };
const changes: readonly Change[] = [
  ['audit version = 9', { ...state, version: '9' }],
  ['current time = 12/31/99 23:59:58', { ...state, now: new Date(1999, 11, 31, 23, 59, 58) }],
  ['process priority = 0', { ...state, priority: 0 }],
  ['writing to logs = no', { ...state, writesLogs: false }],
  ['current log size = 3 KiB', withLog({ sizeBytes: 4095 })],
  ['max log size = 1024 KiB', withLog({ maxMegabytes: 1 })],
  ['logs detected last rotate/shift = 4', withLog({ generations: 4 })],
  ['space left on partition = no', withLog({ hasSpace: false })],
  ['Logging partition free space = 7 MiB', withLog({ partition: { ...partition, freeMegabytes: 7 } })],
  ['space_left setting = 8 MiB', withLog({ partition: { ...partition, spaceLeftMegabytes: 8 } })],
  ['admin_space_left setting = 9 MiB', withLog({ partition: { ...partition, adminSpaceLeftMegabytes: 9 } })],
  ['logging suspended = yes', withLog({ isSuspended: true })],
  ['file system space action performed = yes', withLog({ spaceActionDone: true })],
  ['admin space action performed = yes', withLog({ adminSpaceActionDone: true })],
  ['disk error detected = yes', withLog({ diskError: true })],
  ['Number of active plugins = 2', withPlugins({ active: 2 })],
  ['current plugin queue depth = 3', withPlugins({ backlog: 3 })],
  ['max plugin queue depth used = 4', withPlugins({ mostBacklog: 4 })],
  ['plugin queue size = 5', withPlugins({ backlogLimit: 5 })],
  ['plugin queue overflow detected = yes', withPlugins({ hasOverflowed: true })],
  ['plugin queueing suspended = yes', withPlugins({ isSuspended: true })],
  ['glibc arena (total memory) is: 9 KiB, was: 0 KiB', { ...state, heap: { ...heap, arenaBytes: 9216 } }],
  ['glibc uordblks (in use memory) is: 9 KiB, was: 0 KiB', { ...state, heap: { ...heap, inUseBytes: 9216 } }],
  ['glibc fordblks (total free space) is: 9 KiB, was: 0 KiB', { ...state, heap: { ...heap, freeBytes: 9216 } }],
  [
    'glibc arena (total memory) is: 4 KiB, was: 1 KiB',
    { ...state, previousHeap: { ...state.previousHeap, arenaBytes: 1024 } },
  ],
];
for (const [line, changed] of changes) {
  t.test(`The state line ${line.replace(/ (=|is:).*/, '')} follows its fact alone`, async t => {
    const before = stateReport(state).split('\n');
    const after = stateReport(changed).split('\n');
    t.strictSame(
      after.filter((text, index) => text !== before[index]),
      [line],
    );
  });
}

t.test('Ours follow, one claim a line', async t => {
  const ours = stateReport(state).slice(REFERENCE.length).split('\n');
  for (const line of [
    'ring use = 2 KiB',
    'ring size = 262144 KiB',
    'max ring use = 4 KiB',
    'ring full = 2 times, 5 ms',
    'receive buffer drops = 3',
    'kernel lost = 7',
    'serials missing = 4',
    'records discarded = 1',
  ]) {
    t.ok(ours.includes(line), line);
  }
});

t.test('Without a log its lines are left out, without a partition those of the partition', async t => {
  t.notOk(/log size|space left|logging suspended/.test(stateReport({ ...state, log: null })));
  const { log } = state;
  t.notOk(/MiB/.test(stateReport({ ...state, log: log && { ...log, partition: null } })));
});

t.test('What could not be asked has no line', async t => {
  const report = stateReport({ ...state, path: { ...path, receiveBufferDrops: null, kernel: null } });
  t.notOk(/receive buffer|kernel (lost|backlog)/.test(report));
});

t.test('Each plugin has its lines, and each client of a socket one', async t => {
  const one = {
    name: 'syslog',
    kind: 'program',
    condition: 'running',
    pid: 42,
    restarts: 2,
    backlogRecords: 1,
    mostBacklogRecords: 9,
    sentRecords: 100,
    lostRecords: 3,
    isSuspended: false,
    spool: { bytes: 2048, limitBytes: 1_048_576 },
    clients: null,
  };
  const client = { pid: 7, uid: 1, gid: 2, backlogRecords: 3, sentRecords: 4, lostRecords: 5 };
  const socket = { ...one, name: 'af_unix', kind: 'socket', pid: null, spool: null, clients: [client] };
  const plugins = { ...state.plugins, active: 2, slabBytes: 1_048_576, each: [one, { ...socket, isSuspended: true }] };
  t.equal(
    stateReport({ ...state, plugins }).split('serials missing = 4\n')[1],
    `plugin memory = 1024 KiB
plugin syslog state = running, pid 42
plugin syslog queue = 1, most 9
plugin syslog records sent = 100
plugin syslog records lost = 3
plugin syslog restarts = 2
plugin syslog spool = 2 KiB of 1024 KiB
plugin af_unix state = suspended
plugin af_unix queue = 1, most 9
plugin af_unix records sent = 100
plugin af_unix records lost = 3
plugin af_unix clients = 1
plugin af_unix client = pid 7, uid 1, gid 2, queue 3, sent 4, lost 5
`,
  );
});

t.test('A plugin that is a socket has a report of its own, in the words of the reference', async t => {
  const client = { pid: 7, uid: 1, gid: 2, backlogRecords: 3, sentRecords: 4, lostRecords: 5 };
  const one = {
    kind: 'socket',
    condition: 'running',
    pid: null,
    restarts: 0,
    backlogRecords: 3,
    mostBacklogRecords: 9,
  };
  const counts = { sentRecords: 4, lostRecords: 5, isSuspended: false, spool: null };
  const each = [
    { ...one, ...counts, name: 'af_unix', clients: [client], clientLimitRecords: 512 },
    { ...one, ...counts, name: 'other', clients: [] },
    { ...one, ...counts, name: 'program', kind: 'program', clients: null },
  ];
  const [first, second, ...more] = socketReports({ ...state, plugins: { ...state.plugins, backlogLimit: 2000, each } });
  t.equal(first?.name, 'af_unix');
  t.match(
    first?.text,
    /^current time = .*\nclient_connected = yes\nqueue_length = 3\nmax_queue_length = 9\nqueue_size = 512\n(glibc .*\n){3}$/,
  );
  t.match(second?.text, /\nclient_connected = no\n.*\n.*\nqueue_size = 2000\n/);
  t.strictSame(more, []);
});

t.test('The JSON report has the same data under names with units', async t => {
  const parsed = JSON.parse(stateJson(state));
  t.match(parsed, { schema: 1, version: '4.2.2', log: { sizeBytes: 1_048_576 }, path: { receiveBufferDrops: 3 } });
  t.equal(new Date(parsed.now).getTime(), state.now.getTime());
});

t.test('A listener adds its lines: two of the reference, then, at the end, ours', async t => {
  const counters = { ...state.network.counters, accepted: 5, refused: 2, recordsReceived: 70, recordsReturned: 1 };
  const report = stateReport({ ...state, network: { isListening: true, activeConnections: 3, counters } });
  t.match(
    report,
    'listening for network connections = yes\nactive connections = 3\ntotal connections = 5\nglibc arena',
  );
  t.match(report, 'connections refused = 2\n');
  t.match(report, 'remote records received = 70\nremote records returned = 1\nremote records lost = 0\n');
  t.notMatch(stateReport(state), 'remote');
});

t.test('Indexes are told of while they are built', async t => {
  t.notMatch(stateReport(state), 'indexes');
  const indexes = { built: 3, builtBytes: 4096, failed: 1, removed: 2 };
  t.ok(
    stateReport({ ...state, indexes }).endsWith('indexes built = 3, 4 KiB\nindexes failed = 1\nindexes removed = 2\n'),
  );
  t.match(JSON.parse(stateJson({ ...state, indexes })), { indexes });
});
