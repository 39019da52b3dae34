import type { Action, AuditdConfig, Transport } from './auditdConfig.ts';
import {
  absolutePath,
  action,
  backlogEvents,
  directoryPath,
  groupId,
  INT_MAX,
  integer,
  logFile,
  mailAccount,
  NO_LIMIT,
  oneOf,
  portRange,
  type ReadContext,
  type Reader,
  spaceThreshold,
  timeSpanSeconds,
  transport,
  word,
  yesNo,
} from './valueReaders.ts';

export interface ConfigKey<T> {
  /** As auditd.conf spells it, in any case. */
  readonly name: string;
  readonly read: Reader<T>;
  /** The value when the file does not have the key. The packaged file has other values for many. */
  readonly absent: T;
  /** Whether a word may follow the value: the path after `exec`. */
  readonly takesOption: boolean;
  /** The transport that gives the key a meaning. In a build without it, a bad value is reported and not fatal. */
  readonly needs: Transport | null;
  /** What the value sets besides its own property. */
  readonly alsoSets: (value: T, context: ReadContext) => Partial<AuditdConfig>;
}

/** Every key of auditd.conf, in the order of its manual page. */
// biome-ignore format: a table
export const auditdConfKeys: { readonly [P in keyof AuditdConfig]: ConfigKey<AuditdConfig[P]> } = {
  // property                 name                       accepts                                  when absent
  receivesLocalEvents:       key('local_events',         yesNo,                                   true),
  writesLogs:                key('write_logs',           yesNo,                                   true),
  logFile:                   key('log_file',             logFile,                                 '/var/log/audit/audit.log'),
  logFormat:                 key('log_format',           oneOf('raw', 'enriched', 'nolog'),       'enriched', { alsoSets: noLogs }),
  logGroupId:                key('log_group',            groupId,                                 0),
  flush:                     key('flush',
                                 oneOf('none', 'incremental', 'incremental_async', 'data', 'sync'), 'none'),
  flushEveryRecords:         key('freq',                 integer(0, INT_MAX, ' records'),         0),
  numLogs:                   key('num_logs',             integer(0, 999),                         0),
  nameFormat:                key('name_format',
                                 oneOf('none', 'hostname', 'fqd', 'numeric', 'user'), 'none'),
  nodeName:                  key('name',                 word,                                    null),
  maxLogFileMegabytes:       key('max_log_file',         integer(0, NO_LIMIT, ' of megabytes'),   0),
  maxLogFileAction:          actionKey('max_log_file_action',
                                 ['ignore', 'syslog', 'suspend', 'rotate', 'keep_logs', 'exec'], { kind: 'ignore' }),
  spaceLeft:                 key('space_left',           spaceThreshold,                          { kind: 'megabytes', value: 0 }),
  spaceLeftAction:           actionKey('space_left_action',
                                 ['ignore', 'syslog', 'rotate', 'email', 'exec', 'suspend', 'single'], { kind: 'ignore' }),
  adminSpaceLeft:            key('admin_space_left',     spaceThreshold,                          { kind: 'megabytes', value: 0 }),
  adminSpaceLeftAction:      actionKey('admin_space_left_action',
                                 ['ignore', 'syslog', 'rotate', 'email', 'exec', 'suspend', 'single', 'halt'], { kind: 'ignore' }),
  diskFullAction:            actionKey('disk_full_action',
                                 ['ignore', 'syslog', 'rotate', 'exec', 'suspend', 'single', 'halt'], { kind: 'ignore' }),
  diskErrorAction:           actionKey('disk_error_action',
                                 ['ignore', 'syslog', 'exec', 'suspend', 'single', 'halt'], { kind: 'syslog' }),
  verifiesEmail:             key('verify_email',         yesNo,                                   true),
  actionMailAccount:         key('action_mail_acct',     mailAccount,                             'root'),
  priorityBoost:             key('priority_boost',       integer(0, INT_MAX),                     4),
  reportIntervalSeconds:     key('report_interval',      timeSpanSeconds,                         0),
  tcpListenPort:             key('tcp_listen_port',      integer(1, 65535),                       null),
  tcpListenQueue:            key('tcp_listen_queue',     integer(1, 65535),                       5),
  tcpMaxPerAddress:          key('tcp_max_per_addr',     integer(1, 1024),                        1),
  usesLibwrap:               key('use_libwrap',          yesNo,                                   true),
  tcpClientPorts:            key('tcp_client_ports',     portRange,                               { first: 0, last: 65535 }),
  tcpClientMaxIdleSeconds:   key('tcp_client_max_idle',  integer(0, INT_MAX, ' seconds'),         0),
  transport:                 key('transport',            transport,                               'tcp'),
  enablesKrb5:               key('enable_krb5',          yesNo,                                   false, { needs: 'krb5', alsoSets: krb5Transport }),
  krb5Principal:             key('krb5_principal',       word,                                    'auditd', { needs: 'krb5' }),
  krb5KeyFile:               key('krb5_key_file',        word,                                    '/etc/audit/audit.key', { needs: 'krb5' }),
  tlsAuth:                   key('tls_auth',             oneOf('psk'),                            'psk', { needs: 'tls' }),
  tlsCryptoProfile:          key('tls_crypto_profile',   oneOf('compatible', 'system', 'pqc'),    'compatible', { needs: 'tls' }),
  tlsPskFile:                key('tls_psk_file',         absolutePath,                            null, { needs: 'tls' }),
  tlsPskIdentity:            key('tls_psk_identity',     word,                                    null, { needs: 'tls' }),
  tlsAllowedClientsFile:     key('tls_allowed_clients',  absolutePath,                            null, { needs: 'tls' }),
  tlsCipherSuites:           key('tls_cipher_suites',    word,                                    null, { needs: 'tls' }),
  tlsKeyExchange:            key('tls_key_exchange',     word,                                    null, { needs: 'tls' }),
  tlsRequiresPostQuantum:    key('tls_require_pqc',      yesNo,                                   false, { needs: 'tls', alsoSets: pqcProfile }),
  distributesNetworkEvents:  key('distribute_network',   yesNo,                                   false),
  pluginBacklogEvents:       key('q_depth',              backlogEvents,                           2000),
  overflowAction:            actionKey('overflow_action',
                                 ['ignore', 'syslog', 'suspend', 'single', 'halt'], { kind: 'syslog' }),
  maxRestarts:               key('max_restarts',         integer(0, INT_MAX),                     10),
  pluginDirectory:           key('plugin_dir',           directoryPath,                           '/etc/audit/plugins.d/'),
  endOfEventTimeoutSeconds:  key('end_of_event_timeout', integer(0, NO_LIMIT, ' of seconds'),     2),
};

/** Keys of releases long gone: any value is accepted and none has an effect. */
export const deprecatedKeys: readonly string[] = ['dispatcher', 'disp_qos'];

function key<T>(
  name: string,
  read: Reader<T>,
  absent: T,
  { takesOption = false, needs = null, alsoSets = () => ({}) }: Partial<ConfigKey<T>> = {},
): ConfigKey<T> {
  return { name, read, absent, takesOption, needs, alsoSets };
}

/** A key whose value is one of `kinds`; when `exec` is one of them, its path follows as an option. */
function actionKey<const Kind extends string>(
  name: string,
  kinds: Kind[],
  absent: Action<Kind>,
): ConfigKey<Action<Kind>> {
  return key(name, action(...kinds), absent, { takesOption: kinds.some(kind => kind === 'exec') });
}

function noLogs(format: AuditdConfig['logFormat'], { soFar, report }: ReadContext): Partial<AuditdConfig> {
  if (format !== 'nolog') return {};
  report('warning', 'raw or enriched: nolog is deprecated, write_logs = no does the same');
  if (soFar.writesLogs) report('warning', 'write_logs = no before it: nolog overrides write_logs = yes');
  return { writesLogs: false };
}

function krb5Transport(isEnabled: boolean, { transports }: ReadContext): Partial<AuditdConfig> {
  return isEnabled && transports.includes('krb5') ? { transport: 'krb5' } : {};
}

function pqcProfile(isRequired: boolean): Partial<AuditdConfig> {
  return isRequired ? { tlsCryptoProfile: 'pqc' } : {};
}
