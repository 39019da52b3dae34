import { closeSync, fstatSync, openSync, readFileSync, readSync, statSync } from 'node:fs';
import { isErrno } from '../src/base/errors.ts';
import { BENCH_KEY } from './auditKernel.ts';

/** When a daemon that was disturbed is back. In milliseconds. */
export interface Resumed {
  /** From the disturbance until the new program runs. */
  readonly untilStarted: number;
  /** From there until a record of the load is in the log that was not there before. */
  readonly untilRecorded: number;
  /** The longest time around it in which the log did not grow. */
  readonly silent: number;
}

const LOOK_MILLISECONDS = 1;
const PATIENCE_MILLISECONDS = 30_000;
const CHUNK_BYTES = 1 << 18;
/** Of /proc/PID/stat, after the command's name: the stack's first address, which each execve(2) chooses anew. */
const STACK_FIELD = 25;

/** Looks every millisecond at a log, and at the process that is to write it. */
export class ResumeWatch {
  readonly #logFile: string;
  readonly #timer: NodeJS.Timeout;
  #lastGrowth = performance.now();
  #silent = 0;
  #state = '';

  constructor(logFile: string) {
    this.#logFile = logFile;
    this.#timer = setInterval(() => this.#look(), LOOK_MILLISECONDS);
  }

  /** From here on `silent` is counted anew. */
  begin(): void {
    this.#silent = 0;
  }

  get silent(): number {
    return this.#silent;
  }

  /**
   * Settles when the log holds a record of the load that was not in it when a new program ran.
   *
   * @param since       When the daemon was disturbed.
   * @param isStarted   Whether the new program runs.
   * @throws {Error} when none comes.
   */
  async resumed(since: number, isStarted: () => boolean): Promise<Omit<Resumed, 'silent'>> {
    const started = await this.#moment('a new process', isStarted);
    const place = endOf(this.#logFile);
    const recorded = await this.#moment('a record', () => hasRecordAfter(this.#logFile, place));
    return { untilStarted: started - since, untilRecorded: recorded - started };
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  #moment(what: string, isReached: () => boolean): Promise<number> {
    const deadline = performance.now() + PATIENCE_MILLISECONDS;
    return new Promise((resolve, reject) => {
      const look = () => {
        const now = performance.now();
        if (isReached()) resolve(now);
        else if (now > deadline) reject(new Error(`waited for ${what} in vain`));
        else setTimeout(look, LOOK_MILLISECONDS);
      };
      look();
    });
  }

  #look(): void {
    const facts = statSync(this.#logFile, { throwIfNoEntry: false });
    const now = performance.now();
    this.#silent = Math.max(this.#silent, now - this.#lastGrowth);
    const state = `${facts?.ino} ${facts?.size}`;
    if (state !== this.#state) this.#lastGrowth = now;
    this.#state = state;
  }
}

/** What tells one program in a process from the next, with the same pid or not; null when there is none. */
export function programOf(pid: number): string | null {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'latin1');
    return text.slice(text.lastIndexOf(')') + 2).split(' ')[STACK_FIELD] ?? null;
  } catch (error) {
    if (isErrno(error, 'ENOENT') || isErrno(error, 'ESRCH')) return null;
    throw error;
  }
}

/** Its only child; null when there is none. */
export function childOf(pid: number): number | null {
  const child = Number(readFileSync(`/proc/${pid}/task/${pid}/children`, 'latin1').trim().split(' ')[0]);
  return child > 0 ? child : null;
}

interface Place {
  readonly ino: number;
  readonly size: number;
}

function endOf(path: string): Place {
  const facts = statSync(path, { throwIfNoEntry: false });
  return { ino: facts?.ino ?? 0, size: facts?.size ?? 0 };
}

// In a file that is new since then, everything is after it.
function hasRecordAfter(path: string, place: Place): boolean {
  let fd: number;
  try {
    fd = openSync(path, 'r');
  } catch (error) {
    if (isErrno(error, 'ENOENT')) return false; // it is being rotated
    throw error;
  }
  try {
    const { ino, size } = fstatSync(fd);
    const from = ino === place.ino ? place.size : 0;
    if (size <= from) return false;
    const bytes = Buffer.alloc(Math.min(size - from, CHUNK_BYTES));
    readSync(fd, bytes, 0, bytes.length, from);
    return bytes.includes(BENCH_KEY);
  } finally {
    closeSync(fd);
  }
}
