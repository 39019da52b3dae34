import { closeSync, constants, fchmodSync, mkdirSync, openSync, statSync, unlinkSync, writeSync } from 'node:fs';
import { isErrno, reasonOf } from '../base/errors.ts';
import type { Messages } from '../base/messages.ts';

/** /run/audit could not be made, or is no directory. */
export class RunDirectoryError extends Error {
  override readonly name = 'RunDirectoryError';
}

/** @throws {RunDirectoryError} */
export function ensureRunDirectory(path: string): void {
  try {
    mkdirSync(path, { mode: 0o755 });
  } catch (error) {
    if (!isErrno(error, 'EEXIST')) {
      throw new RunDirectoryError(`Cannot create run directory ${path} (${reasonOf(error)})`, { cause: error });
    }
    if (!statSync(path).isDirectory()) throw new RunDirectoryError(`${path} is not a directory`, { cause: error });
  }
}

/** The pid file. Not being able to write it is no reason to lose records. */
export class PidFile {
  readonly #path: string;
  #isWritten = false;

  constructor(path: string) {
    this.#path = path;
  }

  write(messages: Messages): void {
    let fd: number;
    try {
      const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_TRUNC | constants.O_NOFOLLOW;
      fd = openSync(this.#path, flags, 0o644);
    } catch (error) {
      messages.error(`Unable to set pidfile (${reasonOf(error)})`);
      return;
    }
    try {
      fchmodSync(fd, 0o644);
      writeSync(fd, `${process.pid}\n`);
      this.#isWritten = true;
    } catch (error) {
      messages.error(`Unable to write pidfile (${reasonOf(error)})`);
    } finally {
      closeSync(fd);
    }
  }

  /**
   * Only what this process wrote: a second daemon that fails early must not take the first one's. A failure is logged:
   * the end of a daemon that wrote all its records is no failure.
   */
  remove(messages: Messages): void {
    if (!this.#isWritten) return;
    try {
      unlinkSync(this.#path);
    } catch (error) {
      // Somebody tidied up before us.
      if (!isErrno(error, 'ENOENT')) messages.warning(`Cannot remove pidfile (${reasonOf(error)})`);
    }
  }
}
