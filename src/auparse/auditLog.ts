import { addon } from '../binding/addon.ts';
import { findLogSet, type LogInput, type NativeLogReader, readEvents } from '../binding/auparse.ts';
import { AuditEvent } from './auditEvent.ts';
import { readDaemonLog } from './daemonLog.ts';
import { checkedTimeout, escapeModeNumber, type ParseOptions } from './parseOptions.ts';
import type { ReadCounts } from './readCounts.ts';

export interface ReadOptions extends ParseOptions {
  /** The last file goes on, across rotations, until the log is closed. */
  readonly follow?: boolean;
}

/** An input that ended before it should, or had something behind it. What was good in it was read. */
export interface DamagedInput {
  readonly file: string | null;
  readonly damage: 'truncated-gzip' | 'damaged-gzip' | 'trailing-bytes';
}

const DAMAGES = ['truncated-gzip', 'damaged-gzip', 'trailing-bytes'] as const;

/**
 * The events of some inputs, in order: those that are complete come first by time and serial, as in the C library.
 * Reads a block at a time, off the event loop, and only when asked. gzip is read as what it holds.
 *
 * ```ts
 * for await (const event of readFile('/var/log/audit/audit.log')) {
 *   console.log(event.serial, event.record('SYSCALL')?.field('syscall')?.interpreted);
 * }
 * ```
 */
export class AuditLog implements AsyncIterableIterator<AuditEvent> {
  readonly #inputs: readonly LogInput[];
  readonly #files: readonly (string | null)[];
  readonly #options: ReadOptions;
  readonly #timeout: number;
  #reader: NativeLogReader;
  #ready: AuditEvent[] = [];
  #taken = 0;
  #reading: Promise<void> | null = null;
  #isEnd = false;

  /** For this room; others call `readFile` and its like. */
  constructor(inputs: readonly LogInput[], options: ReadOptions) {
    this.#inputs = inputs;
    this.#files = inputs.map(input => ('path' in input ? input.path : null));
    this.#options = options;
    this.#timeout = checkedTimeout(options.endOfEventTimeoutSeconds ?? readDaemonLog().endOfEventTimeoutSeconds);
    escapeModeNumber(options.escape);
    this.#reader = this.#newReader();
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  /** @throws {SystemError} when an input cannot be opened or read; events of what came before it were given. */
  async next(): Promise<IteratorResult<AuditEvent, undefined>> {
    for (;;) {
      const event = this.#ready[this.#taken];
      if (event !== undefined) {
        this.#taken++;
        return { done: false, value: event };
      }
      if (this.#isEnd) return { done: true, value: undefined };
      // Whoever asks twice at once waits for the same block.
      this.#reading ??= this.#readBlock().finally(() => {
        this.#reading = null;
      });
      await this.#reading;
    }
  }

  async return(): Promise<IteratorResult<AuditEvent, undefined>> {
    await this.close();
    return { done: true, value: undefined };
  }

  /** Ends reading; a `next` that waits returns. Descriptors stay open. */
  async close(): Promise<void> {
    this.#isEnd = true;
    this.#ready = [];
    this.#taken = 0;
    this.#reader.cancel();
    await this.#reading;
  }

  /** Back to the first event: what was held is dropped, files are opened anew. Not for descriptors that cannot seek. */
  async rewind(): Promise<void> {
    await this.close();
    this.#reader = this.#newReader();
    this.#isEnd = false;
  }

  /** Not while a `next` is under way. */
  get counts(): ReadCounts {
    return this.#reader.counts();
  }

  /** Inputs that were not whole. */
  get damagedInputs(): readonly DamagedInput[] {
    const flat = this.#reader.damages();
    return Array.from({ length: flat.length / 2 }, (_, i) => ({
      file: this.#files[flat[2 * i] ?? 0] ?? null,
      damage: DAMAGES[(flat[2 * i + 1] ?? 1) - 1] ?? 'damaged-gzip',
    }));
  }

  #newReader(): NativeLogReader {
    return new addon.LogReader(this.#inputs, this.#timeout, this.#options.follow === true);
  }

  async #readBlock(): Promise<void> {
    const reader = this.#reader;
    try {
      const { events, isEnd } = await readEvents(reader);
      if (this.#isEnd) return;
      this.#ready = events.map(event => new AuditEvent(event, this.#files, this.#options));
      this.#taken = 0;
      this.#isEnd = isEnd;
    } catch (error) {
      this.#isEnd = true;
      throw error;
    }
  }
}

/**
 * The daemon's own log: `log_file` of auditd.conf with its rotated generations, oldest first.
 *
 * @param configuration  auditd.conf.
 * @throws {SystemError} when there is no log that can be read.
 */
export function readLogs(options: ReadOptions & { readonly configuration?: string } = {}): AuditLog {
  const { logFile, endOfEventTimeoutSeconds } = readDaemonLog(options.configuration);
  const paths = findLogSet(logFile);
  return new AuditLog(
    paths.map(path => ({ path })),
    { endOfEventTimeoutSeconds, ...options },
  );
}

/** One file. A missing one is an error of the first `next`. */
export function readFile(path: string, options: ReadOptions = {}): AuditLog {
  return new AuditLog([{ path }], options);
}

/** Files, read as if they were one: events may span them. */
export function readFiles(paths: readonly string[], options: ReadOptions = {}): AuditLog {
  return new AuditLog(
    paths.map(path => ({ path })),
    options,
  );
}

/** Text in memory. Unlike in the C library, a last line without a newline is a line. */
export function readBuffer(text: Uint8Array | string, options: ReadOptions = {}): AuditLog {
  return readBuffers([text], options);
}

/** Texts in memory, one behind the other; a missing newline is added to each. */
export function readBuffers(texts: readonly (Uint8Array | string)[], options: ReadOptions = {}): AuditLog {
  return new AuditLog(
    texts.map((text, i) => ({ bytes: typeof text === 'string' ? Buffer.from(text) : text, name: `buffer ${i}` })),
    options,
  );
}

/**
 * An open file, pipe or socket, from where it stands; it stays open. While it has nothing to read, one thread of
 * libuv's pool waits for it: use `readStream` for more than one such at a time.
 */
export function readDescriptor(descriptor: number, options: ReadOptions = {}): AuditLog {
  return new AuditLog([{ descriptor, name: `descriptor ${descriptor}` }], options);
}
