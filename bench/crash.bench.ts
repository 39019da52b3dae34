import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { AuditKernel } from './auditKernel.ts';
import { BENCH_KEY } from './auditKernel.ts';
import { loadReport, startPaced } from './auditLoad.ts';
import { type Bench, runIfMain, type Scene } from './bench.ts';
import { command, type DaemonName, installedDaemons, KEEPING_ALL, prepareDaemon } from './daemonUnderTest.ts';
import { checkLog } from './logCheck.ts';
import { atMost, none, type Row, row } from './report.ts';
import { StartedProcess } from './startedProcess.ts';
import type { Undo } from './undo.ts';

// What is lost while a daemon is killed, restarted or upgraded again and again under a steady load, with rotation going
// on. Ours runs under its own keeper; the C daemon is started again at once, as a service manager would.

const RATES = [2_000, 10_000];
const DISTURBANCES = ['kill', 'restart', 'upgrade'] as const;
type Disturbance = (typeof DISTURBANCES)[number];
const TIMES = 100;
/** Between two disturbances, at the least and at the most. */
const PAUSE_MILLISECONDS = [500, 900] as const;
const SETTLED_MILLISECONDS = 1500;
const PATIENCE_MILLISECONDS = 20_000;
const ROTATING = { ...KEEPING_ALL, maxLogFileMegabytes: 8 };
/** Ours: see auditd(8). The C daemon knows no other way than to end and be started. */
const OWN_SIGNALS: Readonly<Record<Disturbance, number | NodeJS.Signals>> = {
  kill: 'SIGKILL',
  restart: 37,
  upgrade: 36,
};

interface CrashResult {
  readonly subject: DaemonName;
  readonly disturbance: Disturbance;
  readonly rate: number;
  readonly times: number;
  readonly events: number;
  readonly missing: number;
  readonly repeated: number;
  readonly torn: number;
  /** The longest silence of the log around each disturbance. */
  readonly silentMilliseconds: readonly number[];
}

export const crashBench: Bench<CrashResult> = {
  name: 'crash',
  url: import.meta.url,
  trials: RATES.flatMap(rate =>
    DISTURBANCES.flatMap(disturbance => installedDaemons.map(subject => `${subject} ${disturbance} ${rate}/s`)),
  ),
  run: runTrial,
  report,
};

async function runTrial(trial: string, { kernel, workspace, undo, settings }: Scene): Promise<CrashResult> {
  const [name, what, speed] = trial.split(' ');
  const subject = installedDaemons.find(daemon => daemon === name);
  const disturbance = DISTURBANCES.find(known => known === what);
  const rate = Number.parseInt(speed ?? '', 10);
  if (subject === undefined || disturbance === undefined) throw new Error(`no trial ${trial}`);
  const times = settings.events === null ? TIMES : Math.max(1, Math.floor(settings.events / rate));
  const paced = await workspace.compile('paced');
  const directory = workspace.directory('daemon');
  const { logFile, configuration } = prepareDaemon(ROTATING, directory);
  const daemon = await RestartedDaemon.start(subject, configuration, kernel, undo);
  kernel.auditCallsOf(paced);
  const seconds = (times * PAUSE_MILLISECONDS[1]) / 1000 + times * 0.3 + 3;
  const loading = startPaced(paced, Math.round(rate * seconds), rate, join(workspace.path, 'called'), undo);
  const growth = new GrowthWatch(logFile);
  await sleep(1000);
  const silentMilliseconds: number[] = [];
  for (let time = 0; time < times; time++) {
    growth.begin();
    await daemon.disturb(disturbance);
    await sleep(PAUSE_MILLISECONDS[0] + Math.random() * (PAUSE_MILLISECONDS[1] - PAUSE_MILLISECONDS[0]));
    silentMilliseconds.push(growth.longestSilence);
  }
  const load = loadReport(await loading.finished());
  while (kernel.holdsRecords) await sleep(50);
  await sleep(SETTLED_MILLISECONDS);
  growth.stop();
  await daemon.stop();
  const log = checkLog(logFile, { events: load.events, key: BENCH_KEY, isEnriched: true, node: null });
  const { missing, repeated, malformed: torn } = log;
  return { subject, disturbance, rate, times, events: load.events, missing, repeated, torn, silentMilliseconds };
}

/** A daemon that is ended and comes back. */
class RestartedDaemon {
  readonly #subject: DaemonName;
  readonly #argv: readonly string[];
  readonly #kernel: AuditKernel;
  readonly #undo: Undo;
  #process: StartedProcess;

  private constructor(subject: DaemonName, argv: readonly string[], kernel: AuditKernel, undo: Undo) {
    this.#subject = subject;
    this.#argv = argv;
    this.#kernel = kernel;
    this.#undo = undo;
    this.#process = new StartedProcess(argv, undo);
  }

  static async start(subject: DaemonName, configuration: string, kernel: AuditKernel, undo: Undo) {
    const supervise = subject === 'ours' ? ['--supervise'] : [];
    const argv = [...command(subject), ...supervise, '-n', '-c', configuration];
    const daemon = new RestartedDaemon(subject, argv, kernel, undo);
    await daemon.#registered(0);
    return daemon;
  }

  /** Settles when the daemon that comes after is registered. */
  async disturb(disturbance: Disturbance): Promise<void> {
    const { pid } = this.#kernel.status();
    if (this.#subject === 'ours') {
      process.kill(pid, OWN_SIGNALS[disturbance]);
      if (disturbance !== 'upgrade') await this.#registered(pid);
      return;
    }
    process.kill(pid, disturbance === 'kill' ? 'SIGKILL' : 'SIGTERM');
    await this.#process.exit;
    this.#process = new StartedProcess(this.#argv, this.#undo);
    await this.#registered(pid);
  }

  async stop(): Promise<void> {
    await this.#process.stop();
  }

  async #registered(before: number): Promise<void> {
    const deadline = Date.now() + PATIENCE_MILLISECONDS;
    for (;;) {
      const { pid } = this.#kernel.status();
      if (pid !== 0 && pid !== before && existsSync(`/proc/${pid}`)) return;
      // The kernel refuses the C daemon while it has not noticed that the one before it died.
      if (!this.#process.isRunning) this.#process = new StartedProcess(this.#argv, this.#undo);
      if (Date.now() > deadline) throw new Error(`${this.#subject} does not come back`);
      await sleep(2);
    }
  }
}

/** How long the log did not grow. */
class GrowthWatch {
  readonly #timer: NodeJS.Timeout;
  #lastGrowth = performance.now();
  #longest = 0;
  #before = '';

  constructor(logFile: string) {
    this.#timer = setInterval(() => {
      const facts = statSync(logFile, { throwIfNoEntry: false });
      const now = performance.now();
      this.#longest = Math.max(this.#longest, now - this.#lastGrowth);
      const state = `${facts?.ino} ${facts?.size}`;
      if (state !== this.#before) this.#lastGrowth = now;
      this.#before = state;
    }, 2);
  }

  begin(): void {
    this.#longest = 0;
  }

  get longestSilence(): number {
    return this.#longest;
  }

  stop(): void {
    clearInterval(this.#timer);
  }
}

const MOST_SILENCE: Readonly<Record<Disturbance, number>> = { kill: 300, restart: 300, upgrade: 250 };

function report(results: readonly CrashResult[]): Row[] {
  const trials = RATES.flatMap(rate => DISTURBANCES.map(disturbance => ({ rate, disturbance })));
  return trials.flatMap(({ rate, disturbance }) =>
    installedDaemons.flatMap(subject => {
      const runs = results.filter(
        run => run.subject === subject && run.rate === rate && run.disturbance === disturbance,
      );
      if (runs.length === 0) return [];
      const isOurs = subject === 'ours';
      const what = `${runs.reduce((sum, run) => sum + run.times, 0)} x ${disturbance} at ${rate}/s: ${isOurs ? 'ours' : 'C'}`;
      const target = isOurs ? none : null;
      const per100 = (count: (run: CrashResult) => number) => runs.map(run => (count(run) / run.times) * 100);
      return [
        row(
          `${what}, missing per 100`,
          per100(run => run.missing),
          '',
          target,
        ),
        row(
          `${what}, repeated per 100`,
          per100(run => run.repeated),
          '',
          target,
        ),
        row(
          `${what}, torn per 100`,
          per100(run => run.torn),
          '',
          target,
        ),
        row(
          `${what}, log silent`,
          runs.flatMap(run => run.silentMilliseconds),
          'ms',
          isOurs ? atMost(MOST_SILENCE[disturbance]) : null,
        ),
      ];
    }),
  );
}

await runIfMain(import.meta.url, crashBench);
