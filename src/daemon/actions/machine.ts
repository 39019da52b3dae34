import { spawn } from 'node:child_process';
import { constants } from 'node:fs';
import { access, open, readFile } from 'node:fs/promises';

/** How a program ended. */
export interface Ended {
  /** Null when a signal ended it. */
  readonly code: number | null;
  readonly signal: string | null;
}

/** What actions need of the machine, so that a test can be it. */
export interface Machine {
  /**
   * Runs a program: argv is `[path, ...args]`, the environment is empty, the working directory is /, standard
   * output and error lead nowhere.
   *
   * @param input  For its standard input; null: that leads nowhere too.
   * @throws {Error} with errno: of fork(2) or execve(2).
   */
  run(path: string, args: readonly string[], input: string | null): Promise<Ended>;
  isExecutable(path: string): Promise<boolean>;
  readFile(path: string): Promise<Uint8Array>;
  /** Writes what a terminal takes at once: one that is held up must hold up nothing else. */
  writeTerminal(path: string, text: string): Promise<void>;
}

const TERMINAL = constants.O_WRONLY | constants.O_NONBLOCK | constants.O_NOCTTY | constants.O_NOFOLLOW;

export const realMachine: Machine = {
  run(path, args, input) {
    return new Promise((resolve, reject) => {
      // Node marks every descriptor of its own close-on-exec, and undoes signal masks and handlers in the child.
      const child = spawn(path, args, {
        env: {},
        cwd: '/',
        stdio: [input === null ? 'ignore' : 'pipe', 'ignore', 'ignore'],
      });
      child.on('error', reject);
      child.on('exit', (code, signal) => resolve({ code, signal }));
      // EPIPE: it did not want to hear it all. How it ended tells the rest.
      child.stdin?.on('error', () => undefined);
      child.stdin?.end(input);
    });
  },
  async isExecutable(path) {
    try {
      await access(path, constants.X_OK);
      return true;
    } catch (error) {
      // Missing, not executable, not reachable: for the one who asks these are the same.
      if (error instanceof Error && 'errno' in error) return false;
      throw error;
    }
  },
  readFile,
  async writeTerminal(path, text) {
    const file = await open(path, TERMINAL);
    try {
      if ((await file.stat()).isCharacterDevice()) await file.write(text);
    } finally {
      await file.close();
    }
  },
};
