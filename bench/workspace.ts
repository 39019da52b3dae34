import { mkdirSync, mkdtempSync, rmdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { isErrno } from '../src/base/errors.ts';
import { runProcess } from './startedProcess.ts';
import type { Undo } from './undo.ts';

/** Below /var/lib, as a daemon refuses a log below a directory that others may write, such as /tmp. */
const ROOT = '/var/lib/node-auditd-bench';
const LOAD_SOURCES = join(import.meta.dirname, '../../bench/load');

/** A directory that only root may enter, for one trial, and removed after it. */
export class Workspace {
  readonly path: string;
  readonly #undo: Undo;

  constructor(undo: Undo) {
    mkdirSync(ROOT, { recursive: true, mode: 0o700 });
    this.path = mkdtempSync(join(ROOT, 'run-'));
    this.#undo = undo;
    undo.add(() => {
      rmSync(this.path, { recursive: true, force: true });
      removeIfEmpty(ROOT);
    });
  }

  /** The path of a new directory. */
  directory(name: string): string {
    const path = join(this.path, name);
    mkdirSync(path, { mode: 0o700 });
    return path;
  }

  /** Compiles `bench/load/NAME.c`. @returns The path of the program. */
  async compile(name: string): Promise<string> {
    const program = join(this.path, name);
    const source = join(LOAD_SOURCES, `${name}.c`);
    await runProcess(['cc', '-std=c17', '-O2', '-Wall', '-Wextra', '-Werror', '-o', program, source], this.#undo);
    return program;
  }
}

function removeIfEmpty(path: string): void {
  try {
    rmdirSync(path);
  } catch (error) {
    // Another bench has a directory there, or has removed it already.
    if (!isErrno(error, 'ENOTEMPTY') && !isErrno(error, 'ENOENT')) throw error;
  }
}
