import type { RecordSink } from './recordSink.ts';

/** Foreground mode: records to standard output, at its reader's pace. */
export class StdoutSink implements RecordSink {
  readonly roomBytes = Number.MAX_SAFE_INTEGER;
  #isClosed = false;

  /** @param onClosed  Nobody reads any more. Records written from then on are gone. */
  constructor(onClosed: () => void) {
    process.stdout.on('error', () => {
      if (!this.#isClosed) onClosed();
      this.#isClosed = true;
    });
  }

  write(bytes: Uint8Array): Promise<void> {
    if (this.#isClosed) return Promise.resolve();
    // The callback also runs after an error, which the listener above has then seen.
    return new Promise(resolve => process.stdout.write(bytes, () => resolve()));
  }
}
