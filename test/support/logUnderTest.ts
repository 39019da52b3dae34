import { gunzipSync } from 'node:zlib';
import { LogFailure, LogSuspended } from '../../src/sinks/log/logFailure.ts';
import type { IndexBuilder } from '../../src/sinks/log/logIndexes.ts';
import type { LogSettings } from '../../src/sinks/log/logSettings.ts';
import { type Crossing, LogWriter, type OnCrossing } from '../../src/sinks/log/logWriter.ts';
import { HandClock } from './handClock.ts';
import { LOG, logSettings } from './logSettings.ts';
import { MemoryFiles } from './memoryFiles.ts';
import { SaidMessages } from './saidMessages.ts';

const RECORD_BYTES = 1024;
const LONGEST_RUN = 1 << 20;

/** Record `number` of a test, 1 KiB long: readers find loss, repetition and order by the number. */
export function record(number: number): string {
  return `type=SYSCALL msg=audit(1.000:${number}): `.padEnd(RECORD_BYTES - 1, 'x').concat('\n');
}

export function records(first: number, count: number): string {
  let text = '';
  for (let number = first; number < first + count; number++) text += record(number);
  return text;
}

/**
 * The numbers of the records in a text. Throws for a line that is none of them, whole.
 *
 * @param allowsTorn  The beginning of the record that would come next may stand on a line of its own.
 */
export function numbersIn(text: string, allowsTorn = false): number[] {
  const numbers: number[] = [];
  for (const line of text.split('\n').slice(0, -1)) {
    if (allowsTorn && line.length < RECORD_BYTES - 1 && record((numbers.at(-1) ?? 0) + 1).startsWith(line)) continue;
    const number = Number(/^type=SYSCALL msg=audit\(1\.000:(\d+)\): x*$/.exec(line)?.[1]);
    if (`${line}\n` !== record(number)) throw new Error(`not a whole record: ${line.slice(0, 60)}`);
    numbers.push(number);
  }
  if (!text.endsWith('\n') && text !== '' && !allowsTorn) throw new Error('the last line is not whole');
  return numbers;
}

/** A log on a disk in memory, and a pipeline's view of it: runs cut to its room, what was kept not repeated. */
export class LogUnderTest {
  readonly disk: MemoryFiles;
  readonly messages = new SaidMessages();
  readonly clock = new HandClock();
  readonly crossings: Crossing[] = [];
  log: LogWriter;
  process: ReturnType<MemoryFiles['process']>;
  onCrossing: OnCrossing = () => Promise.resolve();
  readonly #indexBuilder: IndexBuilder | null;
  /** The records that the log did not take when it was suspended. */
  lost = 0;
  #settings: LogSettings;
  #next = 1;

  constructor(
    changes: Partial<LogSettings> = {},
    disk: MemoryFiles = new MemoryFiles('/var/log/audit'),
    indexBuilder: IndexBuilder | null = null,
  ) {
    this.disk = disk;
    this.#indexBuilder = indexBuilder;
    this.#settings = logSettings(changes);
    this.disk.now = this.clock.wall;
    this.process = disk.process();
    this.log = this.#make();
  }

  /** The number of the record that comes next. */
  get next(): number {
    return this.#next;
  }

  /** As the kernel does with SIGKILL; then a new daemon on the same directory, not opened yet. */
  kill(): void {
    this.process.kill();
    this.process = this.disk.process();
    this.log = this.#make();
  }

  async reconfigure(changes: Partial<LogSettings>): Promise<void> {
    this.#settings = { ...this.#settings, ...changes };
    await this.log.reconfigure(this.#settings);
  }

  /**
   * Writes the next records. Failures are passed to `onFailure` and the rest is tried again, until it gives up: then
   * the same record comes next.
   */
  async write(count: number, onFailure: (error: LogFailure) => boolean = throwing): Promise<void> {
    const end = this.#next + count;
    while (this.#next < end) {
      const fitting = Math.max(1, Math.ceil(Math.min(this.log.roomBytes, LONGEST_RUN) / RECORD_BYTES));
      const inRun = Math.min(fitting, end - this.#next);
      try {
        await this.log.write(Buffer.from(records(this.#next, inRun)), inRun);
        this.#next += inRun;
      } catch (error) {
        if (error instanceof LogSuspended) {
          this.lost += inRun;
          this.#next += inRun;
          continue;
        }
        if (!(error instanceof LogFailure)) throw error;
        this.#next += error.keptBytes / RECORD_BYTES;
        if (!onFailure(error)) return;
      }
    }
  }

  /** The numbers in every file of the log, oldest first; compressed ones decompressed. */
  get written(): number[] {
    const generation = (name: string) => Number(/\.(\d+)(\.gz)?$/.exec(name)?.[1] ?? 0);
    return this.disk.names
      .filter(name => name === LOG || generation(name) > 0)
      .toSorted((a, b) => generation(b) - generation(a))
      .flatMap(name => numbersIn(this.text(name)));
  }

  /** What a file of the log holds, decompressed where it must be. */
  text(name: string): string {
    return name.endsWith('.gz') ? gunzipSync(this.disk.bytes(name)).toString('latin1') : this.disk.text(name);
  }

  #make(): LogWriter {
    return new LogWriter(
      this.#settings,
      this.process,
      this.messages,
      async crossing => {
        this.crossings.push(crossing);
        await this.onCrossing(crossing);
      },
      this.clock,
      undefined,
      this.#indexBuilder,
    );
  }
}

function throwing(error: LogFailure): never {
  throw error;
}

/** `1..n`. */
export function upTo(count: number): number[] {
  return Array.from({ length: count }, (_, index) => index + 1);
}

/** What a call throws; null when it does not. */
export async function failureOf(call: Promise<unknown>): Promise<unknown> {
  try {
    await call;
    return null;
  } catch (error) {
    return error;
  }
}
