import { closeSync, constants, fstatSync, openSync, readFileSync } from 'node:fs';
import { isErrno, reasonOf } from '../../base/errors.ts';

/** One line of a rules file, as a byte string without its newline. */
export interface RuleFileLine {
  /** From 1. */
  number: number;
  text: string;
}

/** A rules file that is not read. Its message names the file and says why. */
export class RuleFileError extends Error {
  override readonly name = 'RuleFileError';
}

// Longer lines are cut there, and the rest is a line of its own: so files have been read since the first release.
const LINE_BYTES_MAX = 6143;

/**
 * The lines of a rules file. Symbolic links are followed.
 *
 * @param path  Byte string.
 * @throws {RuleFileError} for a file that is missing, unreadable, not regular, or writable for everybody.
 */
export function readRuleFile(path: string): RuleFileLine[] {
  const bytes = readWhole(path);
  const lines: RuleFileLine[] = [];
  for (let start = 0; start < bytes.length; ) {
    const newline = bytes.indexOf('\n', start);
    const lineEnd = newline < 0 ? bytes.length : newline;
    const end = Math.min(lineEnd, start + LINE_BYTES_MAX);
    const [text = ''] = bytes.slice(start, end).split('\0', 1);
    lines.push({ number: lines.length + 1, text });
    // A newline that did not fit any more is an empty line of its own.
    start = end === lineEnd && end - start < LINE_BYTES_MAX ? end + 1 : end;
  }
  return lines;
}

function readWhole(path: string): string {
  const name = Buffer.from(path, 'latin1');
  let descriptor: number;
  try {
    // Without O_NONBLOCK, a pipe without a writer would keep us waiting before we can refuse it.
    descriptor = openSync(name, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY);
  } catch (error) {
    if (isErrno(error, 'ENOENT')) throw new RuleFileError(`audit rules file ${path} doesn't exist`);
    throw new RuleFileError(`Error opening ${path} (${reasonOf(error)})`, { cause: error });
  }
  try {
    const { mode } = fstatSync(descriptor);
    if ((mode & constants.S_IFMT) !== constants.S_IFREG)
      throw new RuleFileError(`Error - ${path} is not a regular file`);
    if ((mode & constants.S_IWOTH) !== 0) throw new RuleFileError(`Error - ${path} is world writable`);
    return readFileSync(descriptor, 'latin1');
  } catch (error) {
    if (error instanceof RuleFileError) throw error;
    throw new RuleFileError(`Error reading ${path} (${reasonOf(error)})`, { cause: error });
  } finally {
    closeSync(descriptor);
  }
}
