import { readFileSync, statSync } from 'node:fs';
import { isErrno } from '../base/errors.ts';
import type { Self, Sender } from '../pipeline/daemonRecords.ts';

const UNSET = 4294967295;
/** What the reference takes for a session that cannot be read: its own, and a sender's. */
const OWN_SESSION_UNREADABLE = 4294967294;
const SENDER_SESSION_UNREADABLE = '4294967295';
const CAP_AUDIT_CONTROL = 30n;

/** This process for its own records. @see proc(5): loginuid, sessionid, attr/current */
export function describeSelf(): Self {
  const number = (file: string, otherwise: number) => {
    const text = readProc(`/proc/self/${file}`);
    return text === null || text.trim() === '' ? otherwise : Number(text);
  };
  return {
    auid: number('loginuid', UNSET),
    uid: process.getuid?.() ?? 0,
    ses: number('sessionid', OWN_SESSION_UNREADABLE),
    pid: process.pid,
    subj: securityContext(),
  };
}

/**
 * The sender of a signal, completed from /proc.
 *
 * @param info       What the kernel noted: AUDIT_SIGNAL_INFO.
 * @param fromKernel The sender by sigaction(2): used when the process is gone already, and is the same one.
 */
export function describeSender(
  info: { readonly auid: number; readonly pid: number; readonly context: string | null },
  fromKernel: { readonly pid: number; readonly uid: number },
): Sender {
  // It notes the last one, and none before this process was registered.
  if (fromKernel.pid !== 0 && info.pid !== fromKernel.pid) return describeUnregisteredSender(fromKernel);
  return {
    auid: info.auid,
    uid: ownerOf(info.pid) ?? (info.pid === fromKernel.pid ? fromKernel.uid : UNSET),
    ses: readProc(`/proc/${info.pid}/sessionid`)?.trim() ?? SENDER_SESSION_UNREADABLE,
    pid: info.pid,
    subj: info.context,
  };
}

/**
 * The sender of a signal by sigaction(2) and /proc alone: for a daemon that the kernel keeps no sender for, because it
 * is not registered. What has ended meanwhile is known by its uid.
 */
export function describeUnregisteredSender({ pid, uid }: { readonly pid: number; readonly uid: number }): Sender {
  const auid = Number(readProc(`/proc/${pid}/loginuid`) ?? UNSET);
  const context = readProc(`/proc/${pid}/attr/current`)?.replace(/[\0\n].*$/s, '') ?? '';
  return describeSender(
    { auid: auid === UNSET ? uid : auid, pid, context: context === '' ? null : context },
    { pid, uid },
  );
}

/** Whether this process may register: the effective CAP_AUDIT_CONTROL. @see capabilities(7) */
export function mayControlAudit(): boolean {
  const match = /^CapEff:\s*([0-9a-f]+)$/m.exec(readProc('/proc/self/status') ?? '');
  return match?.[1] !== undefined && ((BigInt(`0x${match[1]}`) >> CAP_AUDIT_CONTROL) & 1n) === 1n;
}

/** The name of a process, null when there is none. */
export function processName(pid: number): string | null {
  return readProc(`/proc/${pid}/comm`)?.trim() ?? null;
}

/** The kernel release, as uname(2) gives it. */
export function kernelRelease(): string {
  return readProc('/proc/sys/kernel/osrelease')?.trim() ?? '';
}

// A label that ends in a newline (AppArmor's) is cut at it: the record is one line.
function securityContext(): string | null {
  const text = readProc('/proc/self/attr/current')?.replace(/\0.*$/s, '') ?? '';
  return text === '' ? null : text;
}

function ownerOf(pid: number): number | null {
  try {
    return statSync(`/proc/${pid}`).uid;
  } catch (error) {
    if (isErrno(error, 'ENOENT')) return null; // the process is gone
    throw error;
  }
}

function readProc(path: string): string | null {
  try {
    return readFileSync(path, 'latin1');
  } catch (error) {
    // A process that is gone, a kernel without the file, a security module that is not there.
    if (error instanceof Error && 'errno' in error) return null;
    throw error;
  }
}
