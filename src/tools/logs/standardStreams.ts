import { writeSync } from 'node:fs';
import { isErrno } from '../../base/errors.ts';

/** Standard output and standard error of a program that prints and ends. Texts are byte strings, with their newlines. */
export const standardStreams = {
  print: (text: string) => write(1, text),
  complain: (text: string) => write(2, text),
};

// A full pipe is tried again: such a program has nothing else to do meanwhile.
const RETRY_MS = 5;
const sleeper = new Int32Array(new SharedArrayBuffer(4));

function write(descriptor: number, text: string): void {
  const bytes = Buffer.from(text, 'latin1');
  for (let at = 0; at < bytes.length; ) {
    try {
      at += writeSync(descriptor, bytes, at);
    } catch (error) {
      // A reader that went away wants no more: the program ends quietly, as under head(1).
      if (isErrno(error, 'EPIPE')) process.exit();
      if (!isErrno(error, 'EAGAIN')) throw error;
      Atomics.wait(sleeper, 0, 0, RETRY_MS);
    }
  }
}
