/** What auditd.conf says, parsed. The key that sets a property, and its default, stand in auditdConfKeys.ts. */
export interface AuditdConfig {
  /** False: the kernel is not read and this process does not register as the audit daemon. */
  readonly receivesLocalEvents: boolean;
  readonly writesLogs: boolean;
  readonly logFile: string;
  readonly logFormat: 'raw' | 'enriched' | 'nolog';
  readonly logGroupId: number;
  readonly flush: 'none' | 'incremental' | 'incremental_async' | 'data' | 'sync';
  /** Records between two flushes; used when `flush` is incremental or incremental_async. */
  readonly flushEveryRecords: number;
  /** Log files kept by rotation, the current one included; below 2 nothing rotates. */
  readonly numLogs: number;
  readonly nameFormat: 'none' | 'hostname' | 'fqd' | 'numeric' | 'user';
  /** The node name for `nameFormat` user; null when the file has none. */
  readonly nodeName: string | null;
  /** 0: every file is too large. */
  readonly maxLogFileMegabytes: number;
  readonly maxLogFileAction: MaxLogFileAction;
  readonly spaceLeft: SpaceThreshold;
  readonly spaceLeftAction: SpaceLeftAction;
  readonly adminSpaceLeft: SpaceThreshold;
  readonly adminSpaceLeftAction: AdminSpaceLeftAction;
  readonly diskFullAction: DiskFullAction;
  readonly diskErrorAction: DiskErrorAction;
  readonly actionMailAccount: string;
  readonly verifiesEmail: boolean;
  /** How much nicer to ourselves: nice(-priorityBoost). */
  readonly priorityBoost: number;
  /** 0: no periodic state report. */
  readonly reportIntervalSeconds: number;
  /** Null: no listener. */
  readonly tcpListenPort: number | null;
  readonly tcpListenQueue: number;
  readonly tcpMaxPerAddress: number;
  readonly usesLibwrap: boolean;
  readonly tcpClientPorts: PortRange;
  /** 0: idle clients stay. */
  readonly tcpClientMaxIdleSeconds: number;
  readonly transport: Transport;
  readonly enablesKrb5: boolean;
  readonly krb5Principal: string;
  readonly krb5KeyFile: string;
  readonly tlsAuth: 'psk';
  readonly tlsCryptoProfile: 'compatible' | 'system' | 'pqc';
  readonly tlsPskFile: string | null;
  readonly tlsPskIdentity: string | null;
  readonly tlsAllowedClientsFile: string | null;
  /** Null: what the crypto profile says. */
  readonly tlsCipherSuites: string | null;
  /** Null: what the crypto profile says. */
  readonly tlsKeyExchange: string | null;
  readonly tlsRequiresPostQuantum: boolean;
  /** True: records from the network go to the plugins too. */
  readonly distributesNetworkEvents: boolean;
  /** Most events that wait for one plugin. */
  readonly pluginBacklogEvents: number;
  readonly overflowAction: OverflowAction;
  /** Of one plugin. */
  readonly maxRestarts: number;
  /** Ends in a slash. */
  readonly pluginDirectory: string;
  readonly endOfEventTimeoutSeconds: number;
}

export type Transport = 'tcp' | 'tls' | 'krb5';

/** Of free space on the log's file system. Both may be 0, which nothing is below. */
export type SpaceThreshold =
  | { readonly kind: 'megabytes'; readonly value: number }
  | { readonly kind: 'percent'; readonly value: number };

/** Both ends included. */
export interface PortRange {
  readonly first: number;
  readonly last: number;
}

/** What to do when something happens to the log: `Action<'syslog' | 'exec'>` does one or the other. */
export type Action<Kind extends string> = Kind extends 'exec'
  ? { readonly kind: 'exec'; readonly path: string }
  : { readonly kind: Kind };

export type MaxLogFileAction = Action<'ignore' | 'syslog' | 'suspend' | 'rotate' | 'keep_logs' | 'exec'>;
export type SpaceLeftAction = Action<'ignore' | 'syslog' | 'rotate' | 'email' | 'exec' | 'suspend' | 'single'>;
export type AdminSpaceLeftAction = SpaceLeftAction | Action<'halt'>;
export type DiskFullAction = Action<'ignore' | 'syslog' | 'rotate' | 'exec' | 'suspend' | 'single' | 'halt'>;
export type DiskErrorAction = Action<'ignore' | 'syslog' | 'exec' | 'suspend' | 'single' | 'halt'>;
export type OverflowAction = Action<'ignore' | 'syslog' | 'suspend' | 'single' | 'halt'>;
