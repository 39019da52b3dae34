import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { BENCH_KEY } from './auditKernel.ts';
import { flood, type LoadReport } from './auditLoad.ts';
import { type Bench, runIfMain, type Scene } from './bench.ts';
import { type DaemonName, DaemonUnderTest, installedDaemons, KEEPING_ALL, PACKAGED } from './daemonUnderTest.ts';
import { checkLog, isWhole } from './logCheck.ts';
import { cpuMicroseconds, residentKilobytes } from './processUse.ts';
import { atLeast, neverAbove, none, type Row, row } from './report.ts';

// What plugins cost: how fast records reach them, how much slower the log becomes, and what one that stands still does
// to everything else. Each plugin checks that it got every event once, in order (load/plugin.c).

const DEFAULT_EVENTS = 300_000;
const SECONDS = 60;
const STOPPED_SECONDS = 60;
const IDLE_MILLISECONDS = 500;
const PATIENCE_MILLISECONDS = 20_000;

const PLUGINS = { none: 0, one: 1, three: 3 } as const;
type Count = keyof typeof PLUGINS;

interface DispatchResult {
  readonly what: Count | 'stopped';
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
  /** Of the log; of `stopped`, with the plugin standing still against with it running. Null elsewhere. */
  readonly stoppedRatio: number | null;
  /** What the plugin that stood still did not get, by the daemon's own count. */
  readonly stoppedLost: number | null;
  readonly isFailed: boolean;
}

export const dispatchBench: Bench<DispatchResult> = {
  name: 'dispatch',
  url: import.meta.url,
  trials: [
    ...(Object.keys(PLUGINS) as Count[]).flatMap(what => installedDaemons.map(daemon => `${what}/${daemon}`)),
    'stopped/ours',
  ],
  run: runTrial,
  report,
};

async function runTrial(trial: string, scene: Scene): Promise<DispatchResult> {
  const [what, subject] = trial.split('/');
  if (what === 'stopped') return measureStopped(scene);
  if ((what !== 'none' && what !== 'one' && what !== 'three') || (subject !== 'ours' && subject !== 'reference')) {
    throw new Error(`no trial ${trial}`);
  }
  const { kernel, workspace, undo, settings } = scene;
  const plugins = await makePlugins(PLUGINS[what], scene);
  const daemon = await DaemonUnderTest.start(subject, KEEPING_ALL, workspace.path, kernel, undo, plugins.files);
  const program = await audited(scene);
  const lostBefore = kernel.status().lost;
  const cpuBefore = cpuMicroseconds(daemon.pid);
  const load = await flood(program, settings.events ?? DEFAULT_EVENTS, SECONDS, undo);
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
    stoppedRatio: null,
    stoppedLost: null,
    isFailed: kernelLost > 0 || !isWhole(log) || pluginFaults > 0,
  };
}

/** The same load twice, with two plugins; during the second one of them stands still. */
async function measureStopped(scene: Scene): Promise<DispatchResult> {
  const { kernel, workspace, undo, settings } = scene;
  const plugins = await makePlugins(2, scene);
  const daemon = await DaemonUnderTest.start('ours', PACKAGED, workspace.path, kernel, undo, plugins.files);
  const program = await audited(scene);
  const lostBefore = kernel.status().lost;
  const cpuBefore = cpuMicroseconds(daemon.pid);
  const events = settings.events ?? Number.MAX_SAFE_INTEGER;
  const load = async (seconds: number): Promise<LoadReport & { rate: number }> => {
    const made = await flood(program, events, seconds, undo);
    return { ...made, rate: rate(made.events, (await daemon.settled()) - made.start) };
  };
  const running = await load(STOPPED_SECONDS / 4);
  const [, victim] = (await daemon.state()).plugins.each;
  if (victim?.pid == null) throw new Error('the plugin that is to stand still does not run');
  process.kill(victim.pid, 'SIGSTOP');
  let stopped: LoadReport & { rate: number };
  try {
    stopped = await load(STOPPED_SECONDS);
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
    stoppedRatio: stopped.rate / running.rate,
    stoppedLost: lost,
    isFailed: kernelLost > 0 || pluginFaults > 0,
  };
}

async function audited({ kernel, workspace }: Scene): Promise<string> {
  const program = await workspace.compile('flood');
  kernel.auditCallsOf(program);
  await sleep(IDLE_MILLISECONDS);
  return program;
}

async function makePlugins(count: number, { workspace }: Scene) {
  const program = await workspace.compile('plugin');
  const results = Array.from({ length: count }, (_, i) => join(workspace.path, `plugin${i}.result`));
  const files = results.map((result, i) => [
    `plugin${i}.conf`,
    `active = yes\ndirection = out\npath = ${program}\ntype = always\nargs = ${result}\nformat = string\n`,
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
  for (const what of Object.keys(PLUGINS) as Count[]) {
    for (const subject of installedDaemons) {
      const runs = of(what, subject);
      if (runs.length === 0) continue;
      const who = `${what}: ${subject === 'ours' ? 'ours' : 'C'}`;
      rows.push(row(`${who}, events/s in the log`, logRates(runs), '/s'));
      if (what !== 'none') rows.push(row(`${who}, events/s at the slowest plugin`, pluginRates(runs), '/s'));
      const cpu = runs.map(run => run.cpuMicrosecondsPerEvent);
      rows.push(row(`${who}, CPU per event`, cpu, 'us'));
      const faults = runs.map(run => run.pluginFaults);
      rows.push(row(`${who}, events missing or repeated at plugins`, faults, '', subject === 'ours' ? none : null));
    }
    if (what === 'none') continue;
    const [ours, theirs, without] = [of(what, 'ours'), of(what, 'reference'), of('none', 'ours')];
    const target = what === 'one' ? atLeast(4) : null;
    rows.push(
      row(`${what}: events/s at plugins, ours / C`, ratios(pluginRates(ours), pluginRates(theirs)), '', target),
    );
    const limit = what === 'one' ? atLeast(0.85) : null;
    rows.push(
      row(`${what}: events/s in the log / without plugins`, ratios(logRates(ours), logRates(without)), '', limit),
    );
  }
  const stopped = of('stopped', 'ours');
  if (stopped.length > 0) {
    const ratio = stopped.flatMap(run => run.stoppedRatio ?? []);
    const faults = stopped.map(run => run.pluginFaults);
    const lost = stopped.flatMap(run => run.stoppedLost ?? []);
    rows.push(row('one plugin stopped: events/s in the log / while it ran', ratio, '', atLeast(0.9)));
    rows.push(row('one plugin stopped: events missing or repeated at the other', faults, '', none));
    rows.push(row('one plugin stopped: records that it lost', lost, ''));
  }
  const ours = results.filter(({ subject }) => subject === 'ours');
  if (ours.length > 0) {
    const peak = ours.map(run => run.peakKilobytes / 1024);
    rows.push(row('ours: runs that failed', [ours.filter(run => run.isFailed).length], '', none));
    rows.push(row('ours: RSS at most', peak, 'MB', neverAbove(150)));
  }
  return rows;
}

/** Round by round: what else the machine did in a round was the same for both. */
function ratios(values: readonly number[], others: readonly number[]): number[] {
  return values.flatMap((value, round) => {
    const other = others[round];
    return other === undefined ? [] : [value / other];
  });
}

await runIfMain(import.meta.url, dispatchBench);
