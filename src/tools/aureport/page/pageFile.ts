import { randomBytes } from 'node:crypto';
import {
  accessSync,
  closeSync,
  constants,
  fchmodSync,
  fsyncSync,
  lstatSync,
  openSync,
  realpathSync,
  renameSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { isErrno } from '../../../base/errors.ts';

/** The page tells what the audit log tells: no more people may read it. */
const MODE = 0o640;

/** Where a page goes: it is there whole, or not at all. */
export class PageFile {
  readonly #path: string;

  /**
   * Finds out that nothing can be written there before any log is read.
   *
   * @throws {Error} of the file system, or one that says that `path` is something else than a file.
   */
  constructor(path: string) {
    this.#path = resolved(path);
    accessSync(dirname(this.#path), constants.W_OK | constants.X_OK);
    const there = lstatSync(this.#path, { throwIfNoEntry: false });
    // A device, which a page would take the place of.
    if (there !== undefined && !there.isFile()) throw new Error('it is there, and is no file');
  }

  /** @throws {Error} of the file system; what was there before is still there then. */
  write(page: string): void {
    const temporary = join(
      dirname(this.#path),
      `.${basename(this.#path).slice(0, 100)}.${randomBytes(8).toString('hex')}`,
    );
    const descriptor = openSync(temporary, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL, MODE);
    try {
      try {
        fchmodSync(descriptor, MODE);
        writeFileSync(descriptor, page);
        fsyncSync(descriptor);
      } finally {
        closeSync(descriptor);
      }
      renameSync(temporary, this.#path);
    } catch (error) {
      unlinkSync(temporary);
      throw error;
    }
  }
}

/** A link to a file stays one. */
function resolved(path: string): string {
  try {
    return realpathSync(path);
  } catch (error) {
    if (!isErrno(error, 'ENOENT')) throw error;
    return join(realpathSync(dirname(path)), basename(path));
  }
}
