import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { BENCH_KEY } from './auditKernel.ts';
import { flood, type LoadReport, loadReport, startFlood } from './auditLoad.ts';
import { type Bench, runIfMain, type Scene } from './bench.ts';
import { type DaemonName, DaemonUnderTest, installedDaemons, KEEPING_ALL, PACKAGED } from './daemonUnderTest.ts';
import { checkLog, isWhole } from './logCheck.ts';
import { cpuMicroseconds, residentKilobytes } from './processUse.ts';
import { atLeast, neverAbove, none, type Row, row } from './report.ts';
import type { StartedProcess } from './startedProcess.ts';

// What plugins cost: how fast records reach them, how much slower the log becomes, and what one that stands still does
// to everything else. Each plugin checks that it got every event once, in order (load/plugin.c).

const MOST_EVENTS = 1_200_000;
const SECONDS = 10;
/** Making JSON takes longer than this load does: what may wait for it is bounded, and a longer one would overflow it. */
const MOST_JSON_EVENTS = 300_000;
const STOPPED_SECONDS = 60;
const IDLE_MILLISECONDS = 500;
const PATIENCE_MILLISECONDS = 20_000;
const SAMPLE_MILLISECONDS = 1000;
/** Of the time that a plugin stands still: until its queue is full, memory may grow. */
const FILLING_SHARE = 1 / 6;

type Format = 'string' | 'json';
const PLUGINS = {
  none: [],
  one: ['string'],
  three: ['string', 'string', 'string'],
  json: ['json'],
} as const satisfies Readonly<Record<string, readonly Format[]>>;
type Case = keyof typeof PLUGINS;
const CASES = Object.keys(PLUGINS) as Case[];
/** The C daemon has no events as JSON. */
const daemonsOf = (what: Case): readonly DaemonName[] => (what === 'json' ? ['ours'] : installedDaemons);

interface DispatchResult {
  readonly what: Case | 'stopped';
  readonly subject: DaemonName;
  readonly events: number;
  /** Until the log had the last record. */
  readonly logEventsPerSecond: number;
  /** Until the slowest plugin had read the last one. Null without plugins. */
  readonly pluginEventsPerSecond: number | null;
  readonly cpuMicrosecondsPerEvent: number;
  /** Events that healthy plugins did not get, got again, or got out of order. */
  readonly pluginFaults: number;
  readonly kernelLost: number;
  readonly peakKilobytes: number;
  /** Null but for `stopped`. */
  readonly stopped: StoppedResult | null;
  readonly isFailed: boolean;
}

interface StoppedResult {
  readonly seconds: number;
  /** Events/s in the log while the plugin stands still, against while it ran. */
  readonly ratio: number;
  /** Records that it did not get, by the daemon's own count. */
  readonly lost: number | null;
  /** Resident memory once its queue was full: least and most of samples taken once a second. */
  readonly leastKilobytes: number;
  readonly mostKilobytes: number;
}

export const dispatchBench: Bench<DispatchResult> = {
  name: 'dispatch',
  url: import.meta.url,
  trials: [...CASES.flatMap(what => daemonsOf(what).map(daemon => `${what}/${daemon}`)), 'stopped/ours'],
  run: runTrial,
  report,
};

async function runTrial(trial: string, scene: Scene): Promise<DispatchResult> {
  const [name, subject] = trial.split('/');
  if (name === 'stopped') return measureStopped(scene);
  const what = CASES.find(known => known === name);
  if (what === undefined || (subject !== 'ours' && subject !== 'reference')) throw new Error(`no trial ${trial}`);
  const { kernel, workspace, undo, settings } = scene;
  const plugins = await makePlugins(PLUGINS[what], scene);
  const daemon = await DaemonUnderTest.start(subject, KEEPING_ALL, workspace.path, kernel, undo, plugins.files);
  const program = await audited(scene);
  const lostBefore = kernel.status().lost;
  const cpuBefore = cpuMicroseconds(daemon.pid);
  const load = await flood(program, settings.events ?? mostEventsOf(what), settings.seconds ?? SECONDS, undo);
  const end = await daemon.settled();
  const cpu = cpuMicroseconds(daemon.pid) - cpuBefore;
  const peakKilobytes = residentKilobytes(daemon.pid, 'VmHWM');
  await daemon.stop();
  const read = await Promise.all(plugins.results.map(readResult));
  const kernelLost = kernel.status().lost - lostBefore;
  const log = checkLog(daemon.logFile, { events: load.events, key: BENCH_KEY, isEnriched: true, node: null });
  const pluginFaults = read.reduce((sum, one) => sum + faultsOf(one, load.events), 0);
  return {
    what,
    subject,
    events: load.events,
    logEventsPerSecond: rate(load.events, end - load.start),
    pluginEventsPerSecond:
      read.length === 0 ? null : rate(load.events, Math.max(...read.map(one => one.end)) - load.start),
    cpuMicrosecondsPerEvent: cpu / load.events,
    pluginFaults,
    kernelLost,
    peakKilobytes,
    stopped: null,
    isFailed: kernelLost > 0 || !isWhole(log) || pluginFaults > 0,
  };
}

const mostEventsOf = (what: Case): number => (what === 'json' ? MOST_JSON_EVENTS : MOST_EVENTS);

/** The same load twice, with two plugins; during the second one of them stands still. */
async function measureStopped(scene: Scene): Promise<DispatchResult> {
  const { kernel, workspace, undo, settings } = scene;
  const plugins = await makePlugins(['string', 'string'], scene);
  const daemon = await DaemonUnderTest.start('ours', PACKAGED, workspace.path, kernel, undo, plugins.files);
  const program = await audited(scene);
  const lostBefore = kernel.status().lost;
  const cpuBefore = cpuMicroseconds(daemon.pid);
  const load = async (flooding: StartedProcess): Promise<LoadReport & { rate: number }> => {
    const made = loadReport(await flooding.finished());
    return { ...made, rate: rate(made.events, (await daemon.settled()) - made.start) };
  };
  const start = (seconds: number) => startFlood(program, settings.events ?? Number.MAX_SAFE_INTEGER, seconds, undo);
  const seconds = settings.seconds ?? STOPPED_SECONDS;
  const running = await load(start(Math.ceil(seconds / 4)));
  const [, victim] = (await daemon.state()).plugins.each;
  if (victim?.pid == null) throw new Error('the plugin that is to stand still does not run');
  process.kill(victim.pid, 'SIGSTOP');
  let stopped: LoadReport & { rate: number };
  let memory: readonly number[];
  try {
    const flooding = start(seconds);
    memory = await residentSamples(daemon, flooding);
    stopped = await load(flooding);
  } finally {
    process.kill(victim.pid, 'SIGCONT');
  }
  const peakKilobytes = residentKilobytes(daemon.pid, 'VmHWM');
  const lost = (await daemon.state()).plugins.each[1]?.lostRecords ?? null;
  const cpu = cpuMicroseconds(daemon.pid) - cpuBefore;
  await daemon.stop();
  const [healthy] = await Promise.all(plugins.results.map(readResult));
  const kernelLost = kernel.status().lost - lostBefore;
  const made = running.events + stopped.events;
  const pluginFaults = healthy === undefined ? made : faultsOf(healthy, made);
  const full = memory.slice(Math.floor(memory.length * FILLING_SHARE));
  return {
    what: 'stopped',
    subject: 'ours',
    events: made,
    logEventsPerSecond: stopped.rate,
    pluginEventsPerSecond: null,
    cpuMicrosecondsPerEvent: cpu / made,
    pluginFaults,
    kernelLost,
    peakKilobytes,
    stopped: {
      seconds: (stopped.end - stopped.start) / 1000,
      ratio: stopped.rate / running.rate,
      lost,
      leastKilobytes: Math.min(...full),
      mostKilobytes: Math.max(...full),
    },
    isFailed: kernelLost > 0 || pluginFaults > 0,
  };
}

/** Resident memory of the daemon, once a second for as long as the load runs. */
async function residentSamples(daemon: DaemonUnderTest, load: StartedProcess): Promise<number[]> {
  const samples = [residentKilobytes(daemon.pid, 'VmRSS')];
  for (;;) {
    await Promise.race([load.exit, sleep(SAMPLE_MILLISECONDS)]);
    if (!load.isRunning) return samples;
    samples.push(residentKilobytes(daemon.pid, 'VmRSS'));
  }
}

async function audited({ kernel, workspace }: Scene): Promise<string> {
  const program = await workspace.compile('flood');
  kernel.auditCallsOf(program);
  await sleep(IDLE_MILLISECONDS);
  return program;
}

async function makePlugins(formats: readonly Format[], { workspace }: Scene) {
  const program = await workspace.compile('plugin');
  const results = formats.map((_, i) => join(workspace.path, `plugin${i}.result`));
  const files = formats.map((format, i) => [
    `plugin${i}.conf`,
    `active = yes\ndirection = out\npath = ${program}\ntype = always\nargs = ${results[i]}\nformat = ${format}\n`,
  ]);
  return { results, files: Object.fromEntries(files) as Record<string, string> };
}

interface PluginRead {
  readonly inOrder: number;
  readonly repeated: number;
  /** Milliseconds since the epoch. */
  readonly end: number;
}

/** What a plugin wrote when it saw the end of its input. */
async function readResult(path: string): Promise<PluginRead> {
  const deadline = Date.now() + PATIENCE_MILLISECONDS;
  for (let text = ''; ; await sleep(20)) {
    if (existsSync(path)) text = readFileSync(path, 'latin1');
    if (text.endsWith('\n')) {
      const numbers = text.trim().split(' ').map(Number);
      return { inOrder: numbers[0] ?? 0, repeated: numbers[1] ?? 0, end: (numbers[6] ?? 0) / 1e6 };
    }
    if (Date.now() > deadline) throw new Error(`${path}: the plugin has not ended`);
  }
}

function faultsOf(read: PluginRead, events: number): number {
  return Math.abs(events - read.inOrder) + read.repeated;
}

function rate(events: number, milliseconds: number): number {
  return events / (milliseconds / 1000);
}

function report(results: readonly DispatchResult[]): Row[] {
  const of = (what: DispatchResult['what'], subject: DaemonName) =>
    results.filter(run => run.what === what && run.subject === subject);
  const logRates = (runs: readonly DispatchResult[]) => runs.map(run => run.logEventsPerSecond);
  const pluginRates = (runs: readonly DispatchResult[]) => runs.flatMap(run => run.pluginEventsPerSecond ?? []);
  const rows: Row[] = [];
  for (const what of CASES) {
    for (const subject of daemonsOf(what)) {
      const runs = of(what, subject);
      if (runs.length === 0) continue;
      const who = `${NAMES[what]}: ${subject === 'ours' ? 'ours' : 'C'}`;
      rows.push(row(`${who}, events/s in the log`, logRates(runs), '/s'));
      if (what !== 'none') rows.push(row(`${who}, events/s at the slowest plugin`, pluginRates(runs), '/s'));
      const cpu = runs.map(run => run.cpuMicrosecondsPerEvent);
      rows.push(row(`${who}, CPU per event`, cpu, 'us'));
      const faults = runs.map(run => run.pluginFaults);
      if (what === 'none') continue;
      rows.push(row(`${who}, events missing, repeated or out of order`, faults, '', subject === 'ours' ? none : null));
    }
    if (what === 'none') continue;
    const [ours, theirs, without] = [of(what, 'ours'), of(what, 'reference'), of('none', 'ours')];
    const target = what === 'one' ? atLeast(4) : null;
    if (theirs.length > 0) {
      const ratio = ratios(pluginRates(ours), pluginRates(theirs));
      rows.push(row(`${NAMES[what]}: events/s at plugins, ours / C`, ratio, '', target));
    }
    const limit = what === 'one' ? atLeast(0.85) : null;
    const slowed = ratios(logRates(ours), logRates(without));
    if (slowed.length === 0) continue;
    rows.push(row(`${NAMES[what]}: events/s in the log, ours / ours without plugins`, slowed, '', limit));
  }
  const stopped = of('stopped', 'ours').flatMap(run => (run.stopped === null ? [] : [{ ...run, ...run.stopped }]));
  if (stopped.length > 0) {
    const who = `one of two stopped for ${Math.round(Math.min(...stopped.map(run => run.seconds)))} s`;
    const megabytes = (pick: (run: StoppedResult) => number) => stopped.map(run => pick(run) / 1024);
    const grown = megabytes(run => run.mostKilobytes - run.leastKilobytes);
    const lost = stopped.flatMap(run => run.lost ?? []);
    const ratio = stopped.map(run => run.ratio);
    const faults = stopped.map(run => run.pluginFaults);
    rows.push(row(`${who}: events/s in the log / while it ran`, ratio, '', atLeast(0.9)));
    rows.push(row(`${who}: events missing, repeated or out of order at the other`, faults, '', none));
    rows.push(row(`${who}: records that it lost, as counted`, lost, ''));
    rows.push(
      row(
        `${who}: RSS once its queue was full, most`,
        megabytes(run => run.mostKilobytes),
        'MB',
      ),
    );
    rows.push(row(`${who}: RSS once its queue was full, most - least`, grown, 'MB', neverAbove(80)));
  }
  const ours = results.filter(({ subject }) => subject === 'ours');
  if (ours.length > 0) {
    const peak = (isJson: boolean) =>
      ours.filter(run => (run.what === 'json') === isJson).map(run => run.peakKilobytes / 1024);
    rows.push(row('ours: runs that failed', [ours.filter(run => run.isFailed).length], '', none));
    rows.push(row('ours: RSS at most', peak(false), 'MB', neverAbove(182)));
    rows.push(row('ours: RSS at most, with JSON', peak(true), 'MB', neverAbove(300)));
  }
  return rows;
}

const NAMES: Readonly<Record<Case, string>> = {
  none: 'no plugin',
  one: 'one string plugin',
  three: 'three string plugins',
  json: 'one JSON plugin',
};

/** Round by round: what else the machine did in a round was the same for both. */
function ratios(values: readonly number[], others: readonly number[]): number[] {
  return values.flatMap((value, round) => {
    const other = others[round];
    return other === undefined ? [] : [value / other];
  });
}

await runIfMain(import.meta.url, dispatchBench);
