import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { AuditKernel } from './auditKernel.ts';
import { BENCH_KEY } from './auditKernel.ts';
import { loadReport, startPaced } from './auditLoad.ts';
import { type Bench, runIfMain, type Scene } from './bench.ts';
import { command, type DaemonName, installedDaemons, KEEPING_ALL, prepareDaemon } from './daemonUnderTest.ts';
import { checkLog } from './logCheck.ts';
import { atMost, none, type Row, row } from './report.ts';
import { childOf, programOf, type Resumed, ResumeWatch } from './resumeWatch.ts';
import { StartedProcess } from './startedProcess.ts';
import { quantile, spreadOf } from './statistics.ts';
import type { Undo } from './undo.ts';

// What is lost while a daemon is killed, restarted or upgraded again and again under a steady load, with rotation going
// on, and when it is back. Ours runs under its own keeper; the C daemon is started again at once, as a service manager
// would.

const RATES = [2_000, 10_000];
const DISTURBANCES = ['kill', 'restart', 'upgrade'] as const;
type Disturbance = (typeof DISTURBANCES)[number];
const TIMES = 100;
/** Between two disturbances, at the least and at the most: each is an accident, not one of a crash loop. */
const PAUSE_MILLISECONDS = [800, 1100] as const;
/** The load is ended; it must not end by itself before. */
const MOST_SECONDS_EACH = 5;
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
  readonly resumed: readonly Resumed[];
}

export const crashBench: Bench<CrashResult> = {
  name: 'crash',
  url: import.meta.url,
  trials: RATES.flatMap(rate =>
    DISTURBANCES.flatMap(disturbance => installedDaemons.map(subject => `${subject} ${disturbance} ${rate}/s`)),
  ),
  run: runTrial,
  report,
  summary,
};

async function runTrial(trial: string, { kernel, workspace, undo, settings }: Scene): Promise<CrashResult> {
  const [name, what, speed] = trial.split(' ');
  const subject = installedDaemons.find(daemon => daemon === name);
  const disturbance = DISTURBANCES.find(known => known === what);
  const rate = Number.parseInt(speed ?? '', 10);
  if (subject === undefined || disturbance === undefined) throw new Error(`no trial ${trial}`);
  const times = settings.times ?? TIMES;
  const paced = await workspace.compile('paced');
  const directory = workspace.directory('daemon');
  const { logFile, configuration } = prepareDaemon(ROTATING, directory);
  const daemon = await RestartedDaemon.start(subject, configuration, kernel, undo);
  kernel.auditCallsOf(paced);
  const most = rate * (times * MOST_SECONDS_EACH + 10);
  const loading = startPaced(paced, most, rate, join(workspace.path, 'called'), undo);
  const watch = new ResumeWatch(logFile);
  await sleep(1000);
  const resumed: Resumed[] = [];
  for (let time = 0; time < times; time++) {
    watch.begin();
    const back = await daemon.disturb(disturbance, watch);
    await sleep(PAUSE_MILLISECONDS[0] + Math.random() * (PAUSE_MILLISECONDS[1] - PAUSE_MILLISECONDS[0]));
    resumed.push({ ...back, silent: watch.silent });
  }
  loading.signal('SIGTERM');
  const load = loadReport(await loading.finished());
  while (kernel.holdsRecords) await sleep(50);
  await sleep(SETTLED_MILLISECONDS);
  watch.stop();
  await daemon.stop();
  const log = checkLog(logFile, { events: load.events, key: BENCH_KEY, isEnriched: true, node: null });
  const { missing, repeated, malformed: torn } = log;
  return { subject, disturbance, rate, times, events: load.events, missing, repeated, torn, resumed };
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

  /** Settles when the daemon that comes after is registered and records. */
  async disturb(disturbance: Disturbance, watch: ResumeWatch): Promise<Omit<Resumed, 'silent'>> {
    const { pid } = this.#kernel.status();
    const since = performance.now();
    if (this.#subject === 'ours') {
      // The keeper's child has a new program, and no longer the keeper's, to which fork(2) gave birth.
      const keeper = this.#process.pid;
      const before = [programOf(pid), programOf(keeper)];
      process.kill(pid, OWN_SIGNALS[disturbance]);
      const back = await watch.resumed(since, () => {
        const program = programOf(childOf(keeper) ?? 0);
        return program !== null && !before.includes(program);
      });
      if (disturbance !== 'upgrade') await this.#registered(pid);
      return back;
    }
    process.kill(pid, disturbance === 'kill' ? 'SIGKILL' : 'SIGTERM');
    await this.#process.exit;
    this.#process = new StartedProcess(this.#argv, this.#undo);
    const first = this.#process;
    const [back] = await Promise.all([
      watch.resumed(since, () => first.isProgram || !first.isRunning),
      this.#registered(pid),
    ]);
    return back;
  }

  async stop(): Promise<void> {
    await this.#process.stop();
  }

  async #registered(before: number): Promise<void> {
    const deadline = performance.now() + PATIENCE_MILLISECONDS;
    for (;;) {
      const { pid } = this.#kernel.status();
      if (pid !== 0 && pid !== before && existsSync(`/proc/${pid}`)) return;
      // The kernel refuses the C daemon while it has not noticed that the one before it died.
      if (!this.#process.isRunning) this.#process = new StartedProcess(this.#argv, this.#undo);
      if (performance.now() > deadline) throw new Error(`${this.#subject} does not come back`);
      await sleep(2);
    }
  }
}

/** After the new program runs. */
const MOST_UNTIL_RECORDED: Readonly<Record<Disturbance, number>> = { kill: 300, restart: 300, upgrade: 250 };
const TRIALS = RATES.flatMap(rate => DISTURBANCES.map(disturbance => ({ rate, disturbance })));

/** One disturbance at one rate of one daemon, all rounds together. */
interface Trial {
  readonly times: number;
  readonly missing: number;
  readonly repeated: number;
  readonly torn: number;
  readonly resumed: readonly Resumed[];
}

function together(
  results: readonly CrashResult[],
  subject: DaemonName,
  rate: number,
  disturbance: Disturbance,
): Trial | null {
  const runs = results.filter(run => run.subject === subject && run.rate === rate && run.disturbance === disturbance);
  if (runs.length === 0) return null;
  const sum = (count: (run: CrashResult) => number) => runs.reduce((total, run) => total + count(run), 0);
  const times = sum(run => run.times);
  return {
    times,
    missing: (sum(run => run.missing) / times) * 100,
    repeated: (sum(run => run.repeated) / times) * 100,
    torn: (sum(run => run.torn) / times) * 100,
    resumed: runs.flatMap(run => run.resumed),
  };
}

function report(results: readonly CrashResult[]): Row[] {
  return TRIALS.flatMap(({ rate, disturbance }) =>
    installedDaemons.flatMap(subject => {
      const trial = together(results, subject, rate, disturbance);
      if (trial === null) return [];
      const isOurs = subject === 'ours';
      const what = `${trial.times} x ${disturbance} at ${rate}/s: ${isOurs ? 'ours' : 'C'}`;
      const target = isOurs ? none : null;
      const times = (part: keyof Resumed) => trial.resumed.map(resumed => resumed[part]);
      return [
        row(`${what}, missing per 100`, [trial.missing], '', target),
        row(`${what}, repeated per 100`, [trial.repeated], '', target),
        row(`${what}, torn per 100`, [trial.torn], '', target),
        row(`${what}, until it runs again`, times('untilStarted'), 'ms'),
        row(
          `${what}, from there until it records`,
          times('untilRecorded'),
          'ms',
          isOurs ? atMost(MOST_UNTIL_RECORDED[disturbance]) : null,
        ),
        row(`${what}, log silent`, times('silent'), 'ms'),
      ];
    }),
  );
}

/** Both daemons side by side, as a table in Markdown. */
function summary(results: readonly CrashResult[]): string {
  const lines = [
    '| Per 100 | | missing | repeated | torn | runs again, ms | records after that, ms | log silent, ms |',
    '|---|---|---|---|---|---|---|---|',
  ];
  for (const { rate, disturbance } of TRIALS) {
    for (const subject of installedDaemons) {
      const trial = together(results, subject, rate, disturbance);
      if (trial === null) continue;
      const cells = [
        `${disturbance}, ${rate.toLocaleString('en-US')}/s`,
        subject === 'ours' ? 'node-auditd' : 'C auditd',
        ...[trial.missing, trial.repeated, trial.torn].map(count => Math.ceil(count).toLocaleString('en-US')),
        ...(['untilStarted', 'untilRecorded', 'silent'] as const).map(part => distribution(trial.resumed, part)),
      ];
      lines.push(`| ${cells.join(' | ')} |`);
    }
  }
  return `${lines.join('\n')}\n\nTimes: median, 90th percentile, most.\n`;
}

function distribution(resumed: readonly Resumed[], part: keyof Resumed): string {
  const sorted = resumed.map(times => times[part]).toSorted((a, b) => a - b);
  const spread = spreadOf(sorted);
  if (spread === null) return '';
  return [spread.median, quantile(sorted, 0.9), spread.most].map(Math.round).join(', ');
}

await runIfMain(import.meta.url, crashBench);
