import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, readFileSync, writeFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { isErrno } from '../../base/errors.ts';
import { addon, native } from '../../binding/addon.ts';
import type { OutletEvents } from '../../sinks/dispatch/outlet.ts';
import type { HandedProgram, Launcher, Program, ProgramSettings } from '../../sinks/dispatch/programPlugin.ts';
import { openOutlet } from './openOutlet.ts';

const LOOK_MILLISECONDS = 50;

/**
 * Starts plugins as the reference does: argv is the path and the arguments, the environment is empty, the working
 * directory is /, standard input is one end of a socket pair, output and error are the daemon's, nothing else is open.
 */
export class ProcessLauncher implements Launcher {
  /** What this process had at its start, before it asked not to be chosen when memory runs out. */
  readonly #oomScore: string;

  constructor() {
    this.#oomScore = readFileSync('/proc/self/oom_score_adj', 'latin1').trim();
  }

  async launch({ path, args }: ProgramSettings, events: OutletEvents): Promise<Program> {
    const [ours, theirs] = native(() => addon.socketPair());
    let child: ChildProcess;
    try {
      child = await started(spawn(path, args, { env: {}, cwd: '/', stdio: [theirs, 'inherit', 'inherit'] }));
    } catch (error) {
      closeSync(ours);
      throw error;
    } finally {
      closeSync(theirs);
    }
    const { pid = 0 } = child;
    this.#exposeToOomKiller(pid);
    return {
      pid,
      outlet: openOutlet(ours, events),
      ended: new Promise(resolve => {
        child.once('exit', (code, signal) => resolve(signal ?? `exit code ${code}`));
      }),
      kill: signal => void child.kill(signal),
      letGo: () => child.unref(),
    };
  }

  adopt({ pid, fd }: HandedProgram, events: OutletEvents): Program {
    let hasEnded = false;
    return {
      pid,
      outlet: openOutlet(fd, events),
      ended: untilReaped(pid).then(() => {
        hasEnded = true;
        return 'it has ended';
      }),
      kill: signal => {
        if (!hasEnded) kill(pid, signal);
      },
      letGo: () => undefined,
    };
  }

  // A plugin that runs wild must not make the system choose others.
  #exposeToOomKiller(pid: number): void {
    try {
      writeFileSync(`/proc/${pid}/oom_score_adj`, this.#oomScore);
    } catch (error) {
      // Ended already, or a container that forbids it: the plugin runs all the same.
      if (!(error instanceof Error && 'errno' in error)) throw error;
    }
  }
}

function started(child: ChildProcess): Promise<ChildProcess> {
  return new Promise((resolve, reject) => {
    child.once('spawn', () => resolve(child));
    child.once('error', reject);
  });
}

// A child that Node did not start tells Node nothing when it ends.
async function untilReaped(pid: number): Promise<void> {
  while (!addon.reapChild(pid)) await pause(LOOK_MILLISECONDS, undefined, { ref: false });
}

function kill(pid: number, signal: 'SIGTERM' | 'SIGKILL'): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    // It has ended just now, which is what was wanted.
    if (!isErrno(error, 'ESRCH')) throw error;
  }
}
