import { linkSync, readdirSync, readFileSync, statSync, unlinkSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { isErrno } from '../src/base/errors.ts';
import { BENCH_KEY } from './auditKernel.ts';
import { loadReport, startFlood } from './auditLoad.ts';
import { type Bench, runIfMain, type Scene } from './bench.ts';
import { DaemonUnderTest, type LogSettings, PACKAGED } from './daemonUnderTest.ts';
import { generations, isWhole, LogCheck, type LogVerdict } from './logCheck.ts';
import { atLeast, none, type Row, row } from './report.ts';
import { StartedProcess } from './startedProcess.ts';

// A thousand rotations while a process makes records as fast as it can: what they cost, and how long none is written.

const ROTATIONS = 1000;
const MOST_EVENTS = 5_000_000;
const MOST_SECONDS = 90;
const COUNT_MILLISECONDS = 100;
const IDLE_MILLISECONDS = 500;
const COMPARED_SECONDS = 15;

// Archives get a second name in time, so that all of them are there to be checked in the end.
const ROTATING: LogSettings = { ...PACKAGED, maxLogFileMegabytes: 1, numLogs: 99 };
/** The same load on a log that is never rotated: what of the gaps is not the rotations'. */
const STILL: LogSettings = { ...PACKAGED, maxLogFileMegabytes: 10_000 };

interface RotationResult {
  readonly trial: 'rotating' | 'still';
  readonly events: number;
  readonly eventsPerSecond: number;
  readonly rotations: number;
  /** Between two looks, a millisecond apart, that found the log grown, while the load ran. */
  readonly longestGapMilliseconds: number;
  readonly gapsOver50Milliseconds: number;
  readonly kernelLost: number;
  /** How often the ring was full because the log did not keep up, and for how long in all. */
  readonly ringTimesFull: number;
  readonly ringFullMilliseconds: number;
  readonly receiveBufferDrops: number;
  readonly isFailed: boolean;
  readonly log: LogVerdict;
}

export const rotationBench: Bench<RotationResult> = {
  name: 'rotation',
  url: import.meta.url,
  trials: ['rotating', 'still'],
  run: runTrial,
  report,
};

async function runTrial(name: string, { kernel, workspace, undo, settings }: Scene): Promise<RotationResult> {
  const trial = name === 'rotating' ? 'rotating' : 'still';
  const program = await workspace.compile('flood');
  const gaps = await workspace.compile('gaps');
  const daemon = await DaemonUnderTest.start(
    'ours',
    trial === 'rotating' ? ROTATING : STILL,
    workspace.path,
    kernel,
    undo,
  );
  kernel.auditCallsOf(program);
  await sleep(IDLE_MILLISECONDS);
  const lostBefore = kernel.status().lost;
  const watcher = new StartedProcess([gaps, daemon.logFile], undo);
  await watcher.printed('watching');
  const seconds = trial === 'rotating' ? MOST_SECONDS : COMPARED_SECONDS;
  const flooding = startFlood(program, settings.events ?? MOST_EVENTS, seconds, undo);
  const archives = new KeptArchives(daemon.logFile, workspace.directory('archives'));
  while (flooding.isRunning && archives.keep() < ROTATIONS) {
    kernel.nudge();
    await sleep(COUNT_MILLISECONDS);
  }
  const load = loadReport((await flooding.stop()).stdout);
  // At once: what is written later is not part of the load.
  const [found = 0, longest = 0, longer = 0] =
    (await watcher.stop()).stdout.split('\n')[1]?.split(' ').map(Number) ?? [];
  if (found === 0) throw new Error('nothing was seen to be written');
  const end = await daemon.settled();
  const kernelLost = kernel.status().lost - lostBefore;
  const { path } = await daemon.state();
  await daemon.stop();
  const rotations = archives.keep();
  const check = new LogCheck({ events: load.events, key: BENCH_KEY, isEnriched: true, node: null });
  for (const file of [...archives.oldestFirst(), daemon.logFile]) check.addFile(readFileSync(file));
  const log = check.verdict();
  return {
    trial,
    events: load.events,
    eventsPerSecond: load.events / ((end - load.start) / 1000),
    rotations,
    longestGapMilliseconds: longest / 1e6,
    gapsOver50Milliseconds: longer,
    kernelLost,
    ringTimesFull: path.ringTimesFull,
    ringFullMilliseconds: path.ringFullMilliseconds,
    receiveBufferDrops: path.receiveBufferDrops ?? 0,
    isFailed: kernelLost > 0 || !isWhole(log),
    log,
  };
}

/** The archives of a log, each under a second name before the rotation takes the first one away. */
class KeptArchives {
  readonly #logFile: string;
  readonly #directory: string;
  readonly #inodes = new Set<number>();
  #links = 0;

  constructor(logFile: string, directory: string) {
    this.#logFile = logFile;
    this.#directory = directory;
  }

  /** Looks for archives that are new. To be called before as many are made as num_logs allows. @returns All so far. */
  keep(): number {
    for (const path of generations(this.#logFile)) {
      if (path === this.#logFile) continue;
      const link = join(this.#directory, String(this.#links));
      try {
        linkSync(path, link);
      } catch (error) {
        // A rotation has renamed it since the directory was read. The next look finds it under its new name.
        if (!isErrno(error, 'ENOENT')) throw error;
        continue;
      }
      // What has this name now need not be what had it when the directory was read.
      const { ino } = statSync(link);
      if (this.#inodes.has(ino)) unlinkSync(link);
      else this.#links++;
      this.#inodes.add(ino);
    }
    return this.#inodes.size;
  }

  /** In the order in which they were written to last. */
  oldestFirst(): string[] {
    const nanoseconds = (path: string) => statSync(path, { bigint: true }).mtimeNs;
    return readdirSync(this.#directory)
      .map(name => join(this.#directory, name))
      .map(path => ({ path, written: nanoseconds(path) }))
      .sort((a, b) => (a.written < b.written ? -1 : 1))
      .map(({ path }) => path);
  }
}

function report(results: readonly RotationResult[]): Row[] {
  const rotating = results.filter(({ trial }) => trial === 'rotating');
  const still = results.filter(({ trial }) => trial === 'still');
  const of = (runs: readonly RotationResult[], pick: (run: RotationResult) => number) => runs.map(pick);
  const rows: Row[] = [];
  if (rotating.length > 0) {
    const what = `rotation: ${ROTATIONS} under load`;
    rows.push(
      row(
        `${what}, rotations`,
        of(rotating, run => run.rotations),
        '',
        atLeast(ROTATIONS),
      ),
      row(
        `${what}, events missing`,
        of(rotating, run => run.log.missing),
        '',
        none,
      ),
      row(
        `${what}, records repeated`,
        of(rotating, run => run.log.repeated),
        '',
        none,
      ),
      row(
        `${what}, events out of order`,
        of(rotating, run => run.log.disordered),
        '',
        none,
      ),
      row(
        `${what}, kernel lost`,
        of(rotating, run => run.kernelLost),
        'records',
        none,
      ),
      row(`${what}, runs that FAILED`, [rotating.filter(run => run.isFailed).length], '', none),
      row(
        `${what}, events/s`,
        of(rotating, run => run.eventsPerSecond),
        '/s',
      ),
      row(
        `${what}, longest gap`,
        of(rotating, run => run.longestGapMilliseconds),
        'ms',
      ),
      row(
        `${what}, gaps over 50 ms`,
        of(rotating, run => run.gapsOver50Milliseconds),
        '',
      ),
    );
  }
  if (still.length > 0) {
    rows.push(
      row(
        'rotation: none, events/s',
        of(still, run => run.eventsPerSecond),
        '/s',
      ),
      row(
        'rotation: none, longest gap',
        of(still, run => run.longestGapMilliseconds),
        'ms',
      ),
      row(
        'rotation: none, gaps over 50 ms',
        of(still, run => run.gapsOver50Milliseconds),
        '',
      ),
    );
  }
  return rows;
}

await runIfMain(import.meta.url, rotationBench);
