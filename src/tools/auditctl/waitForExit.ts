import { readFileSync } from 'node:fs';
import { isErrno } from '../../base/errors.ts';

const POLL_MS = 20;
const sleeper = new Int32Array(new SharedArrayBuffer(4));

/** Which process a pid means: the pid and when it started, so that one reused meanwhile is not taken for it. */
export interface ProcessIdentity {
  pid: number;
  /** Clock ticks since boot; null when there is no such process. */
  startTime: string | null;
}

export function identifyProcess(pid: number): ProcessIdentity {
  return { pid, startTime: readState(pid)?.startTime ?? null };
}

/** Returns once the process has ended, however long that takes. Blocks. */
export function waitForExit(identity: ProcessIdentity): void {
  for (;;) {
    const state = readState(identity.pid);
    if (state === null || state.startTime !== identity.startTime || state.hasEnded) return;
    Atomics.wait(sleeper, 0, 0, POLL_MS);
  }
}

/** @see proc_pid_stat(5): the third field is the state, the 22nd the start time */
function readState(pid: number): { startTime: string; hasEnded: boolean } | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    // The command's name, in parentheses, may hold spaces and parentheses itself.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const state = fields[0] ?? '';
    return { startTime: fields[19] ?? '', hasEnded: state === 'Z' || state === 'X' };
  } catch (error) {
    // ESRCH: it ended between open and read.
    if (!isErrno(error, 'ENOENT') && !isErrno(error, 'ESRCH')) throw error;
    return null;
  }
}
