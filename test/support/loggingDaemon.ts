import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { ActionRunner, productionPaths } from '../../src/daemon/actions/actionRunner.ts';
import { LogPolicy, type MachineActions, type PolicySettings } from '../../src/daemon/actions/logPolicy.ts';
import { type Machine, realMachine } from '../../src/daemon/actions/machine.ts';
import { logFiles } from '../../src/daemon/logFiles.ts';
import { Pipeline, type RecordQueue, type Run } from '../../src/pipeline/pipeline.ts';
import type { LogAction, LogSettings, SpaceSettings } from '../../src/sinks/log/logSettings.ts';
import { type Crossing, LogWriter } from '../../src/sinks/log/logWriter.ts';
import { HandClock } from './handClock.ts';
import { ignore, logSettings } from './logSettings.ts';
import { numbersIn, records } from './logUnderTest.ts';
import { SaidMessages } from './saidMessages.ts';

const RECORD_BYTES = 1024;

/** What a test wants of the log and its actions, where that is not the default. */
export interface DaemonWishes {
  readonly log?: Partial<LogSettings>;
  readonly space?: Partial<SpaceSettings>;
  readonly policy?: Partial<PolicySettings>;
  readonly mailer?: string;
}

/** Numbered records that wait to be written, as the ring holds them. */
class WaitingRecords implements RecordQueue<Run> {
  #next: number;
  #end: number;

  constructor(first: number) {
    this.#next = first;
    this.#end = first;
  }

  get last(): number {
    return this.#end - 1;
  }

  add(count: number): void {
    this.#end += count;
  }

  peek(limit: number): Run | null {
    const lines = Math.min(Math.max(1, Math.ceil(limit / RECORD_BYTES)), this.#end - this.#next);
    return lines === 0 ? null : { bytes: Buffer.from(records(this.#next, lines)), lines };
  }

  release(run: Run): void {
    this.#next += run.lines;
  }
}

/**
 * Records, pipeline, log, policy and actions as the daemon puts them together, on real files. The pauses between two
 * tries last no time: `onPause` is where a test changes what makes them fail. The runlevel is never changed.
 */
export class LoggingDaemon {
  readonly logFile: string;
  readonly messages = new SaidMessages();
  readonly clock = new HandClock();
  readonly log: LogWriter;
  readonly policy: LogPolicy;
  readonly pipeline: Pipeline<Run>;
  readonly crossings: Crossing[] = [];
  /** Programs that were started, with their arguments. */
  readonly started: string[] = [];
  readonly actions: MachineActions & { settled(): Promise<void> };
  onPause: (pause: number) => void = () => undefined;
  onCrossing: (crossing: Crossing) => void = () => undefined;
  readonly #waiting: WaitingRecords;
  readonly #wishes: DaemonWishes;

  /** @param first  The number of the first record. */
  constructor(logFile: string, wishes: DaemonWishes = {}, first = 1) {
    this.#waiting = new WaitingRecords(first);
    this.logFile = logFile;
    this.#wishes = wishes;
    this.log = new LogWriter(
      this.#settings(wishes.log),
      logFiles,
      this.messages,
      async crossing => {
        this.crossings.push(crossing);
        this.onCrossing(crossing);
        await this.policy.crossed(crossing);
      },
      this.clock,
    );
    this.pipeline = new Pipeline(
      this.#waiting,
      () => this.log,
      error => this.policy.failed(error),
    );
    const machine: Machine = {
      ...realMachine,
      run: (path, args, input) => {
        this.started.push([path, ...args].join(' '));
        return path === productionPaths.runlevel
          ? Promise.resolve({ code: 0, signal: null })
          : realMachine.run(path, args, input);
      },
      writeTerminal: () => Promise.resolve(),
    };
    const paths = { ...productionPaths, mailer: wishes.mailer ?? '/nonexistent/sendmail' };
    this.actions = new ActionRunner(machine, paths, this.messages);
    let pauses = 0;
    this.policy = new LogPolicy({
      log: this.log,
      actions: this.actions,
      messages: this.messages,
      settings: this.policySettings(wishes.policy),
      between: step => this.between(step),
      pause: async milliseconds => {
        await this.clock.pause(milliseconds);
        this.onPause(++pauses);
      },
      now: this.clock.monotonic,
    });
  }

  /** The number of the last record that was given to the pipeline. */
  get given(): number {
    return this.#waiting.last;
  }

  /** Writes this many records more. Settles when each is written or given up. */
  async write(count: number): Promise<void> {
    this.#waiting.add(count);
    await this.pipeline.drain();
  }

  async between(step: () => Promise<void>): Promise<void> {
    await this.pipeline.between(async () => {
      await step();
      return null;
    });
  }

  reconfigure(log: Partial<LogSettings>): Promise<void> {
    return this.between(() => this.policy.reconfigure(this.#settings(log), this.policySettings(this.#wishes.policy)));
  }

  policySettings(changes: Partial<PolicySettings> = {}): PolicySettings {
    return {
      adminSpaceLeftAction: this.#wishes.space?.adminSpaceLeftAction ?? ignore,
      diskFullAction: this.#wishes.space?.diskFullAction ?? ignore,
      diskErrorAction: ignore,
      actionMailAccount: 'root',
      ...changes,
    };
  }

  /** The numbers of the records on the disk, oldest first. */
  get written(): number[] {
    return writtenIn(this.logFile);
  }

  #settings(changes: Partial<LogSettings> = {}): LogSettings {
    const base = logSettings({ path: this.logFile });
    return { ...base, space: { ...base.space, ...this.#wishes.space }, ...this.#wishes.log, ...changes };
  }
}

/**
 * The numbers of the records in a log and its archives, oldest first. Throws for a line that is not whole.
 *
 * @param allowsTorn  @see numbersIn
 */
export function writtenIn(logFile: string, allowsTorn = false): number[] {
  const generation = (name: string) => Number(/\.(\d+)(\.gz)?$/.exec(name)?.[1] ?? 0);
  if (!existsSync(dirname(logFile))) return [];
  const texts = readdirSync(dirname(logFile))
    .filter(name => name === basename(logFile) || (name.startsWith(`${basename(logFile)}.`) && generation(name) > 0))
    .toSorted((a, b) => generation(b) - generation(a))
    .map(name => {
      const bytes = readFileSync(join(dirname(logFile), name));
      return (name.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString('latin1');
    });
  return numbersIn(texts.join(''), allowsTorn);
}

export function action(kind: Exclude<LogAction['kind'], 'exec'>): LogAction {
  return { kind };
}

/** Settles when the condition holds; asks again with each turn of the event loop. */
export async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise(resolve => setImmediate(resolve));
}
