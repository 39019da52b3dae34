import type { SystemError } from '../../base/errors.ts';
import type { Fault } from '../../base/keyValueFile.ts';
import type { AuditStatus } from '../../control/status.ts';
import type { AuditdConfig } from '../config/auditdConfig.ts';
import type { ConfigLoad } from '../config/loadAuditdConfig.ts';
import type { NodeAuditdConfig } from '../config/nodeAuditdConfKeys.ts';
import type { PluginScan } from '../plugins/pluginDirectory.ts';
import type { Answer } from './findings.ts';

/** The machine as the check asks it. Asking changes nothing and throws for nothing a machine can be like. */
export interface Machine {
  configuration(): Promise<ConfigurationFacts>;
  permissions(config: AuditdConfig, nodeConfig: NodeAuditdConfig): Promise<PermissionFacts>;
  /** Every file of plugin_dir, as the daemon would read it. */
  plugins(config: AuditdConfig): PluginFileFacts;
  /** Of the file system the log lies on; null when its directory does not exist. */
  partition(config: AuditdConfig): Promise<Answer<PartitionFacts> | null>;
  kernel(): KernelFacts;
  /**
   * @param registeredPid  As the kernel has it: 0 for none, null when it did not say.
   * @param runDirectory   Where the daemon's pid file would be; null when that is not known.
   */
  listeners(registeredPid: number | null, runDirectory: string | null): ListenerFacts;
  privilege(): PrivilegeFacts;
  memory(): Promise<MemoryFacts>;
  /** The system in a few words: distribution and kernel release. */
  describe(): Promise<string>;
}

export interface ConfigurationFacts {
  readonly isRoot: boolean;
  readonly auditd: ConfigFile<AuditdConfig>;
  readonly nodeAuditd: ConfigFile<NodeAuditdConfig>;
  /** About the domain of action_mail_acct. */
  readonly mailFault: Fault | null;
}

export interface ConfigFile<Config> {
  readonly path: string;
  /** Unknown when this process may not read the file. */
  readonly load: Answer<ConfigLoad<Config>>;
}

export interface PluginFileFacts {
  readonly isRoot: boolean;
  readonly scan: PluginScan;
}

export interface PathFacts {
  readonly path: string;
  /** Of the path itself: a symbolic link is not followed. */
  readonly kind: 'file' | 'directory' | 'link' | 'other';
  readonly ownerId: number;
  readonly groupId: number;
  /** The twelve bits of chmod(2). */
  readonly mode: number;
}

/** `value` null: no such path. */
export interface LookedAt {
  readonly path: string;
  readonly facts: Answer<PathFacts | null>;
}

export interface PermissionFacts {
  /** The directory of auditd.conf, links followed. */
  readonly configDirectory: LookedAt;
  readonly configFiles: readonly LookedAt[];
  /** Null without a log (write_logs = no). */
  readonly log: LogPathFacts | null;
  readonly pluginDirectory: LookedAt;
  readonly runDirectory: LookedAt;
  /** Of the run directory: the daemon makes one directory, not two. */
  readonly runParentExists: boolean;
}

export interface LogPathFacts {
  /** What the daemon's own check of the log's directory says; null: it is content. */
  readonly refusal: Answer<SystemError | null>;
  readonly directory: LookedAt;
  readonly file: LookedAt;
  /** `audit.log.1` and on, as many as there are below num_logs. */
  readonly archives: readonly PathFacts[];
}

export interface PartitionFacts {
  readonly directory: string;
  readonly mount: string;
  /** As mount(8) has it: ext4, nfs4. Empty when nobody says. */
  readonly type: string;
  readonly blockBytes: number;
  readonly blocks: number;
  /** For processes that are not root's, as the daemon counts them. */
  readonly freeBlocks: number;
  /** 0 on a file system that has no fixed number of them. */
  readonly inodes: number;
  readonly freeInodes: number;
  readonly isReadOnly: boolean;
  readonly logExists: boolean;
  /** The log and its archives now. */
  readonly logBytes: number;
}

export interface KernelFacts {
  readonly status:
    | { readonly kind: 'answered'; readonly status: AuditStatus }
    /** Built without audit. */
    | { readonly kind: 'absent' }
    /** Nobody listens: switched off at boot, or a user namespace. */
    | { readonly kind: 'refused' }
    | { readonly kind: 'unknown'; readonly reason: string; readonly needsRoot: boolean };
  /** What the kernel was booted with. */
  readonly commandLine: Answer<string>;
}

export interface ListenerFacts {
  /** Null when there is none. */
  readonly registered: RegisteredDaemon | null;
  /** Sockets in the multicast group that the kernel sends a copy of every record to. */
  readonly readers: Answer<readonly AuditReader[]>;
  /** systemd starts systemd-journald-audit.socket at boot. */
  readonly journaldReadsAtBoot: boolean;
}

export interface RegisteredDaemon {
  readonly pid: number;
  /** Null: there is no such process. */
  readonly program: string | null;
  /** Null when that process's descriptors may not be looked at. */
  readonly holdsAuditSocket: boolean | null;
  /** It is this program, with the run directory of this configuration: the daemon that runs here anyway. */
  readonly isOurs: boolean;
}

export interface AuditReader {
  readonly inode: number;
  /** Empty when nobody's descriptors show it. */
  readonly owners: readonly { readonly pid: number; readonly program: string }[];
}

export interface PrivilegeFacts {
  readonly isRoot: boolean;
  /** Inodes of /proc/self/ns; null when they cannot be read. */
  readonly pidNamespace: number | null;
  readonly userNamespace: number | null;
  /** The effective set, a bit each; null when it cannot be read. */
  readonly capabilities: bigint | null;
}

export interface MemoryFacts {
  /** MemAvailable. */
  readonly available: Answer<number>;
  /** The tightest limit from this process's cgroup up; null: none. */
  readonly cgroup: { readonly path: string; readonly limitBytes: number } | null;
  /** net.core.rmem_max; null when it cannot be read. */
  readonly rmemMaxBytes: number | null;
}
