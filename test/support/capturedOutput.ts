import { closeSync, ftruncateSync, mkdtempSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** One of the standard streams of a program that runs in this process: a file that everything is appended to. */
export class CapturedOutput {
  readonly #directory = mkdtempSync(join(tmpdir(), 'output-'));
  readonly #path = join(this.#directory, 'output');
  /** For code that writes to descriptors. */
  readonly descriptor = openSync(this.#path, 'a+');

  /** @param text  Byte string. */
  write(text: string): void {
    if (text !== '') writeSync(this.descriptor, Buffer.from(text, 'latin1'));
  }

  /** What has been written since the last call. */
  take(): Buffer {
    const bytes = readFileSync(this.#path);
    ftruncateSync(this.descriptor);
    return bytes;
  }

  remove(): void {
    closeSync(this.descriptor);
    rmSync(this.#directory, { recursive: true });
  }
}
