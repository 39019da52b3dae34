import type { Batch } from './slabs.ts';
import type { StreamFormat } from './streamFormat.ts';

/**
 * What the dispatcher gives records to. `ProgramPlugin` hands them to a process, `SocketPlugin` to the clients of a Unix
 * socket; a kind that makes something else of them takes the same batches and sends its own.
 */
export interface Plugin {
  /** Of its file, without `.conf`. */
  readonly name: string;
  /** Which form of the records it takes. */
  readonly format: StreamFormat;
  /** Takes a batch, or drops and counts it. Never waits, never throws; holds the batch as long as it needs it. */
  offer(batch: Batch): void;
  /** Settles when what was offered so far would survive this process; null when that is not promised, or is so. */
  stored(): Promise<void> | null;
  /** Whether it reads and has nevertheless more than so many bytes to read. */
  isBehind(bytes: number): boolean;
  /** Starts it, or says why not. */
  start(): Promise<void>;
  /** Takes records again after an overflow has suspended it. */
  resume(): void;
  suspend(): void;
  /** From now on so many records may wait. */
  setLimit(records: number): void;
  /** Ends it in an orderly way, in bounded time. */
  stop(): Promise<void>;
  report(): PluginReport;
}

/** What the state report tells of a plugin. */
export interface PluginReport {
  readonly name: string;
  readonly kind: string;
  readonly condition: 'starting' | 'running' | 'waiting to restart' | 'off' | 'stopped';
  /** Null without a process. */
  readonly pid: number | null;
  readonly restarts: number;
  readonly backlogRecords: number;
  readonly mostBacklogRecords: number;
  readonly sentRecords: number;
  /** Dropped because it did not take them, and those that waited when it was given up. */
  readonly lostRecords: number;
  readonly hasOverflowed: boolean;
  readonly isSuspended: boolean;
  /** Null without a spool. */
  readonly spool: { readonly bytes: number; readonly limitBytes: number } | null;
  /** Of a socket. Null for others. */
  readonly clients: readonly ClientReport[] | null;
  /** Of a socket: most records that may wait for one client that stands still. */
  readonly clientLimitRecords?: number;
}

export interface ClientReport {
  readonly pid: number;
  readonly uid: number;
  readonly gid: number;
  readonly backlogRecords: number;
  readonly sentRecords: number;
  readonly lostRecords: number;
}
