// Every row of the specification's tables for configuration, actions, signals, records, state and network has a test,
// named here. Where the specification is at hand its rows are compared with these, so that neither side has one more.
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import t from 'tap';
import { auditdConfKeys, deprecatedKeys } from '../src/daemon/config/auditdConfKeys.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
const SPECIFICATION = `${root}../shared/spec/auditd.md`;

/** A test file, and words that the test has in its source: its title, or the row of its table. */
type Covered = readonly [file: string, words: string];

interface SpecifiedTable {
  /** The heading it stands under. */
  readonly section: string;
  /** The first cell of its first line. */
  readonly header: string;
  /** By the first cell of each row; rows that continue the one above have an empty first cell. */
  readonly rows: Readonly<Record<string, Covered>>;
}

const policy = 'src/daemon/actions/logPolicy.test.ts';
const writer = 'src/sinks/log/logWriter.test.ts';
const space = 'src/sinks/log/spaceWatch.test.ts';
const records = 'src/pipeline/daemonRecords.test.ts';
const peers = 'src/pipeline/connectionRecords.test.ts';
const listener = 'src/daemon/listener/networkListener.test.ts';
const input = 'src/daemon/listener/clientInput.test.ts';
const tls = 'src/daemon/listener/tls.test.ts';
const state = 'src/sinks/state/stateReport.test.ts';
const signals = 'test/kernel/signals.kernel.ts';
const daemon = 'test/kernel/daemon.kernel.ts';
const config = 'src/daemon/config/loadAuditdConfig.test.ts';

const keyNames = Object.values(auditdConfKeys).map(({ name }) => name);
/** That table has a row for every key: its type says so. */
const everyKey: Covered = [config, 'is accepted'];

const tables: readonly SpecifiedTable[] = [
  {
    section: '### 2.3 Keys',
    header: 'Key',
    rows: Object.fromEntries([...keyNames, ...deprecatedKeys].map(name => [name, everyKey])),
  },
  {
    section: '### 4.4 Size check',
    header: 'Action',
    rows: {
      ignore: [writer, 'max_log_file_action ignore'],
      syslog: [writer, 'max_log_file_action syslog'],
      exec: [writer, 'max_log_file_action exec'],
      suspend: [writer, 'max_log_file_action suspend'],
      rotate: [writer, 'Rotation by size keeps every record'],
      keep_logs: [writer, 'keep_logs deletes nothing'],
    },
  },
  {
    section: '### 4.6 Free-space check',
    header: 'Order',
    rows: {
      '1': [space, 'Fewer than five free blocks are a full disk'],
      '2': [space, 'Each watermark is passed below its limit'],
      '2b': [space, 'syslog warns anew after space came back, for either watermark'],
      '3': [space, 'Both are acted upon in order'],
      '3b': [space, 'syslog warns anew after space came back, for either watermark'],
    },
  },
  {
    section: '### 4.7 Actions',
    header: 'Action',
    rows: {
      '(always first)': [policy, 'Who is logged in is warned at a low disk'],
      ignore: [policy, "action: action('ignore')"],
      syslog: [policy, "action: action('syslog')"],
      rotate: [policy, "action: action('rotate')"],
      email: [policy, "action: action('email')"],
      exec: [policy, 'action: helper'],
      'suspend (closes the log)': [policy, "action: action('suspend')"],
      single: [policy, "action: action('single')"],
      halt: [policy, "action: action('halt')"],
    },
  },
  {
    section: '### 5.2 Records',
    header: 'Type',
    rows: {
      DAEMON_START: [records, 'DAEMON_START, END and ABORT'],
      DAEMON_END: [records, 'op=terminate auid=-1'],
      DAEMON_ABORT: [records, "abortText('set-pid'"],
      DAEMON_CONFIG: [records, 'DAEMON_CONFIG, ROTATE and RESUME'],
      DAEMON_ROTATE: [records, 'op=rotate-logs auid=-1'],
      DAEMON_RESUME: [records, 'op=resume-logging auid=-1'],
      DAEMON_ACCEPT: [peers, 'Records of connections have the texts'],
      DAEMON_CLOSE: [peers, 'closeText(peer)'],
      DAEMON_ERR: [records, 'A loss names each counter'],
      'CRYPTO_SESSION, CRYPTO_KEY_USER': [peers, 'A TLS session is logged for each direction'],
    },
  },
  {
    section: '### 6.1 Signals',
    header: 'Signal',
    rows: {
      TERM: [daemon, 'ends on TERM with its sender in the log'],
      HUP: [signals, 'SIGHUP applies a changed configuration'],
      USR1: [signals, 'SIGUSR1 rotates'],
      USR2: [signals, 'SIGUSR2 resumes'],
      CONT: [daemon, 'SIGCONT writes the state report'],
      CHLD: ['test/kernel/faults.kernel.ts', 'A script that hangs holds up no record and no stop'],
      'all others': [daemon, 'SIGINT and its like are ignored'],
    },
  },
  {
    section: '### 6.2 State file',
    header: 'Line',
    rows: Object.fromEntries(
      [
        'audit version = 4.2.2',
        'current time = MM/DD/YY HH:MM:SS',
        'process priority = %d',
        'writing to logs = yes|no',
        'current log size = %llu KiB',
        'max log size = %lu KiB',
        'logs detected last rotate/shift = %u',
        'space left on partition = yes|no',
        'Logging partition free space = %llu MiB',
        'space_left setting = %lu MiB',
        'admin_space_left setting = %lu MiB',
        'logging suspended = yes|no',
        'file system space action performed = yes|no',
        'admin space action performed = yes|no',
        'disk error detected = yes|no',
        'Number of active plugins = %u',
        'current plugin queue depth = %u',
        'max plugin queue depth used = %u',
        'plugin queue size = %u',
        'plugin queue overflow detected = yes|no',
        'plugin queueing suspended = yes|no',
        'listening for network connections = yes|no',
        'active connections = %u, total connections = %u',
        'glibc arena (total memory) is: %zu KiB, was: %zu KiB',
        'glibc uordblks (in use memory) is: %zu KiB, was: %zu KiB',
        'glibc fordblks (total free space) is: %zu KiB, was: %zu KiB',
      ].map(line => [line, [state, line.replace(/ (=|is:).*/, '')]]),
    ),
  },
  {
    section: '### 9.2 Wire protocol (managed)',
    header: 'Type',
    rows: {
      MESSAGE: [input, 'Messages, heartbeats and lines are told apart'],
      HEARTBEAT: [input, 'Messages, heartbeats and lines are told apart'],
      ACK: [input, "['ack', "],
      ENDING: [input, "['ending', "],
      DISKLOW: [input, "['disk-low', "],
      DISKFULL: [input, "['disk-full', "],
      DISKERROR: [input, "['disk-error', "],
    },
  },
  {
    section: '### 9.4 DAEMON_ACCEPT records',
    header: 'Text',
    rows: {
      'addr=%s port=%u res=success': [listener, 'A client is let in'],
      'op=wrap addr=%s port=%u res=no': [listener, 'op=wrap: hosts.allow and hosts.deny'],
      'op=port …': [listener, 'op=port: a client port outside'],
      'op=dup …': [listener, 'op=dup: more than tcp_max_per_addr'],
      'op=alloc …': [listener, 'op=alloc: more connections than there is room for'],
      // Ours does not listen without one.
      'op=tls-context …': [tls, 'A TLS listener does not start on what it cannot use'],
      'op=handshake-limit …': [tls, 'handshakes at a time are refused'],
      'op=tls-accept res=%s role=collector addr=%s port=%u id=%.128s profile=%s reason=%s auth=psk tls_version=%s cipher=%s group=%s':
        [peers, 'A TLS client that got in, and one that did not'],
    },
  },
  {
    section: '### 9.6 TLS (transport = tls) [B]',
    header: 'reason=',
    rows: {
      success: [tls, 'A client with the key is let in'],
      'handshake-timeout, handshake-error, shutdown': [tls, 'reason=handshake-timeout'],
      // Cannot be: the profile offers nothing else.
      'handshake-pqc': [tls, 'the profile pqc offers MLKEM groups alone'],
      'identity-revoked': [tls, 'reason=identity-revoked'],
      'no-psk-identity': [tls, 'reason=no-psk-identity'],
      'invalid-identity, unknown-identity, disabled-identity': [tls, 'reason=disabled-identity'],
      'no-key-material, missing-per-identity-key, no-authorization, no-matching-cipher, session-alloc-failed, session-setup-failed, oom-identity, exdata-identity':
        [tls, 'reason=no-matching-cipher'],
    },
  },
  {
    section: '### 9.8 Reload of network keys',
    header: 'Change',
    rows: {
      'use_libwrap, tcp_client_ports, tcp_max_per_addr, tcp_client_max_idle, distribute_network': [
        listener,
        'Reload: tcp_max_per_addr and tcp_client_ports count',
      ],
      'port off → on': [listener, 'Reload: a port that appears is listened on'],
      'port on → off': [listener, 'TCP listener disabled; restart required'],
      'port changed': [listener, 'tcp_listen_port change requires restart'],
      'transport changed': [listener, 'Reload: another transport waits for a restart'],
      'tcp_listen_queue only': [listener, 'Reload: another tcp_listen_queue restarts the listener'],
      'any tls involved': [tls, 'TLS context not reloaded; restart auditd'],
      'ACL file': [tls, 'With a list of clients each has its key'],
    },
  },
];

for (const { section, rows } of tables) {
  t.test(`${section.slice(4)}: each row has the test that is named for it`, async t => {
    const missing = Object.entries(rows).filter(
      ([, [file, words]]) => !existsSync(`${root}${file}`) || !readFileSync(`${root}${file}`, 'utf8').includes(words),
    );
    t.strictSame(missing, []);
  });
}

const skip = existsSync(SPECIFICATION) ? false : 'needs the specification beside the repository';
t.test('The rows are those of the specification', { skip }, async t => {
  const text = readFileSync(SPECIFICATION, 'utf8').replaceAll('**', '');
  for (const { section, header, rows } of tables) {
    t.strictSame([...specifiedRows(text, section, header)].sort(), Object.keys(rows).sort(), section);
  }
});

/** First cells of the first table under a heading whose own first cell is `header`; continued rows are left out. */
function specifiedRows(text: string, section: string, header: string): Set<string> {
  const start = text.indexOf(`\n${section}`);
  const lines = start === -1 ? [] : text.slice(start + 1).split('\n');
  const from = lines.findIndex(line => firstCell(line) === header);
  const rows = new Set<string>();
  for (const line of lines.slice(from + 2)) {
    const cell = firstCell(line);
    if (from === -1 || cell === null) break;
    if (cell !== '') rows.add(cell);
  }
  return rows;
}

function firstCell(line: string): string | null {
  const cell = /^\|((?:\\\||[^|])*)\|/.exec(line)?.[1];
  if (cell === undefined) return null;
  // What follows a literal in the cell explains its condition.
  return cell.trim().replaceAll('\\|', '|').replaceAll('`', '');
}
