import t from 'tap';
import type { Fault } from '../../base/keyValueFile.ts';
import type { AuditdConfig, Transport } from './auditdConfig.ts';
import { auditdConfKeys } from './auditdConfKeys.ts';
import { builtInConfig, loadAuditdConfig, MAX_FAULTS, parseAuditdConfig } from './loadAuditdConfig.ts';
import type { FileFacts, SystemFacts } from './systemFacts.ts';

// --- a machine to check against ---

const errno = (code: string, number: number) => Object.assign(new Error(code), { code, errno: -number });
const enoent = errno('ENOENT', 2);
const directory: FileFacts = { isRegular: false, ownerId: 0, mode: 0o700 };
const file = (mode: number, ownerId = 0, isRegular = true): FileFacts => ({ mode, ownerId, isRegular });

const files: Readonly<Record<string, FileFacts | Error>> = {
  '/var/log/audit': directory,
  '/var/log': directory,
  '/var/log/': directory,
  '/var': directory,
  logs: directory,
  '/var/log/audit/audit.log': file(0o600),
  '/var/log/audit/device': file(0o600, 0, false),
  '/var/log/audit/foreign': file(0o600, 1000),
  '/var/log/audit/locked': errno('EACCES', 13),
  '/var/log/audit/readonly': file(0o400),
  '/secret': errno('EACCES', 13),
  '/usr/lib/sendmail': file(0o755),
  '/sbin/foreign': file(0o750, 1000),
  '/sbin/device': file(0o750, 0, false),
};
for (const mode of [0o750, 0o755, 0o555, 0o550, 0o4755, 0o700, 0o777, 0o754]) {
  Object.assign(files, { [`/sbin/mode${mode.toString(8)}`]: file(mode) });
}
for (const mode of [0o640, 0o600, 0o700, 0o620, 0o610, 0o604, 0o602, 0o601, 0o400]) {
  Object.assign(files, { [`/var/log/audit/mode${mode.toString(8)}`]: file(mode) });
}

const find = (path: string): FileFacts => {
  const found = files[path] ?? enoent;
  if (found instanceof Error) throw found;
  return found;
};
const facts: SystemFacts = {
  open: path => {
    const found = find(path);
    return { stat: () => found, read: () => new Uint8Array(0), close: () => undefined };
  },
  stat: find,
  isExecutable: path => path in files,
  groupByName: name => (name === 'root' ? 0 : name === 'adm' ? 4 : null),
};

const parse = (text: string | Uint8Array, transports: readonly Transport[] = ['tcp'], machine = facts) =>
  parseAuditdConfig(typeof text === 'string' ? Buffer.from(text) : text, 'auditd.conf', { facts: machine, transports });
const messages = (faults: readonly Fault[]) => faults.map(({ severity, error }) => `${severity} ${error.message}`);

/** Without these two, any file at all is refused: 0 is not more than 0. */
const SPACE = 'space_left = 75\nadmin_space_left = 50\n';
const ALL: readonly Transport[] = ['tcp', 'tls', 'krb5'];

// --- 2.3 and 2.4: each key ---

interface KeyCases<T> {
  /** The value of a file that lacks the key. */
  readonly absent: T;
  /** What follows `key = `, and what it comes to. */
  readonly accepted: readonly (readonly [string, T])[];
  /** What is refused, and what the error calls right. */
  readonly refused: readonly (readonly [string, string])[];
}

const YES_NO = {
  accepted: [
    ['yes', true],
    ['NO', false],
    ['Yes', true],
  ],
  refused: [
    ['true', 'yes or no'],
    ['1', 'yes or no'],
  ],
} as const;
const LOG = '/var/log/audit/audit.log';
const EXECUTABLE = { kind: 'exec', path: '/sbin/mode750' } as const;
const MODES = 'an executable of mode 0750, 0755, 0555 or 0550, not';
const EXEC_REFUSED = [
  ['exec', 'the path of an executable after exec'],
  ['exec bin/x', 'an absolute path after exec'],
  ['exec /sbin/none', 'an executable that exists (No such file or directory)'],
  ['exec /sbin/device', 'a regular file after exec'],
  ['exec /sbin/foreign', 'an executable with owner root, not uid 1000'],
  ['exec /sbin/mode700', `${MODES} 0700`],
  ['exec /sbin/mode777', `${MODES} 0777`],
  ['exec /sbin/mode754', `${MODES} 0754`],
] as const;
const EXEC_ACCEPTED = [
  ['exec /sbin/mode750', EXECUTABLE],
  ['EXEC /sbin/mode755', { kind: 'exec', path: '/sbin/mode755' }],
  ['exec /sbin/mode555', { kind: 'exec', path: '/sbin/mode555' }],
  ['exec /sbin/mode550', { kind: 'exec', path: '/sbin/mode550' }],
  ['exec /sbin/mode4755', { kind: 'exec', path: '/sbin/mode4755' }],
] as const;
const kinds = <const Kind extends string>(...names: Kind[]) =>
  names.flatMap(kind => [[kind, { kind }] as const, [kind.toUpperCase(), { kind }] as const]);
const SPACE_KINDS = kinds('ignore', 'syslog', 'rotate', 'email', 'suspend', 'single');
const SPACE_WORDS = 'ignore, syslog, rotate, email, exec PATH, suspend';
const INTEGERS = [
  ['-1', null],
  ['1.5', null],
  ['0x10', null],
  ['abc', null],
  ['2147483648', null],
  ['99999999999999999999999', null],
] as const;
const refusedAs = (expected: string, ...values: string[]) => values.map(value => [value, expected] as const);
const integers = (expected: string) => INTEGERS.map(([value]) => [value, expected] as const);
const WORD = [['Some.Word', 'Some.Word']] as const;
const THRESHOLD = 'megabytes, or 0% to 99%';
const SPAN = 'a number of seconds, or of another unit as in 5m (s, m, h, d, M for 30 days), at most 40d';
const PORTS = 'a port from 0 to 65535, or two as in 1-1023, the lower one first';
const DAY = 86400;

const cases: { readonly [P in keyof AuditdConfig]: KeyCases<AuditdConfig[P]> } = {
  receivesLocalEvents: { absent: true, ...YES_NO },
  writesLogs: { absent: true, ...YES_NO },
  logFile: {
    absent: LOG,
    accepted: [
      [LOG, LOG],
      ['/var/log/audit/new', '/var/log/audit/new'],
      ['/var/x', '/var/x'],
      ['logs/x', 'logs/x'],
    ],
    refused: [
      ['audit.log', 'a directory of at least 4 characters before the file name'],
      ['/audit.log', 'a directory of at least 4 characters before the file name'],
      ['/va/audit.log', 'a directory of at least 4 characters before the file name'],
      ['/nowhere/audit.log', 'a directory that opens (/nowhere: No such file or directory)'],
      ['/secret/audit.log', 'a directory that opens (/secret: Permission denied)'],
      ['/var/log/audit/locked', 'a file that opens (Permission denied)'],
      ['/var/log/audit/device', 'a regular file'],
      ['/var/log/audit/foreign', 'a file with owner root, not uid 1000'],
    ],
  },
  logFormat: {
    absent: 'enriched',
    accepted: [
      ['raw', 'raw'],
      ['ENRICHED', 'enriched'],
      ['NoLog', 'nolog'],
    ],
    refused: [['text', 'raw, enriched or nolog']],
  },
  logGroupId: {
    absent: 0,
    accepted: [
      ['root', 0],
      ['adm', 4],
      ['0', 0],
      ['1000', 1000],
      ['4294967294', 4294967294],
    ],
    refused: refusedAs('the name or the number of a group', 'nogroup', '4294967295', '99999999999999999999', '4x'),
  },
  flush: {
    absent: 'none',
    accepted: [
      ['none', 'none'],
      ['INCREMENTAL', 'incremental'],
      ['incremental_async', 'incremental_async'],
      ['data', 'data'],
      ['Sync', 'sync'],
    ],
    refused: [['async', 'none, incremental, incremental_async, data or sync']],
  },
  flushEveryRecords: {
    absent: 0,
    accepted: [
      ['0', 0],
      ['050', 50],
      ['2147483647', 2147483647],
    ],
    refused: integers('0 to 2147483647 records'),
  },
  numLogs: {
    absent: 0,
    accepted: [
      ['0', 0],
      ['999', 999],
    ],
    refused: [...integers('0 to 999'), ['1000', '0 to 999']],
  },
  nameFormat: {
    absent: 'none',
    accepted: [
      ['NONE', 'none'],
      ['hostname', 'hostname'],
      ['fqd', 'fqd'],
      ['Numeric', 'numeric'],
      ['user', 'user'],
    ],
    refused: [['fqdn', 'none, hostname, fqd, numeric or user']],
  },
  nodeName: { absent: null, accepted: WORD, refused: [['two words', 'one word as the value']] },
  maxLogFileMegabytes: {
    absent: 0,
    accepted: [
      ['0', 0],
      ['8', 8],
      ['4000000000', 4000000000],
    ],
    refused: refusedAs('an integer of megabytes of at least 0', '-1', '8M', '18446744073709551616'),
  },
  maxLogFileAction: {
    absent: { kind: 'ignore' },
    accepted: [...kinds('ignore', 'syslog', 'suspend', 'rotate', 'keep_logs'), ...EXEC_ACCEPTED],
    refused: [
      ...EXEC_REFUSED,
      ...refusedAs('ignore, syslog, suspend, rotate, keep_logs or exec PATH', 'email', 'halt'),
    ],
  },
  spaceLeft: {
    absent: { kind: 'megabytes', value: 0 },
    accepted: [
      ['75', { kind: 'megabytes', value: 75 }],
      ['25%', { kind: 'percent', value: 25 }],
      ['0%', { kind: 'percent', value: 0 }],
      ['99%', { kind: 'percent', value: 99 }],
    ],
    refused: refusedAs(THRESHOLD, '-3', '100%', '5%%', '%5', '%', '75M', '18446744073709551616'),
  },
  spaceLeftAction: {
    absent: { kind: 'ignore' },
    accepted: [...SPACE_KINDS, ...EXEC_ACCEPTED],
    refused: [...EXEC_REFUSED, ...refusedAs(`${SPACE_WORDS} or single`, 'halt', 'keep_logs')],
  },
  adminSpaceLeft: {
    absent: { kind: 'megabytes', value: 0 },
    accepted: [
      ['0', { kind: 'megabytes', value: 0 }],
      ['50', { kind: 'megabytes', value: 50 }],
      ['1%', { kind: 'percent', value: 1 }],
    ],
    refused: refusedAs(THRESHOLD, 'x', '100%'),
  },
  adminSpaceLeftAction: {
    absent: { kind: 'ignore' },
    accepted: [...SPACE_KINDS, ...kinds('halt'), ...EXEC_ACCEPTED],
    refused: [...EXEC_REFUSED, ...refusedAs(`${SPACE_WORDS}, single or halt`, 'reboot')],
  },
  diskFullAction: {
    absent: { kind: 'ignore' },
    accepted: [...kinds('ignore', 'syslog', 'rotate', 'suspend', 'single', 'halt'), ...EXEC_ACCEPTED],
    refused: [...EXEC_REFUSED, ...refusedAs('ignore, syslog, rotate, exec PATH, suspend, single or halt', 'email')],
  },
  diskErrorAction: {
    absent: { kind: 'syslog' },
    accepted: [...kinds('ignore', 'syslog', 'suspend', 'single', 'halt'), ...EXEC_ACCEPTED],
    refused: [...EXEC_REFUSED, ...refusedAs('ignore, syslog, exec PATH, suspend, single or halt', 'email', 'rotate')],
  },
  verifiesEmail: { absent: true, ...YES_NO },
  actionMailAccount: {
    absent: 'root',
    accepted: [
      ['root', 'root'],
      ['a.b-c_d+e@example.com', 'a.b-c_d+e@example.com'],
      ['me', 'me'],
    ],
    refused: [
      ['r', 'an address of at least 2 characters'],
      ['ro!ot', 'an address of letters, digits and @ . - _ + alone'],
      ['rööt', 'an address of letters, digits and @ . - _ + alone'],
      ['a.b@localhost', 'a dot after the @ of the address'],
      ['root@localhost', 'a dot after the @ of the address'],
    ],
  },
  priorityBoost: {
    absent: 4,
    accepted: [
      ['0', 0],
      ['2147483647', 2147483647],
    ],
    refused: integers('0 to 2147483647'),
  },
  reportIntervalSeconds: {
    absent: 0,
    accepted: [
      ['0', 0],
      ['90', 90],
      ['90s', 90],
      ['5m', 300],
      ['6h', 21600],
      ['+5', 5],
      ['40d', 40 * DAY],
      ['1M', 30 * DAY],
    ],
    refused: refusedAs(SPAN, '-5', '5x', '5mm', '5w', 'm', '41d', '3456001', '2M', '99999999999999999999'),
  },
  tcpListenPort: {
    absent: null,
    accepted: [
      ['1', 1],
      ['65535', 65535],
    ],
    refused: [...integers('1 to 65535'), ...refusedAs('1 to 65535', '0', '65536')],
  },
  tcpListenQueue: {
    absent: 5,
    accepted: [
      ['1', 1],
      ['65535', 65535],
    ],
    refused: refusedAs('1 to 65535', '0', '65536', 'x'),
  },
  tcpMaxPerAddress: {
    absent: 1,
    accepted: [
      ['1', 1],
      ['1024', 1024],
    ],
    refused: refusedAs('1 to 1024', '0', '1025', 'x'),
  },
  usesLibwrap: { absent: true, ...YES_NO },
  tcpClientPorts: {
    absent: { first: 0, last: 65535 },
    accepted: [
      ['60', { first: 60, last: 60 }],
      ['1-1023', { first: 1, last: 1023 }],
      ['0-65535', { first: 0, last: 65535 }],
    ],
    refused: refusedAs(PORTS, '65536', '1-65536', '9-8', '1-2-3', '-5', '5-', '-', 'a-b'),
  },
  tcpClientMaxIdleSeconds: {
    absent: 0,
    accepted: [
      ['0', 0],
      ['60', 60],
    ],
    refused: integers('0 to 2147483647 seconds'),
  },
  transport: {
    absent: 'tcp',
    accepted: [
      ['TCP', 'tcp'],
      ['tls', 'tls'],
      ['Krb5', 'krb5'],
    ],
    refused: [['udp', 'tcp, tls or krb5 in this build']],
  },
  enablesKrb5: { absent: false, ...YES_NO },
  krb5Principal: { absent: 'auditd', accepted: WORD, refused: [['two words', 'one word as the value']] },
  krb5KeyFile: { absent: '/etc/audit/audit.key', accepted: [['/k', '/k']], refused: [] },
  tlsAuth: { absent: 'psk', accepted: [['PSK', 'psk']], refused: [['cert', 'psk']] },
  tlsCryptoProfile: {
    absent: 'compatible',
    accepted: [
      ['compatible', 'compatible'],
      ['System', 'system'],
      ['pqc', 'pqc'],
    ],
    refused: [['fips', 'compatible, system or pqc']],
  },
  tlsPskFile: { absent: null, accepted: [['/k', '/k']], refused: [['k', 'an absolute path']] },
  tlsPskIdentity: { absent: null, accepted: WORD, refused: [['two words', 'one word as the value']] },
  tlsAllowedClientsFile: { absent: null, accepted: [['/k', '/k']], refused: [['k', 'an absolute path']] },
  tlsCipherSuites: { absent: null, accepted: WORD, refused: [] },
  tlsKeyExchange: { absent: null, accepted: WORD, refused: [] },
  tlsRequiresPostQuantum: { absent: false, ...YES_NO },
  distributesNetworkEvents: { absent: false, ...YES_NO },
  pluginBacklogEvents: {
    absent: 2000,
    accepted: [
      ['512', 512],
      ['1', 1],
      ['99999', 99999],
    ],
    refused: refusedAs('1 to 99999 events', '0', '100000', 'x'),
  },
  overflowAction: {
    absent: { kind: 'syslog' },
    accepted: kinds('ignore', 'syslog', 'suspend', 'single', 'halt'),
    refused: [
      ...refusedAs('ignore, syslog, suspend, single or halt', 'rotate', 'email', 'exec'),
      ['exec /sbin/mode750', 'one word as the value'],
    ],
  },
  maxRestarts: {
    absent: 10,
    accepted: [
      ['0', 0],
      ['10', 10],
    ],
    refused: integers('0 to 2147483647'),
  },
  pluginDirectory: {
    absent: '/etc/audit/plugins.d/',
    accepted: [
      ['/a/b', '/a/b/'],
      ['/a/b/', '/a/b/'],
    ],
    refused: [['/a b', 'one word as the value']],
  },
  endOfEventTimeoutSeconds: {
    absent: 2,
    accepted: [
      ['0', 0],
      ['5', 5],
    ],
    refused: refusedAs('an integer of seconds of at least 0', '-1', '2s'),
  },
};

for (const property of Object.keys(cases) as (keyof AuditdConfig)[]) {
  const { name } = auditdConfKeys[property];
  const { absent, accepted, refused } = cases[property];
  t.test(`${name} has a value when it is absent`, async t => {
    t.strictSame(builtInConfig()[property], absent);
  });
  for (const [text, value] of accepted) {
    t.test(`${name} = ${text} is accepted`, async t => {
      // What the sanity checks compare with other keys has tests of its own below.
      const others = `${property === 'spaceLeft' ? '' : SPACE}freq = 1\nlog_group = root\ntls_psk_file = /k\ntls_psk_identity = i\n`;
      const loaded = parse(`${others}${name.toUpperCase()} = ${text}\n${text === '0' ? 'space_left = 75\n' : ''}`, ALL);
      t.strictSame(
        loaded.faults.filter(fault => fault.severity === 'fatal'),
        [],
      );
      t.strictSame(loaded.kind === 'loaded' && loaded.config[property], value);
    });
  }
  for (const [text, expected] of refused) {
    t.test(`${name} = ${text} is refused`, async t => {
      const loaded = parse(`${SPACE}\n${name} = ${text}\n`, ALL);
      t.equal(loaded.kind, 'refused');
      t.strictSame(messages(loaded.faults), [
        `fatal auditd.conf:4: ${name} = ${JSON.stringify(text)}: expected ${expected}`,
      ]);
    });
  }
}

// --- faults that do not cost the value ---

const reported: readonly (readonly [text: string, faults: readonly string[]])[] = [
  [
    'dispatcher = /sbin/audispd',
    ['warning auditd.conf:3: dispatcher = "/sbin/audispd": expected no such key: it is deprecated and has no effect'],
  ],
  [
    'DISP_QOS = lossy',
    ['warning auditd.conf:3: DISP_QOS = "lossy": expected no such key: it is deprecated and has no effect'],
  ],
  ['q_depth = 511', ['warning auditd.conf:3: q_depth = "511": expected 512 or more, for a safety margin']],
  ['q_depth = 512', []],
  ['report_interval = 21600', []],
  [
    'report_interval = 21601',
    [
      'warning auditd.conf:3: report_interval = "21601": expected at most 6h: a longer interval makes for stale reports',
    ],
  ],
  [
    'log_format = nolog',
    [
      'warning auditd.conf:3: log_format = "nolog": expected raw or enriched: nolog is deprecated, write_logs = no does the same',
      'warning auditd.conf:3: log_format = "nolog": expected write_logs = no before it: nolog overrides write_logs = yes',
    ],
  ],
  [
    'write_logs = no\nlog_format = nolog',
    [
      'warning auditd.conf:4: log_format = "nolog": expected raw or enriched: nolog is deprecated, write_logs = no does the same',
    ],
  ],
  [
    'space_left_action = suspend /sbin/x',
    [
      'warning auditd.conf:3: space_left_action = "suspend /sbin/x": expected nothing after suspend: only exec takes a path',
    ],
  ],
  [
    'space_left_action = exec /sbin/mode750 a b',
    ['err auditd.conf:3: space_left_action = "exec /sbin/mode750 a b": expected at most one word after the value'],
  ],
  [
    `# ${'x'.repeat(600)}\nnum_logs = 1000000`,
    [
      'err auditd.conf:3: expected at most 511 bytes in a line; this one is left out',
      'fatal auditd.conf:4: num_logs = "1000000": expected 0 to 999',
    ],
  ],
  ['log_file = /var/log/audit/mode640', []],
  ['log_file = /var/log/audit/mode600', []],
  ...['700', '620', '610', '604', '602', '601'].map(
    mode =>
      [
        `log_file = /var/log/audit/mode${mode}`,
        [
          `warning auditd.conf:3: log_file = "/var/log/audit/mode${mode}": expected a file of mode 0600 or 0640, not 0${mode}`,
        ],
      ] as const,
  ),
  [
    'log_file = /var/log/audit/readonly',
    ['warning auditd.conf:3: log_file = "/var/log/audit/readonly": expected a file its owner may write, not mode 0400'],
  ],
];
for (const [text, faults] of reported) {
  t.test(`${JSON.stringify(text.slice(0, 60))} reports ${faults.length} faults`, async t => {
    t.strictSame(messages(parse(`${SPACE}${text}\n`).faults), faults);
  });
}

t.test('The email action without a mailer is reported, and not fatal', async t => {
  const loaded = parse(`${SPACE}space_left_action = email\n`, ['tcp'], { ...facts, isExecutable: () => false });
  t.equal(loaded.kind, 'loaded');
  t.strictSame(messages(loaded.faults), [
    'err auditd.conf:3: space_left_action = "email": expected an executable /usr/lib/sendmail for the email action',
  ]);
});

// --- lines that act on other keys ---

const configOf = (text: string, transports?: readonly Transport[]) => {
  const loaded = parse(`${SPACE}${text}`, transports);
  return loaded.kind === 'loaded' ? loaded.config : t.fail(messages(loaded.faults).join('\n'));
};

t.test('log_format = nolog turns writing off, and a later write_logs = yes on again', async t => {
  t.match(configOf('log_format = nolog\n'), { writesLogs: false, logFormat: 'nolog' });
  t.match(configOf('log_format = nolog\nwrite_logs = yes\n'), { writesLogs: true, logFormat: 'nolog' });
});

t.test('verify_email = no affects the action_mail_acct lines after it', async t => {
  t.match(configOf('verify_email = no\naction_mail_acct = !\n'), { actionMailAccount: '!' });
  t.equal(parse(`${SPACE}action_mail_acct = !\nverify_email = no\n`).kind, 'refused');
});

t.test('enable_krb5 = yes overrides a transport before it, where Kerberos is built in', async t => {
  t.match(configOf('transport = tcp\nenable_krb5 = yes\n', ALL), { transport: 'krb5' });
  t.match(configOf('enable_krb5 = yes\ntransport = tcp\n', ALL), { transport: 'tcp' });
  t.match(configOf('enable_krb5 = yes\n', ['tcp']), { transport: 'tcp' });
});

t.test('tls_require_pqc = yes sets the profile, and no changes nothing', async t => {
  t.match(configOf('tls_require_pqc = yes\n', ALL), { tlsCryptoProfile: 'pqc' });
  t.match(configOf('tls_crypto_profile = system\ntls_require_pqc = no\n', ALL), { tlsCryptoProfile: 'system' });
});

t.test('The last of two lines with the same key counts', async t => {
  t.match(configOf('num_logs = 3\nNUM_LOGS = 4\n'), { numLogs: 4 });
});

t.test('The transports of this build are tcp and tls, and Kerberos is refused where it would be used', async t => {
  const built = (text: string) =>
    messages(parseAuditdConfig(Buffer.from(`${SPACE}${text}`), 'auditd.conf', { facts }).faults);
  t.strictSame(built('transport = tls\ntls_psk_file = /k\ntls_psk_identity = i\n'), []);
  t.strictSame(built('transport = krb5\n'), [
    'fatal auditd.conf:3: transport = "krb5": expected tcp or tls in this build',
  ]);
  t.strictSame(built('enable_krb5 = yes\ntcp_listen_port = 60\n'), [
    'fatal auditd.conf:3: enable_krb5 = "yes": expected no: this build has no Kerberos; transport = tls encrypts, and krb5 clients cannot connect',
  ]);
  t.strictSame(built('enable_krb5 = yes\n'), []);
});

t.test(
  'A build without TLS and Kerberos refuses the transports, and keeps nothing from starting for their keys',
  async t => {
    t.strictSame(messages(parse(`${SPACE}transport = tls\ntransport = krb5\n`).faults), [
      'fatal auditd.conf:3: transport = "tls": expected tcp in this build',
      'fatal auditd.conf:4: transport = "krb5": expected tcp in this build',
    ]);
    const loaded = parse(
      `${SPACE}tls_auth = cert\ntls_require_pqc = yes\ntls_crypto_profile = system\nenable_krb5 = 1\n`,
    );
    t.equal(loaded.kind, 'loaded');
    t.strictSame(messages(loaded.faults), [
      'err auditd.conf:3: tls_auth = "cert": expected psk',
      'err auditd.conf:6: enable_krb5 = "1": expected yes or no',
    ]);
  },
);

// --- 2.2: lines ---

const lines: readonly (readonly [text: string, fault: string])[] = [
  ['frobnicate = 1', 'auditd.conf:3: frobnicate = "1": expected a key that auditd.conf(5) names'],
  ['__proto__ = 1', 'auditd.conf:3: __proto__ = "1": expected a key that auditd.conf(5) names'],
  ['num_logs', 'auditd.conf:3: "num_logs": expected key = value'],
  ['num_logs =', 'auditd.conf:3: "num_logs =": expected a value after "num_logs ="'],
  ['num_logs 5', 'auditd.conf:3: "num_logs 5": expected key = value'],
  ['num_logs=5', 'auditd.conf:3: "num_logs=5": expected key = value, with a space on both sides of the equal sign'],
  ['num_logs\t=\t5', 'auditd.conf:3: "num_logs\\t=\\t5": expected key = value, separated by spaces and not by tabs'],
  ['num_logs = 5\r', 'auditd.conf:3: num_logs = "5\\r": expected 0 to 999'],
  ['num_logs = 5 # five', 'auditd.conf:3: num_logs = "5 # five": expected one word as the value'],
];
for (const [text, fault] of lines) {
  t.test(`${JSON.stringify(text)} is refused`, async t => {
    t.ok(messages(parse(`${SPACE}${text}\n`).faults).includes(`fatal ${fault}`));
    t.equal(parse(`${SPACE}${text}\n`).kind, 'refused');
  });
}

t.test('A last line without newline is honoured', async t => {
  t.match(configOf('num_logs = 7'), { numLogs: 7 });
});

t.test('All faults of a file are reported, with exit code 6', async t => {
  const loaded = parse('space_left = x\nnonsense\nflush = y\nfreq = 1\n');
  t.match(loaded, { kind: 'refused', exitCode: 6 });
  t.strictSame(
    loaded.faults.map(fault => fault.error.line),
    [1, 2, 3],
  );
});

// --- 2.4: checks between keys ---

const sanity: readonly (readonly [name: string, text: string, faults: readonly string[]])[] = [
  [
    'a file that sets neither threshold',
    'num_logs = 5',
    ['fatal auditd.conf: space_left: expected more megabytes than admin_space_left has (0 and 0)'],
  ],
  [
    'a file of comments alone',
    '# nothing',
    ['fatal auditd.conf: space_left: expected more megabytes than admin_space_left has (0 and 0)'],
  ],
  [
    'space_left equal to admin_space_left',
    'admin_space_left = 50\nspace_left = 50',
    ['fatal auditd.conf:2: space_left = "50": expected more megabytes than admin_space_left has (50 and 50)'],
  ],
  [
    'space_left below admin_space_left',
    'admin_space_left = 50\nspace_left = 49',
    ['fatal auditd.conf:2: space_left = "49": expected more megabytes than admin_space_left has (49 and 50)'],
  ],
  ['space_left above admin_space_left', 'admin_space_left = 50\nspace_left = 51', []],
  ['space_left as a percentage', 'admin_space_left = 50\nspace_left = 1%', []],
  ['admin_space_left as a percentage', 'admin_space_left = 50%\nspace_left = 1', []],
  [
    'incremental without freq',
    `${SPACE}flush = incremental`,
    ['fatal auditd.conf: freq: expected 1 or more when flush is incremental'],
  ],
  [
    'incremental_async with freq 0',
    `${SPACE}flush = incremental_async\nfreq = 0`,
    ['fatal auditd.conf:4: freq = "0": expected 1 or more when flush is incremental_async'],
  ],
  ['none without freq', `${SPACE}flush = none`, []],
  [
    'log_group with the log in /var/log',
    `${SPACE}log_group = adm\nlog_file = /var/log/x`,
    [
      'fatal auditd.conf:4: log_file = "/var/log/x": expected a directory of its own: with log_group its permissions change, and /var/log belongs to the system',
    ],
  ],
  ['root as log_group with the log in /var/log', `${SPACE}log_group = root\nlog_file = /var/log/x`, []],
  [
    'data with freq',
    `${SPACE}flush = data\nfreq = 1`,
    ['warning auditd.conf:4: freq = "1": expected 0 when flush is data'],
  ],
  [
    'sync with freq',
    `${SPACE}flush = sync\nfreq = 1`,
    ['warning auditd.conf:4: freq = "1": expected 0 when flush is sync'],
  ],
  [
    'tls without key and list',
    `${SPACE}transport = tls`,
    ['fatal auditd.conf:3: transport = "tls": expected tls_psk_file or tls_allowed_clients with transport tls'],
  ],
  [
    'tls with a key for nobody',
    `${SPACE}transport = tls\ntls_psk_file = /k`,
    ['fatal auditd.conf:4: tls_psk_file = "/k": expected tls_psk_identity or tls_allowed_clients beside it'],
  ],
  ['tls with a key and an identity', `${SPACE}transport = tls\ntls_psk_file = /k\ntls_psk_identity = i`, []],
  ['tls with a key and a list', `${SPACE}transport = tls\ntls_psk_file = /k\ntls_allowed_clients = /l`, []],
  [
    'tls with a list alone',
    `${SPACE}transport = tls\ntls_allowed_clients = /l`,
    [
      'notice auditd.conf:4: tls_allowed_clients = "/l": expected a key= entry for every identity in it, as tls_psk_file is not set',
    ],
  ],
  ['tls keys with transport tcp', `${SPACE}tls_psk_file = /k`, []],
  [
    'tls_require_pqc before another profile',
    `${SPACE}tls_require_pqc = yes\ntls_crypto_profile = system`,
    [
      'fatal auditd.conf:3: tls_require_pqc = "yes": expected tls_crypto_profile = pqc, which is what to use in place of this key',
    ],
  ],
  ['tls_require_pqc after another profile', `${SPACE}tls_crypto_profile = system\ntls_require_pqc = yes`, []],
  [
    'several at once, in order',
    'flush = sync\nfreq = 1\nlog_group = adm\nlog_file = /var/log//x',
    [
      'fatal auditd.conf: space_left: expected more megabytes than admin_space_left has (0 and 0)',
      'fatal auditd.conf:4: log_file = "/var/log//x": expected a directory of its own: with log_group its permissions change, and /var/log belongs to the system',
      'warning auditd.conf:2: freq = "1": expected 0 when flush is sync',
    ],
  ],
  ['a refused value', 'space_left = 7x', ['fatal auditd.conf:1: space_left = "7x": expected megabytes, or 0% to 99%']],
];
for (const [name, text, faults] of sanity) {
  t.test(`Sanity of ${name}`, async t => t.strictSame(messages(parse(`${text}\n`, ALL).faults), faults));
}

t.test('A fault that a later line corrects is still reported', async t => {
  t.strictSame(messages(parse('space_left = x\nspace_left = 5\nadmin_space_left = 6\n').faults).length, 2);
});

t.test('An empty file gives the built-in defaults unchecked', async t => {
  t.strictSame(parse(''), { kind: 'loaded', config: builtInConfig(), faults: [] });
});

// --- 2.1: the file ---

t.test('A missing file is a warning, and gives the built-in defaults unchecked', async t => {
  const loaded = loadAuditdConfig('/etc/audit/auditd.conf', { allowsLinks: false, facts });
  t.match(loaded, { kind: 'loaded', config: builtInConfig() });
  t.strictSame(messages(loaded.faults), [
    'warning /etc/audit/auditd.conf: expected the file to exist; the built-in defaults are used',
  ]);
});

t.test('A file that cannot be trusted is refused with exit code 6', async t => {
  const loaded = loadAuditdConfig('/var/log/audit/foreign', { allowsLinks: false, facts });
  t.match(loaded, { kind: 'refused', exitCode: 6, faults: [{ severity: 'fatal' }] });
});

t.test('A file is read from its descriptor', async t => {
  const open: SystemFacts['open'] = () => ({
    stat: () => file(0o640),
    read: () => Buffer.from(`${SPACE}num_logs = 3\n`),
    close: () => undefined,
  });
  t.match(loadAuditdConfig('/c', { allowsLinks: false, facts: { ...facts, open } }), { config: { numLogs: 3 } });
});

t.test('A configuration cannot be changed', async t => {
  t.throws(() => Object.assign(configOf(''), { numLogs: 3 }), TypeError);
});

// --- hostile files ---

t.test('A file is given up after a hundred fatal faults', async t => {
  const { kind, faults } = parse('nonsense\n'.repeat(100_000));
  t.equal(kind, 'refused');
  t.equal(faults.length, MAX_FAULTS + 1);
  t.match(faults.at(-1)?.error.message, /expected fewer than 100 such faults; the rest of the file was not read/);
});

t.test('Warnings, however many, never cost a file', async t => {
  const { kind, faults } = parse(`${SPACE}${'dispatcher = x\n'.repeat(1000)}`);
  t.equal(kind, 'loaded');
  t.equal(faults.length, 1000);
});

t.test('Random bytes and random settings never throw', async () => {
  const words = [
    ...Object.values(auditdConfKeys).map(key => key.name),
    '=',
    '=',
    '=',
    ' ',
    ' ',
    ' ',
    '\n',
    '\n',
    '#',
    '\t',
    '\r',
    '\0',
  ];
  const values = [
    'yes',
    '5',
    '-',
    '%',
    'exec',
    '/var/log/audit/audit.log',
    '/',
    'é',
    '99999999999999999999',
    '1-2',
    'root',
    '@',
    '.',
  ];
  const alphabet = [...words, ...values];
  let seed = 42;
  const random = (below: number) => {
    seed = (Math.imul(seed, 1103515245) + 12345) >>> 0;
    return (seed >>> 8) % below;
  };
  const pick = (from: readonly string[]) => from[random(from.length)] ?? '';
  for (let round = 0; round < 1000; round++) {
    parse(Array.from({ length: random(60) }, () => pick(alphabet)).join(''), ALL);
    parse(Array.from({ length: random(20) }, () => `${pick(words)} = ${pick(values)} ${pick(values)}\n`).join(''), ALL);
    parse(Uint8Array.from({ length: random(300) }, () => random(256)));
  }
});
