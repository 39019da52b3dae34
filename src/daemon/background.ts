import { spawn } from 'node:child_process';
import { closeSync, writeSync } from 'node:fs';
import { withoutNodeSettings } from './nodeEnvironment.ts';

/** Tells the daemon in the child which descriptor its parent waits on. */
const READY_VARIABLE = 'NODE_AUDITD_READY_FD';
const READY_FD = 3;

/**
 * Runs this same program as a child in a session of its own, and waits until that one is ready.
 *
 * @param args  The command line, with paths made absolute: the child works in `/`.
 * @returns     The exit code for this process: 0 once the child is ready, else what the child exited with.
 */
export function runInBackground(script: string, args: readonly string[]): Promise<number> {
  const child = spawn(process.execPath, [...process.execArgv, script, ...args], {
    detached: true,
    cwd: '/',
    env: { ...withoutNodeSettings(process.env), [READY_VARIABLE]: String(READY_FD) },
    stdio: ['ignore', 'ignore', 'ignore', 'pipe'],
  });
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.stdio[READY_FD]?.on('data', () => resolve(0));
    child.on('exit', code => resolve(code ?? 1));
  });
}

/** In the child: what tells the parent that the daemon is up. Null when there is no parent waiting. */
export function takeReadiness(): (() => void) | null {
  const fd = process.env[READY_VARIABLE];
  if (fd === undefined) return null;
  delete process.env[READY_VARIABLE];
  return () => {
    try {
      writeSync(Number(fd), '0\n');
    } catch (error) {
      // The parent was killed meanwhile; the daemon runs all the same.
      if (!(error instanceof Error && 'errno' in error)) throw error;
    }
    closeSync(Number(fd));
  };
}
