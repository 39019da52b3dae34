import { reasonOf } from '../../base/errors.ts';
import type { Messages } from '../../base/messages.ts';
import { Backlog } from './backlog.ts';
import { Feed, type FeedSource } from './feed.ts';
import type { Outlet, OutletEvents } from './outlet.ts';
import type { Plugin, PluginReport } from './plugin.ts';
import { Batch } from './slabs.ts';
import type { Spool } from './spool.ts';
import { countRecords, type StreamFormat } from './streamFormat.ts';

/** How a plugin's program is started. */
export interface ProgramSettings {
  readonly path: string;
  readonly args: readonly string[];
  /** How often it is started again before it is given up, until a reload. */
  readonly maxRestarts: number;
}

/** A running program. */
export interface Program {
  readonly pid: number;
  /** To its standard input. */
  readonly outlet: Outlet;
  /** How it ended, in words. Never rejects. */
  readonly ended: Promise<string>;
  kill(signal: 'SIGTERM' | 'SIGKILL'): void;
  /** Somebody else sees to it from now on, and hears how it ended: nothing here waits for that. */
  letGo(): void;
}

/** Starts programs; the real one is the daemon's. */
export interface Launcher {
  /** @throws {Error} with errno: of fork(2) or execve(2). */
  launch(settings: ProgramSettings, events: OutletEvents): Promise<Program>;
  /** A program that an earlier process has started, by what `handOver` gave. */
  adopt(program: HandedProgram, events: OutletEvents): Program;
}

/** A running program that goes on under another process, with what it has still to read. */
export interface HandedProgram {
  readonly name: string;
  readonly pid: number;
  /** The descriptor of our end of its standard input. */
  readonly fd: number;
  readonly format: StreamFormat;
  /** Unsent; may begin in the middle of a record. */
  readonly pending: Uint8Array;
}

export interface ProgramOptions {
  readonly name: string;
  readonly format: StreamFormat;
  readonly settings: ProgramSettings;
  /** Most records that wait. */
  readonly limit: number;
  /**
   * Opens its spool, or says why not and gives null: then what waits is in memory. Null: it shall have none. `onLost` is
   * told of records that the spool could not keep.
   */
  readonly openSpool: ((onLost: (records: number) => void) => Promise<Spool | null>) | null;
  readonly launcher: Launcher;
  readonly messages: Messages;
  readonly now: () => number;
  readonly pause: (milliseconds: number) => Promise<void>;
  /** Records were dropped; `isFirst` when those before them were not. */
  readonly onOverflow: (plugin: Plugin, isFirst: boolean) => void;
}

/** A program that ran so long is not one that fails at once: the next pause is short again. */
const STEADY_MILLISECONDS = 60_000;
const FIRST_PAUSE_MILLISECONDS = 100;
const LONGEST_PAUSE_MILLISECONDS = 30_000;
/** As long as the reference waits after the end of its input, before SIGTERM. */
const END_OF_INPUT_MILLISECONDS = 50;
/** As long as it still reads what it was sent. */
const READING_MILLISECONDS = 5000;
/** Between SIGTERM and SIGKILL. */
const TERM_MILLISECONDS = 2000;
const LOOK_MILLISECONDS = 10;

/**
 * A program that reads records from its standard input. What it does not read waits, up to a limit; when it ends it is
 * started again, at once and then ever more slowly, and goes on with the first record that was not sent whole.
 */
export class ProgramPlugin implements Plugin {
  readonly name: string;
  readonly format: StreamFormat;
  readonly #options: ProgramOptions;
  readonly #backlog: Backlog;
  readonly #feed: Feed;
  #spool: Spool | null = null;
  #isFromSpool = false; // what the feed is sending
  #isOver = false;
  #settings: ProgramSettings;
  #program: Program | null = null;
  #condition: PluginReport['condition'] = 'stopped';
  #isSuspended = false;
  #restarts = 0;
  #quickEnds = 0;
  #startedAt = 0;
  /** Raised by each start and stop: what an earlier one still waits for does not concern it any more. */
  #generation = 0;

  constructor(options: ProgramOptions) {
    this.#options = options;
    this.name = options.name;
    this.format = options.format;
    this.#settings = options.settings;
    this.#backlog = new Backlog({
      format: options.format,
      limit: options.limit,
      now: options.now,
      retry: () => this.#feed.unblock(),
      onOverflow: (_records, isFirst) => options.onOverflow(this, isFirst),
    });
    // What an earlier process had begun to send comes before what is in the spool.
    const source: FeedSource = {
      peek: () => {
        const inMemory = this.#backlog.peek();
        this.#isFromSpool = inMemory === null;
        return inMemory ?? this.#spool?.peek() ?? null;
      },
      took: bytes => (this.#isFromSpool ? this.#spool : this.#backlog)?.took(bytes),
    };
    this.#feed = new Feed(source, () => this.#readerGone(this.#program));
  }

  offer(batch: Batch): void {
    // A spool keeps what a program that was given up misses: the next start sends it.
    const isGivenUp = this.#condition === 'off' && this.#spool === null;
    if (this.#isSuspended || this.#isOver || isGivenUp) this.#backlog.drop(batch.records);
    else if (this.#spool === null) this.#backlog.offer(batch);
    else this.#offerToSpool(this.#spool, batch);
    this.#feed.pump();
  }

  stored(): Promise<void> | null {
    return this.#spool?.stored() ?? null;
  }

  isBehind(bytes: number): boolean {
    return this.#spool === null && this.#backlog.isBehind(bytes);
  }

  /** @param next  As its file has it now; null for the settings that it has. */
  async start(next: ProgramSettings | null = null): Promise<void> {
    this.#settings = next ?? this.#settings;
    this.#restarts = 0;
    this.#quickEnds = 0;
    this.#isSuspended = false;
    this.#backlog.forgive();
    await this.#openSpool();
    await this.#launch(reason => {
      this.#options.messages.error(`Error running ${this.#settings.path} (${reason}) continuing without it`);
    });
  }

  /** Goes on with a program that another process has started. */
  async adopt(handed: HandedProgram): Promise<void> {
    await this.#openSpool();
    if (handed.pending.length > 0) {
      this.#backlog.adopt(new Batch(handed.pending, countRecords(this.format, handed.pending)));
    }
    const events = this.#events();
    this.#take(this.#options.launcher.adopt(handed, events.given), events);
  }

  /** Ends this object, and gives what another process needs to go on; null when nothing runs. */
  async handOver(): Promise<HandedProgram | null> {
    const program = this.#program;
    if (program === null) return null;
    this.#generation++;
    this.#isOver = true;
    this.#feed.detach();
    this.#program = null;
    this.#condition = 'stopped';
    const pending = Buffer.concat([this.#backlog.takeBytes(), this.#spool?.restOfRecord() ?? new Uint8Array(0)]);
    await this.#spool?.close();
    program.letGo();
    return { name: this.name, pid: program.pid, fd: program.outlet.detach(), format: this.format, pending };
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

  /** Settles once nothing waits for the program any more, or it stopped reading. */
  async drained(milliseconds: number): Promise<void> {
    const deadline = this.#options.now() + milliseconds;
    while (this.#program !== null && this.#backlog.bytes > 0 && this.#options.now() < deadline) {
      if (!this.#backlog.isBehind(0)) return;
      await this.#options.pause(LOOK_MILLISECONDS);
    }
  }

  /**
   * Ends the program: the end of its input, as long as it reads what was sent; SIGTERM; SIGKILL.
   *
   * @param isLast  What still waits is lost. False: it waits for the next start.
   */
  async stop(isLast = true): Promise<void> {
    const program = this.#program;
    if (program !== null && isLast) await this.drained(READING_MILLISECONDS);
    this.#generation++;
    this.#condition = 'stopped';
    this.#feed.detach();
    if (program !== null) await this.#end(program);
    this.#program = null;
    this.#sourceRewind();
    if (!isLast) return;
    this.#isOver = true;
    this.#backlog.discard();
    await this.#spool?.close();
  }

  report(): PluginReport {
    const { pid = null } = this.#program ?? {};
    return {
      name: this.name,
      kind: 'program',
      condition: this.#condition,
      pid,
      restarts: this.#restarts,
      backlogRecords: this.#backlog.records,
      mostBacklogRecords: this.#backlog.mostRecords,
      sentRecords: this.#spool?.sentRecords ?? this.#backlog.sentRecords,
      lostRecords: this.#backlog.lostRecords,
      hasOverflowed: this.#backlog.hasOverflowed || (this.#spool?.hasOverflowed ?? false),
      isSuspended: this.#isSuspended,
      spool: this.#spool === null ? null : { bytes: this.#spool.bytes, limitBytes: this.#spool.limitBytes },
      clients: null,
    };
  }

  // --- Its life ------------------------------------------------------------------------------------------------

  async #launch(onFailure: (reason: string) => void, onSuccess = (): void => undefined): Promise<void> {
    const generation = ++this.#generation;
    this.#condition = 'starting';
    const events = this.#events();
    let program: Program;
    try {
      program = await this.#options.launcher.launch(this.#settings, events.given);
    } catch (error) {
      if (generation !== this.#generation) return;
      this.#giveUp();
      onFailure(reasonOf(error));
      return;
    }
    if (generation !== this.#generation) {
      await this.#end(program); // stopped meanwhile
      return;
    }
    onSuccess();
    this.#take(program, events);
  }

  #take(program: Program, events: LateEvents): void {
    const generation = ++this.#generation;
    this.#program = program;
    this.#condition = 'running';
    this.#startedAt = this.#options.now();
    events.onWritable = () => {
      if (this.#program === program) this.#feed.unblock();
    };
    events.onGone = () => this.#readerGone(program);
    this.#spool?.readBy(program.outlet);
    this.#feed.attach(program.outlet);
    void program.ended.then(how => {
      if (generation === this.#generation) this.#ended(program, how);
    });
  }

  // Events may come before the program is known by its object.
  #events(): LateEvents {
    const events: LateEvents = {
      onWritable: () => undefined,
      onGone: () => undefined,
      given: { onWritable: () => events.onWritable(), onGone: () => events.onGone() },
    };
    return events;
  }

  // It has closed its standard input. A program that lives on without it is no plugin.
  #readerGone(program: Program | null): void {
    if (program === null || this.#program !== program) return;
    this.#feed.detach();
    void this.#end(program);
  }

  #ended(program: Program, how: string): void {
    const { messages, now } = this.#options;
    this.#feed.detach();
    program.outlet.close();
    this.#program = null;
    this.#sourceRewind();
    messages.error(`plugin ${this.#settings.path} terminated unexpectedly (${how})`);
    this.#restarts++;
    if (this.#restarts > this.#settings.maxRestarts) {
      messages.error(`plugin ${this.#settings.path} has exceeded max_restarts`);
      this.#giveUp();
      return;
    }
    this.#quickEnds = now() - this.#startedAt < STEADY_MILLISECONDS ? this.#quickEnds + 1 : 1;
    void this.#restartLater(++this.#generation);
  }

  async #restartLater(generation: number): Promise<void> {
    this.#condition = 'waiting to restart';
    if (this.#quickEnds > 1) {
      const pause = FIRST_PAUSE_MILLISECONDS * 2 ** Math.min(this.#quickEnds - 2, 20);
      await this.#options.pause(Math.min(pause, LONGEST_PAUSE_MILLISECONDS));
    }
    if (generation !== this.#generation) return;
    const { messages } = this.#options;
    const { path } = this.#settings;
    await this.#launch(
      reason => messages.error(`plugin ${path} failed after restart: ${reason}`),
      () => messages.notice(`plugin ${path} was restarted (${this.#restarts}x)`),
    );
  }

  #giveUp(): void {
    this.#condition = 'off';
    this.#backlog.discard();
  }

  async #end(program: Program): Promise<void> {
    const { now, pause } = this.#options;
    let hasEnded = false;
    const ended = program.ended.then(() => {
      hasEnded = true;
    });
    program.outlet.finish();
    const start = now();
    let unread = program.outlet.unreadBytes;
    let lastRead = start;
    while (!hasEnded && now() - start < READING_MILLISECONDS && now() - lastRead < END_OF_INPUT_MILLISECONDS) {
      await Promise.race([ended, pause(LOOK_MILLISECONDS)]);
      const left = program.outlet.unreadBytes;
      if (left < unread) lastRead = now();
      unread = left;
    }
    if (!hasEnded) program.kill('SIGTERM');
    if (!hasEnded) await Promise.race([ended, pause(TERM_MILLISECONDS)]);
    if (!hasEnded) program.kill('SIGKILL');
    if (!hasEnded) await Promise.race([ended, pause(TERM_MILLISECONDS)]); // one that hangs in the kernel stays behind
    program.outlet.close();
  }

  #sourceRewind(): void {
    this.#backlog.rewind();
    this.#spool?.rewind();
  }

  #offerToSpool(spool: Spool, batch: Batch): void {
    if (spool.offer(batch)) return;
    this.#backlog.drop(batch.records);
    this.#options.onOverflow(this, spool.isFirstDrop);
  }

  async #openSpool(): Promise<void> {
    if (this.#spool !== null || this.#options.openSpool === null) return;
    const spool = await this.#options.openSpool(records => this.#backlog.drop(records));
    if (spool === null) return;
    spool.onReady(() => this.#feed.pump());
    this.#spool = spool;
    // What came before it was open.
    for (const batch of this.#backlog.takeBatches()) {
      this.#offerToSpool(spool, batch);
      batch.release();
    }
  }
}

interface LateEvents {
  onWritable: () => void;
  onGone: () => void;
  readonly given: OutletEvents;
}
