/** What an administrator may want done about the log; which of them a key allows is the configuration's to say. */
export type LogAction =
  | { readonly kind: 'ignore' | 'syslog' | 'rotate' | 'keep_logs' | 'email' | 'suspend' | 'single' | 'halt' }
  | { readonly kind: 'exec'; readonly path: string };

/** Of free space on the log's file system. */
export type SpaceThreshold =
  | { readonly kind: 'megabytes'; readonly value: number }
  | { readonly kind: 'percent'; readonly value: number };

/** When free space is low, and what is wanted then: the kinds decide which warning repeats. */
export interface SpaceSettings {
  readonly spaceLeft: SpaceThreshold;
  readonly spaceLeftAction: LogAction;
  readonly adminSpaceLeft: SpaceThreshold;
  readonly adminSpaceLeftAction: LogAction;
  readonly diskFullAction: LogAction;
}

/** A time of the local day at which the log is rotated, or a minute of every hour. */
export type RotationTime =
  | { readonly kind: 'hourly'; readonly minute: number }
  | { readonly kind: 'daily'; readonly hour: number; readonly minute: number };

/** Rotated logs as `.N.gz`. */
export interface CompressionSettings {
  /** 1 (fast) to 9 (small), as gzip(1) has them. */
  readonly level: number;
  /** The newest archives, this many, stay as they are. */
  readonly plainArchives: number;
}

/** Which archives are deleted. Both limits may be off; `leastArchives` newest ones stay whatever the limits say. */
export interface RetentionSettings {
  /** By the last change of the file; null: no age is too old. */
  readonly maxAgeSeconds: number | null;
  /** Live file and archives together, compressed ones as they lie on the disk; null: no limit. */
  readonly maxTotalBytes: number | null;
  readonly leastArchives: number;
}

export interface LogSettings {
  /** write_logs; false: what is written here goes nowhere, and the file stays closed. */
  readonly writesLogs: boolean;
  /** log_file: absolute. */
  readonly path: string;
  /** log_group; 0 keeps the log to root. */
  readonly gid: number;
  readonly flush: 'none' | 'incremental' | 'incremental_async' | 'data' | 'sync';
  /** freq; used by the two incremental modes. */
  readonly flushEveryRecords: number;
  readonly numLogs: number;
  /** max_log_file; 0: every file is too large. */
  readonly maxMegabytes: number;
  /** max_log_file_action. */
  readonly maxAction: LogAction;
  readonly space: SpaceSettings;
  /** Null: by size and signal alone. */
  readonly rotationTime: RotationTime | null;
  /** Null: archives stay as they are, and a `.gz` beside them is somebody else's. */
  readonly compression: CompressionSettings | null;
  /** Null: what num_logs and max_log_file_action say, and nothing else. */
  readonly retention: RetentionSettings | null;
  /** Whether each archive gets an index. */
  readonly indexes: boolean;
}

export function isSameAction(a: LogAction, b: LogAction): boolean {
  return a.kind === 'exec' ? b.kind === 'exec' && a.path === b.path : a.kind === b.kind;
}

/** False with a percentage: what it is a percentage of may have changed. */
export function isSameSpace(a: SpaceSettings, b: SpaceSettings): boolean {
  return (
    isSameThreshold(a.spaceLeft, b.spaceLeft) &&
    isSameThreshold(a.adminSpaceLeft, b.adminSpaceLeft) &&
    isSameAction(a.spaceLeftAction, b.spaceLeftAction) &&
    isSameAction(a.adminSpaceLeftAction, b.adminSpaceLeftAction) &&
    isSameAction(a.diskFullAction, b.diskFullAction)
  );
}

export function isSameTime(a: RotationTime | null, b: RotationTime | null): boolean {
  if (a === null || b === null) return a === b;
  return a.minute === b.minute && (a.kind === 'daily' ? b.kind === 'daily' && a.hour === b.hour : b.kind === 'hourly');
}

function isSameThreshold(a: SpaceThreshold, b: SpaceThreshold): boolean {
  return a.kind === 'megabytes' && b.kind === 'megabytes' && a.value === b.value;
}
