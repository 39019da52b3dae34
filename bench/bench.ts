import { execFileSync } from 'node:child_process';
import { realpathSync } from 'node:fs';
import { cpus, release } from 'node:os';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { AuditKernel } from './auditKernel.ts';
import { installedDaemons } from './daemonUnderTest.ts';
import { formatRows, isMissed, type Row } from './report.ts';
import { StartedProcess } from './startedProcess.ts';
import { Undo, undoOnSignals } from './undo.ts';
import { Workspace } from './workspace.ts';

/** What a trial works with. */
export interface Scene {
  readonly kernel: AuditKernel;
  readonly workspace: Workspace;
  readonly undo: Undo;
  readonly settings: BenchSettings;
}

/** The command line. */
export interface BenchSettings {
  /** Most events of one trial; null for the bench's own number. */
  readonly events: number | null;
  /** How often a trial does what it repeats; null for the bench's own number. */
  readonly times: number | null;
  /** How long a load lasts that ends by time; null for the bench's own number. */
  readonly seconds: number | null;
  readonly rounds: number;
  /** Only trials whose name contains it. */
  readonly only: string;
  /** A file that each trial holds locked with flock(1), for other users of this kernel's audit. */
  readonly lock: string | null;
}

/** A trial is named and run in a process of its own; a bench compares the results of several, in rounds. */
export interface Bench<R> {
  readonly name: string;
  /** `import.meta.url` of its file, which starts it with `runIfMain`. */
  readonly url: string;
  /** One round, in this order. */
  readonly trials: readonly string[];
  run(trial: string, scene: Scene): Promise<R>;
  /** @param results  Of every trial, round by round, in the order of the trials. */
  report(results: readonly R[]): Row[];
  /** What is printed below the rows. */
  summary?(results: readonly R[]): string;
}

/** SYSCALL and PROCTITLE. The record that ends an event is not logged. */
export const RECORDS_PER_EVENT = 2;

const USAGE = `usage: node NAME.bench.js [--events N | --records N] [--times N] [--seconds N] [--rounds N] [--only TEXT] [--lock FILE]
  --events N   most events of one trial
  --records N  the same in records that reach the log, two an event
  --times N    how often a trial does what it repeats: kills, restarts, upgrades
  --seconds N  how long a load lasts where it ends by time: dispatch
  --rounds N   how often each trial is run, in turns (default 3)
  --only TEXT  only trials whose name contains TEXT
  --lock FILE  hold FILE locked, as flock(1) does, during each trial
`;

/** Runs benches from the command line when `url` is the file that Node was started with. Exit code 1: a miss. */
export async function runIfMain(url: string, ...benches: Bench<unknown>[]): Promise<void> {
  const [, main] = process.argv;
  if (main === undefined || realpathSync(main) !== fileURLToPath(url)) return;
  const undo = new Undo();
  undoOnSignals(undo);
  // Whoever read this has gone. That must not keep the machine from being put back as it was.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => void undo.run());
  try {
    process.exitCode = await runCommand(benches, undo);
  } catch (error) {
    // What ends because it is being undone has not failed.
    if (!undo.hasBegun) process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 1;
  } finally {
    await undo.run();
  }
}

async function runCommand(benches: readonly Bench<unknown>[], undo: Undo): Promise<number> {
  const { trial, ...settings } = readCommandLine();
  if (trial !== null) {
    const [bench] = benches;
    if (bench !== undefined) await runTrial(bench, trial, settings, undo);
    return 0;
  }
  if (!installedDaemons.includes('reference')) {
    process.stderr.write('no C audit daemon is installed: what compares with it is left out\n');
  }
  const rows: Row[] = [];
  const summaries: string[] = [];
  for (const bench of benches) {
    const results = await runRounds(bench, settings, undo);
    if (results.length === 0) continue;
    rows.push(...bench.report(results));
    if (bench.summary !== undefined) summaries.push(bench.summary(results));
  }
  process.stdout.write(`\n${formatRows(rows)}`);
  const judged = rows.filter(({ target }) => target !== null);
  if (judged.length > 0) process.stdout.write(`\n${formatRows(judged)}`);
  for (const summary of summaries) process.stdout.write(`\n${summary}`);
  return rows.some(isMissed) ? 1 : 0;
}

function readCommandLine(): BenchSettings & { trial: string | null } {
  const text = { type: 'string' } as const;
  const { values } = parseArgs({
    options: {
      events: text,
      records: text,
      times: text,
      seconds: text,
      rounds: text,
      only: text,
      lock: text,
      trial: text,
      help: { type: 'boolean' },
    },
  });
  if (values.help === true) {
    process.stdout.write(USAGE);
    process.exit(0);
  }
  return {
    events: mostEvents(values.events, values.records),
    times: values.times === undefined ? null : positive('times', values.times),
    seconds: values.seconds === undefined ? null : positive('seconds', values.seconds),
    rounds: values.rounds === undefined ? 3 : positive('rounds', values.rounds),
    only: values.only ?? '',
    lock: values.lock ?? null,
    trial: values.trial ?? null,
  };
}

function mostEvents(events: string | undefined, records: string | undefined): number | null {
  if (records !== undefined) return Math.ceil(positive('records', records) / RECORDS_PER_EVENT);
  return events === undefined ? null : positive('events', events);
}

function positive(option: string, text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1) throw new Error(`--${option} ${text}: expected a number from 1 on`);
  return value;
}

async function runRounds<R>(bench: Bench<R>, settings: BenchSettings, undo: Undo): Promise<R[]> {
  const results: R[] = [];
  const trials = bench.trials.filter(trial => trial.includes(settings.only));
  for (let round = 0; round < settings.rounds; round++) {
    for (const trial of trials) {
      const line = await new StartedProcess(trialCommand(bench, trial, settings), undo).finished();
      process.stdout.write(line);
      results.push(JSON.parse(line) as R); // printed by runTrial of the same bench
    }
  }
  return results;
}

function trialCommand(bench: Bench<unknown>, trial: string, { events, times, seconds, lock }: BenchSettings): string[] {
  return [
    // --no-fork: signals then reach the trial itself.
    ...(lock === null ? [] : ['flock', '--no-fork', lock]),
    process.execPath,
    fileURLToPath(bench.url),
    `--trial=${trial}`,
    ...(events === null ? [] : [`--events=${events}`]),
    ...(times === null ? [] : [`--times=${times}`]),
    ...(seconds === null ? [] : [`--seconds=${seconds}`]),
  ];
}

async function runTrial(bench: Bench<unknown>, trial: string, settings: BenchSettings, undo: Undo): Promise<void> {
  const kernel = await AuditKernel.claim(undo);
  const workspace = new Workspace(undo);
  const result = await bench.run(trial, { kernel, workspace, undo, settings });
  const cpu = `${cpus().length} x ${cpus()[0]?.model}`;
  const machine = { node: process.version, cpu, kernel: release(), commit: currentCommit() };
  process.stdout.write(`${JSON.stringify({ bench: bench.name, trial, ...Object(result), ...machine })}\n`);
}

/** Null outside of a repository, or in one without a commit. */
function currentCommit(): string | null {
  try {
    return execFileSync('git', ['rev-parse', '--short', '--verify', 'HEAD'], {
      cwd: import.meta.dirname,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    }).trim();
  } catch {
    // Which commit was measured is a help to the reader, not a condition: git need not be installed.
    return null;
  }
}
