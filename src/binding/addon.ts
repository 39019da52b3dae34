import { createRequire } from 'node:module';
import { join } from 'node:path';
import { SystemError } from '../base/errors.ts';
import { packageDirectory } from '../base/packageDirectory.ts';
import type { AuparseAddon } from './auparse.ts';
import type { ControlAddon } from './control.ts';
import type { DispatchAddon } from './dispatch.ts';
import type { IndexAddon } from './logIndex.ts';
import type { ReportAddon } from './report.ts';
import type { SearchAddon } from './search.ts';

/** Everything native, as `native/addon.cc` exports it. Native errors carry `syscall` and a positive `errno`. */
export interface Addon extends AuparseAddon, ControlAddon, DispatchAddon, IndexAddon, ReportAddon, SearchAddon {
  readonly AuditReader: new (
    ring: RingMemory,
    source: ReaderSource,
    enriched: boolean,
    node: string,
    coalesceMicroseconds: number,
    onReadable: () => void,
  ) => NativeReader;
  readonly LineFormatter: new (enriched: boolean, node: string) => NativeFormatter;

  /** Sets /proc/self/comm, at most 15 bytes: prctl(2), PR_SET_NAME. */
  setCommandName(name: string): void;
  /** RLIMIT_FSIZE and RLIMIT_CPU to infinity, as far as the privilege goes: setrlimit(2). */
  raiseFileLimits(): void;
  /** openlog(3). `ident` null: the program's name. `facility` as in sys/syslog.h: LOG_USER 8, LOG_DAEMON 24. */
  openSyslog(ident: string | null, facility: number, withPid: boolean): void;
  /** syslog(3). `priority` 0 (emergency) to 7 (debug). Bytes are sent as they are, up to a NUL. */
  syslog(priority: number, message: string | Uint8Array): void;
  /** The C library's heap: mallinfo2(3). */
  heapUse(): { arenaBytes: number; inUseBytes: number; freeBytes: number };
  /** The gid of a group by nsswitch.conf, null when there is none: getgrnam_r(3). */
  groupNumber(name: string): number | null;
  /** The uid of an account by nsswitch.conf, null when there is none: getpwnam_r(3). */
  userNumber(name: string): number | null;
  /** The canonical name of a host: getaddrinfo(3). Waits for a name server. @throws {Error} with gai_strerror(3). */
  canonicalName(host: string): string;
  /** Descriptors that were inherited reach no program that this process starts: close_range(2). Linux 5.11 and newer. */
  keepDescriptorsFromChildren(): void;
  /** Standard streams to /dev/null, working directory /, a session of its own. */
  leaveTerminal(): void;
  /** Sends NAME=VALUE lines and copies of descriptors (8 at most) to the service manager: sd_notify(3). */
  notify(path: string, text: string, descriptors: readonly number[]): void;
  /**
   * This process becomes another program: execve(2). Descriptors in `kept` stay open under their numbers.
   *
   * @returns Never. @throws {Error} ENOENT, EACCES, E2BIG; everything is then as it was.
   */
  execute(path: string, argv: readonly string[], environment: readonly string[], kept: readonly number[]): void;
  /**
   * One write(2), then fstat(2), on a thread of the pool; the bytes must stay as they are meanwhile. `errno` 0: it wrote
   * `bytes` of them. `links`: names that the file had then; null when it could not be asked.
   */
  append(descriptor: number, bytes: Uint8Array): Promise<{ errno: number; bytes: number; links: number | null }>;
  /** Whether the descriptor is open: fcntl(2), F_GETFD. */
  isOpen(descriptor: number): boolean;
  /**
   * Takes the `handled` signals out of Node's hands and ignores the `ignored` ones. Once per process.
   *
   * @returns A descriptor that yields 12 bytes a signal: int32 number, int32 sender pid, uint32 sender uid.
   */
  routeSignals(handled: readonly number[], ignored: readonly number[]): number;
}

/**
 * A new ring of so many text bytes, or the one that an earlier process left in `memfd`, which then belongs to the
 * reader. Attaching fails with EPROTO (no ring of a known layout), EBADMSG (it contradicts itself) or ELOOP (too many
 * processes in a row died after they had attached); the descriptor is then the caller's still.
 */
export interface RingMemory {
  readonly bytes: number;
  readonly memfd: number | null;
}

/**
 * kernel: the audit socket, for `register()`. observe: its multicast group AUDIT_NLGRP_READLOG, beside another daemon.
 * recorded: a log file or pipe; the descriptor then belongs to the reader. `receiveBytes` 0: the system's default.
 *
 * `registered`: this process's own socket, handed through execve(2). `held`, `window`: what a dead daemon left of its
 * registration and of a take-over that it had begun. They belong to the reader unless its constructor throws.
 */
export type ReaderSource =
  | {
      readonly kind: 'kernel';
      readonly receiveBytes: number;
      readonly registered: number | null;
      readonly held: readonly number[];
      readonly window: number | null;
    }
  | { readonly kind: 'observe'; readonly receiveBytes: number }
  | { readonly kind: 'recorded'; readonly fd: number };

/** The reader thread and its ring: native/reader/reader.h. */
export interface NativeReader {
  /**
   * Asks the kernel to register this process as the audit daemon. The thread must run: it takes the answer, and the
   * records that come before it.
   */
  requestRegistration(): void;
  /**
   * False until the kernel has answered.
   *
   * @throws EPERM without CAP_AUDIT_CONTROL in the initial namespaces; EEXIST when another live daemon is registered.
   * @see audit_receive_msg(), case AUDIT_SET, in the kernel's kernel/audit.c
   */
  isRegistered(): boolean;
  /** Starts the thread, also again after `leave`. */
  start(): void;
  /** Records received from now on get lines of this form; `node` empty: no prefix. */
  reformat(enriched: boolean, node: string): void;
  /** Unregisters; the thread ends once what was on its way is in the ring. */
  stop(): void;
  /** The thread ends after the batch it is at. Nothing is unregistered: another process goes on with socket and ring. */
  leave(): void;
  /** This process has come up: an attempt to attach to its ring, should it die, is the first again. */
  cameUp(): void;
  /**
   * Descriptors of the reader, to hand on; -1 for what there is not. The window's while the thread does not run.
   * `windowIsNew`: it is none that a dead daemon had begun.
   */
  descriptors(): ReaderDescriptors;
  /** With `stop`: what does not fit into a full ring is counted as abandoned instead of waited for. */
  abandon(): void;
  /** Arms `onReadable` again. Call first when it runs, then look at the ring. */
  acknowledge(): void;
  /** Ends the thread at once and closes the socket; the ring's memory stays. */
  close(): void;
  /** The thread has pushed its last record. */
  readonly isFinished: boolean;
  /** Nothing is left of a take-over from a dead daemon: the descriptors that were held for it may go. */
  readonly isSettled: boolean;
  /** Something lies in the audit socket now. */
  readonly isReadable: boolean;
  /** Messages that a dead process had received and not made records of. */
  readonly stagedFound: number;
  /** Header, index, text, text again: native/ring/layout.h. A new ArrayBuffer over the same memory at each call. */
  readonly memory: ArrayBuffer;
  /** Names the socket in /proc/net/netlink; 0 for a recorded log. */
  readonly socketInode: number;
  /** The receive buffer by the kernel's measure, which is twice what was asked for: socket(7). */
  readonly receiveBytes: number;
  readonly receiveBytesGranted: boolean;
}

export interface ReaderDescriptors {
  readonly ring: number;
  readonly socket: number;
  readonly window: number;
  readonly windowIsNew: boolean;
}

export interface NativeFormatter {
  /** The final line, newline included, of a record of this process's own. */
  format(type: number, payload: Uint8Array): Buffer;
  /** Lines from now on have this form; `node` empty: no prefix. */
  reformat(enriched: boolean, node: string): void;
}

const require = createRequire(import.meta.filename);

/** The loaded addon. */
export const addon = load(join(packageDirectory, 'build/Release/node_auditd.node'));

/** @throws {Error} that says how to get it: npm builds it in a script, and may have been told to run none. */
function load(path: string): Addon {
  try {
    return require(path) as Addon;
  } catch (error) {
    const advice = 'npm rebuild --ignore-scripts=false [--global] node-auditd builds it, with g++, make and python3';
    throw new Error(`the addon of node-auditd cannot be loaded from ${path}: ${advice}`, { cause: error });
  }
}

/** A native error as one of ours; anything else unchanged. */
export function nativeError(error: unknown, path: string | null = null): unknown {
  if (!(error instanceof Error) || !('syscall' in error) || !('errno' in error)) return error;
  if (typeof error.syscall !== 'string' || typeof error.errno !== 'number') return error;
  return new SystemError({ syscall: error.syscall, errno: error.errno, path, cause: error });
}

/** Runs a native call; its failure becomes a SystemError. */
export function native<T>(call: () => T): T {
  try {
    return call();
  } catch (error) {
    throw nativeError(error);
  }
}
