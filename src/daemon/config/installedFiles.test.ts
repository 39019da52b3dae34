import { readFileSync } from 'node:fs';
import t from 'tap';
import type { AuditdConfig } from './auditdConfig.ts';
import { auditdConfKeys, deprecatedKeys } from './auditdConfKeys.ts';
import { builtInConfig, parseAuditdConfig } from './loadAuditdConfig.ts';
import { parseNodeAuditdConfig } from './loadNodeAuditdConfig.ts';
import { nodeAuditdConfKeys } from './nodeAuditdConfKeys.ts';
import type { SystemFacts } from './systemFacts.ts';

// The compiled test lies four folders below the repository.
const installed = (path: string) => readFileSync(new URL(`../../../../${path}`, import.meta.url));
const [conf, nodeConf] = [installed('conf/auditd.conf'), installed('conf/node-auditd.conf')];
const manual = installed('man/auditd.conf.5').toString();
const nodeManual = installed('man/node-auditd.conf.5').toString();

/** A machine on which everything is as it should be. */
const facts: SystemFacts = {
  open: () => ({
    stat: () => ({ isRegular: true, ownerId: 0, mode: 0o600 }),
    read: () => new Uint8Array(0),
    close: () => undefined,
  }),
  stat: () => ({ isRegular: true, ownerId: 0, mode: 0o755 }),
  isExecutable: () => true,
  groupByName: name => (name === 'root' ? 0 : 4),
};

/** The packaged values, where they differ from the built-in ones. */
const packaged: Partial<AuditdConfig> = {
  flush: 'incremental_async',
  flushEveryRecords: 50,
  numLogs: 5,
  maxLogFileMegabytes: 8,
  maxLogFileAction: { kind: 'rotate' },
  spaceLeft: { kind: 'megabytes', value: 75 },
  spaceLeftAction: { kind: 'syslog' },
  adminSpaceLeft: { kind: 'megabytes', value: 50 },
  adminSpaceLeftAction: { kind: 'suspend' },
  diskFullAction: { kind: 'suspend' },
  diskErrorAction: { kind: 'suspend' },
};

t.test('conf/auditd.conf loads without a fault and holds the packaged values', async t => {
  const loaded = parseAuditdConfig(conf, 'auditd.conf', { facts });
  t.strictSame(loaded, { kind: 'loaded', config: { ...builtInConfig(), ...packaged }, faults: [] });
});

t.test('conf/auditd.conf sets every key that the packaged file sets', async t => {
  const set = [...conf.toString().matchAll(/^(\w+) = /gm)].map(match => match[1]);
  t.strictSame(
    new Set(set),
    new Set(
      `local_events write_logs log_file log_format log_group flush freq num_logs name_format max_log_file
       max_log_file_action space_left space_left_action admin_space_left admin_space_left_action disk_full_action
       disk_error_action action_mail_acct verify_email priority_boost report_interval tcp_listen_queue tcp_max_per_addr
       use_libwrap tcp_client_max_idle transport krb5_principal distribute_network q_depth overflow_action max_restarts
       plugin_dir end_of_event_timeout`.split(/\s+/),
    ),
  );
  t.equal(set.length, new Set(set).size, 'each once');
});

t.test('conf/auditd.conf suits older readers: short lines of ASCII that end in a newline', async t => {
  t.notMatch(conf.toString('latin1'), /[^\n\x20-\x7e]/);
  t.ok(conf.toString().endsWith('\n'));
  for (const line of conf.toString().split('\n')) t.ok(line.length < 160);
});

t.test('A Debian file, with its group and its commented keys, loads as it is', async t => {
  const debian = `#
# This file controls the configuration of the audit daemon
#

local_events = yes
write_logs = yes
log_file = /var/log/audit/audit.log
log_group = adm
log_format = ENRICHED
flush = INCREMENTAL_ASYNC
freq = 50
max_log_file = 8
num_logs = 5
priority_boost = 4
name_format = NONE
##name = mydomain
max_log_file_action = ROTATE
space_left = 75
space_left_action = SYSLOG
verify_email = yes
action_mail_acct = root
admin_space_left = 50
admin_space_left_action = SUSPEND
disk_full_action = SUSPEND
disk_error_action = SUSPEND
use_libwrap = yes
##tcp_listen_port = 60
tcp_listen_queue = 5
tcp_max_per_addr = 1
##tcp_client_ports = 1024-65535
tcp_client_max_idle = 0
transport = TCP
krb5_principal = auditd
##krb5_key_file = /etc/audit/audit.key
distribute_network = no
q_depth = 2000
overflow_action = SYSLOG
max_restarts = 10
plugin_dir = /etc/audit/plugins.d
end_of_event_timeout = 2
`;
  const loaded = parseAuditdConfig(Buffer.from(debian), 'auditd.conf', { facts });
  t.strictSame(loaded, { kind: 'loaded', config: { ...builtInConfig(), ...packaged, logGroupId: 4 }, faults: [] });
});

// --- man/auditd.conf.5 ---

const properties = Object.keys(auditdConfKeys) as (keyof AuditdConfig)[];

/** The entry of each key, up to the next key's. */
function entriesOf(page: string, keys: readonly string[]): Map<string, string> {
  const starts = [...page.matchAll(/^\.It Cm (\S+)$/gm)].filter(match => keys.includes(match[1] ?? ''));
  return new Map(starts.map((match, index) => [match[1] ?? '', page.slice(match.index, starts[index + 1]?.index)]));
}

function absentText(value: AuditdConfig[keyof AuditdConfig]): string {
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  if (typeof value === 'number') return String(value);
  if (typeof value === 'string') return value.replace(/\/$/, '');
  if (value === null) return '';
  if ('first' in value) return `${value.first}-${value.last}`;
  return 'value' in value ? String(value.value) : value.kind;
}

t.test('man/auditd.conf.5 has every key, with the value it has when absent', async t => {
  const entries = entriesOf(
    manual,
    properties.map(property => auditdConfKeys[property].name),
  );
  for (const property of properties) {
    const { name, absent } = auditdConfKeys[property];
    const text = property === 'logGroupId' ? 'root' : absentText(absent);
    t.match(entries.get(name)?.replaceAll('\n', ' '), `Absent: ${text}`, name);
  }
  for (const name of deprecatedKeys) t.match(manual, `.It Cm ${name}\n`);
});

// --- node-auditd.conf and its page ---

t.test('conf/node-auditd.conf and man/node-auditd.conf.5 say of every key what the table says', async t => {
  const keys = Object.values(nodeAuditdConfKeys);
  const sections = [...new Set(keys.map(({ section }) => section))];
  t.strictSame(
    [...nodeConf.toString().matchAll(/^\[(.*)\]$/gm)].map(match => match[1]),
    sections,
  );
  t.strictSame(
    [...nodeManual.matchAll(/^\.Ss (.*)$/gm)].map(match => match[1]),
    sections,
  );
  t.strictSame(
    [...nodeConf.toString().matchAll(/^(\w+) = (\S+)$/gm)].map(match => `${match[1]} ${match[2]}`),
    keys.map(({ key, absentText }) => `${key} ${absentText}`),
  );
  const entries = entriesOf(
    nodeManual,
    keys.map(({ key }) => key),
  );
  t.equal(entries.size, keys.length);
  const flow = (text: string) => text.replaceAll(/\n(# )?/g, ' ');
  for (const { key, purpose, accepts, absentText } of keys) {
    t.match(flow(nodeConf.toString()), purpose);
    const entry = flow(entries.get(key) ?? '');
    for (const said of [purpose, `Accepted: ${accepts}.`, `Default: ${absentText}.`]) t.match(entry, said);
  }
});

t.test('conf/node-auditd.conf loads without a fault and changes nothing', async t => {
  t.strictSame(parseNodeAuditdConfig(nodeConf, 'node-auditd.conf'), parseNodeAuditdConfig(new Uint8Array(0), 'empty'));
});
