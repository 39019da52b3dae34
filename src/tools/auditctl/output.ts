import { writeSync } from 'node:fs';
import { isErrno } from '../../base/errors.ts';

/** Where a command's text goes. Text is byte strings: what the kernel lists need not be UTF-8. */
export interface Output {
  /** Results, with their newlines. */
  print(text: string): void;
  /** One message for the operator, without a newline. */
  tell(text: string): void;
}

/** Standard output and standard error. A reader that went away ends the output without a word, as head(1) expects. */
export const standardOutput: Output = {
  print: text => writeText(1, text),
  tell: text => writeText(2, `${text}\n`),
};

// Blocks on a full pipe by trying again: a command prints and exits, nothing else waits for it.
const RETRY_MS = 5;
const sleeper = new Int32Array(new SharedArrayBuffer(4));

/** Writes all of a byte string. */
export function writeText(descriptor: number, text: string): void {
  const bytes = Buffer.from(text, 'latin1');
  for (let at = 0; at < bytes.length; ) {
    try {
      at += writeSync(descriptor, bytes, at);
    } catch (error) {
      if (isErrno(error, 'EPIPE')) return;
      if (!isErrno(error, 'EAGAIN')) throw error;
      Atomics.wait(sleeper, 0, 0, RETRY_MS);
    }
  }
}
