import { reasonOf } from '../../base/errors.ts';
import type { Messages } from '../../base/messages.ts';
import { Backlog } from './backlog.ts';
import type { Plugin, PluginReport } from './plugin.ts';
import type { Batch } from './slabs.ts';

/** A file that lines are appended to. */
export interface AppendedFile {
  /** @returns Bytes written. @throws {Error} with errno. */
  write(buffers: readonly Uint8Array[], offset: number): Promise<number>;
  close(): Promise<void>;
}

export interface FileOptions {
  readonly name: string;
  readonly path: string;
  readonly mode: number;
  /** Most records that wait while nothing is taken: q_depth. */
  readonly limit: number;
  /** Opens it for appending; a last line that a crash has left without its end gets one. */
  readonly open: (path: string, mode: number) => Promise<AppendedFile>;
  readonly messages: Messages;
  readonly now: () => number;
  readonly pause: (milliseconds: number) => Promise<void>;
  readonly onOverflow: (plugin: Plugin, isFirst: boolean) => void;
}

const RETRY_MILLISECONDS = 1000;
/** How long a stop waits for a disk that does not take what is left. */
const DRAIN_MILLISECONDS = 5000;

/**
 * Appends lines to a file. A disk that is full or slow costs this file its lines, beyond the queue, and nobody else
 * anything. A reload opens the file anew: after somebody has renamed it away.
 */
export class FilePlugin implements Plugin {
  readonly name: string;
  readonly format = 'string';
  readonly #options: FileOptions;
  readonly #backlog: Backlog;
  #file: AppendedFile | null = null;
  #condition: PluginReport['condition'] = 'stopped';
  #isSuspended = false;
  #isFailing = false;
  #isStopping = false;
  #working: Promise<void> | null = null;

  constructor(options: FileOptions) {
    this.#options = options;
    this.name = options.name;
    this.#backlog = new Backlog({
      format: 'string',
      limit: options.limit,
      now: options.now,
      retry: () => undefined, // one write is under way for as long as anything waits
      onOverflow: (_records, isFirst) => options.onOverflow(this, isFirst),
    });
  }

  async start(): Promise<void> {
    const { path, mode, messages, open } = this.#options;
    this.#condition = 'starting';
    try {
      this.#file = await open(path, mode);
      this.#condition = 'running';
      this.#work();
    } catch (error) {
      this.#condition = 'off';
      this.#backlog.discard();
      messages.error(`plugin ${this.name}: cannot write ${path} (${reasonOf(error)})`);
    }
  }

  offer(batch: Batch): void {
    if (this.#isSuspended || this.#condition === 'off') this.#backlog.drop(batch.records);
    else this.#backlog.offer(batch);
    this.#work();
  }

  stored(): null {
    return null;
  }

  isBehind(bytes: number): boolean {
    return this.#backlog.isBehind(bytes);
  }

  resume(): void {
    this.#isSuspended = false;
    this.#backlog.forgive();
  }

  suspend(): void {
    this.#isSuspended = true;
  }

  setLimit(records: number): void {
    this.#backlog.limit = records;
  }

  async stop(): Promise<void> {
    const { now, pause } = this.#options;
    this.#isStopping = true;
    const deadline = now() + DRAIN_MILLISECONDS;
    while (this.#file !== null && this.#backlog.records > 0 && !this.#isFailing && now() < deadline) await pause(10);
    this.#condition = 'stopped';
    this.#backlog.discard();
    await this.#working;
    await this.#file?.close();
    this.#file = null;
  }

  report(): PluginReport {
    const { records, mostRecords, sentRecords, lostRecords, hasOverflowed } = this.#backlog;
    return {
      name: this.name,
      kind: 'file',
      condition: this.#condition,
      pid: null,
      restarts: 0,
      backlogRecords: records,
      mostBacklogRecords: mostRecords,
      sentRecords,
      lostRecords,
      hasOverflowed,
      isSuspended: this.#isSuspended,
      spool: null,
      clients: null,
    };
  }

  #work(): void {
    this.#working ??= this.#write().finally(() => {
      this.#working = null;
    });
  }

  async #write(): Promise<void> {
    const { messages, path, pause } = this.#options;
    for (let waiting = this.#backlog.peek(); waiting !== null && this.#file !== null; waiting = this.#backlog.peek()) {
      try {
        const written = await this.#file.write(waiting.buffers, waiting.offset);
        if (this.#condition === 'stopped') return;
        this.#backlog.took(written);
        if (this.#isFailing) messages.notice(`plugin ${this.name}: ${path} is written again`);
        this.#isFailing = false;
      } catch (error) {
        if (!this.#isFailing) messages.error(`plugin ${this.name}: cannot write ${path} (${reasonOf(error)})`);
        this.#isFailing = true;
        if (this.#isStopping) return;
        // A full disk, most likely: what was not taken waits, and room comes back.
        await pause(RETRY_MILLISECONDS);
      }
    }
  }
}
