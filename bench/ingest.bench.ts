import { setTimeout as sleep } from 'node:timers/promises';
import { BENCH_KEY } from './auditKernel.ts';
import { flood, type LoadReport } from './auditLoad.ts';
import { type Bench, runIfMain, type Scene } from './bench.ts';
import {
  type DaemonName,
  DaemonUnderTest,
  installedDaemons,
  KEEPING_ALL,
  type LogSettings,
  nodeOf,
  startRegistered,
} from './daemonUnderTest.ts';
import { checkLog, isWhole, type LogVerdict } from './logCheck.ts';
import { cpuMicroseconds, residentKilobytes } from './processUse.ts';
import { atLeast, atMost, neverAbove, none, type Row, row } from './report.ts';

// How many events a second a daemon takes from a process that makes them as fast as it can, and what that costs.

const DEFAULT_EVENTS = 300_000;
const IDLE_MILLISECONDS = 500;

interface Configuration {
  readonly log: LogSettings;
  /** After which the load ends, however few events were made. */
  readonly seconds: number;
  /** Whether it is compared with a sink, which has no log and therefore no flush. */
  readonly hasSink: boolean;
}

const CONFIGURATIONS = {
  enriched: { log: KEEPING_ALL, seconds: 30, hasSink: true },
  raw: { log: { ...KEEPING_ALL, logFormat: 'RAW' }, seconds: 30, hasSink: true },
  hostname: { log: { ...KEEPING_ALL, nameFormat: 'HOSTNAME' }, seconds: 30, hasSink: true },
  // The C daemon waits for the disk once per record: it gets as many events as it can take in a few seconds.
  data: { log: { ...KEEPING_ALL, flush: 'DATA' }, seconds: 5, hasSink: false },
} as const satisfies Record<string, Configuration>;

type ConfigurationName = keyof typeof CONFIGURATIONS;
type Subject = 'sink' | DaemonName;

interface IngestResult {
  readonly configuration: ConfigurationName;
  readonly subject: Subject;
  readonly events: number;
  /** While the load ran: what buffers took in counts. */
  readonly loadEventsPerSecond: number;
  /** Until the last record was in the log, or read by the sink. */
  readonly eventsPerSecond: number;
  readonly cpuMicrosecondsPerEvent: number;
  readonly kernelLost: number;
  readonly peakKilobytes: number;
  readonly isFailed: boolean;
  readonly log: LogVerdict | null;
}

export const ingestBench: Bench<IngestResult> = {
  name: 'ingest',
  url: import.meta.url,
  trials: configurationNames().flatMap(name => subjectsOf(name).map(subject => `${name}/${subject}`)),
  run: runTrial,
  report,
};

function configurationNames(): ConfigurationName[] {
  return ['enriched', 'raw', 'hostname', 'data'];
}

function subjectsOf(name: ConfigurationName): Subject[] {
  return CONFIGURATIONS[name].hasSink ? ['sink', ...installedDaemons] : [...installedDaemons];
}

async function runTrial(trial: string, scene: Scene): Promise<IngestResult> {
  const configuration = configurationNames().find(name => trial.startsWith(`${name}/`));
  const subject = (['sink', 'reference', 'ours'] as const).find(name => trial.endsWith(`/${name}`));
  if (configuration === undefined || subject === undefined) throw new Error(`no trial ${trial}`);
  const measured = await (subject === 'sink'
    ? measureSink(CONFIGURATIONS[configuration], scene)
    : measureDaemon(subject, CONFIGURATIONS[configuration], scene));
  return { configuration, subject, ...measured };
}

type Measured = Omit<IngestResult, 'configuration' | 'subject'>;

async function measureDaemon(name: DaemonName, { log, seconds }: Configuration, scene: Scene): Promise<Measured> {
  const { kernel, workspace, undo } = scene;
  const daemon = await DaemonUnderTest.start(name, log, workspace.path, kernel, undo);
  const load = await measureLoad(daemon.pid, seconds, scene, () => daemon.settled());
  await daemon.stop();
  const isEnriched = log.logFormat === 'ENRICHED';
  const verdict = checkLog(daemon.logFile, { events: load.events, key: BENCH_KEY, isEnriched, node: nodeOf(log) });
  return {
    ...load,
    isFailed: load.kernelLost > 0 || !isWhole(verdict),
    log: verdict,
  };
}

async function measureSink({ seconds }: Configuration, scene: Scene): Promise<Measured> {
  const { kernel, workspace, undo } = scene;
  const program = await workspace.compile('sink');
  const { process: sink } = await startRegistered([program], kernel, undo);
  const load = await measureLoad(sink.pid, seconds, scene, async () => {
    while (kernel.holdsRecords) await sleep(20);
    return 0; // known once it is asked to print
  });
  const [, received = 0, last = 0] = (await sink.stop()).stdout.trim().split(' ').map(Number);
  return {
    ...load,
    eventsPerSecond: rate(load.events, last / 1e6 - load.start),
    isFailed: load.kernelLost > 0 || received < load.events,
    log: null,
  };
}

/** Floods whoever is registered. `settled` waits for the last record and says when that was done. */
async function measureLoad(pid: number, seconds: number, scene: Scene, settled: () => Promise<number>) {
  const { kernel, workspace, undo, settings } = scene;
  const program = await workspace.compile('flood');
  kernel.auditCallsOf(program);
  await sleep(IDLE_MILLISECONDS);
  const lostBefore = kernel.status().lost;
  const cpuBefore = cpuMicroseconds(pid);
  const load: LoadReport = await flood(program, settings.events ?? DEFAULT_EVENTS, seconds, undo);
  const end = await settled();
  return {
    events: load.events,
    start: load.start,
    loadEventsPerSecond: rate(load.events, load.end - load.start),
    eventsPerSecond: rate(load.events, end - load.start),
    cpuMicrosecondsPerEvent: (cpuMicroseconds(pid) - cpuBefore) / load.events,
    kernelLost: kernel.status().lost - lostBefore,
    peakKilobytes: residentKilobytes(pid, 'VmHWM'),
  };
}

function rate(events: number, milliseconds: number): number {
  return events / (milliseconds / 1000);
}

function report(results: readonly IngestResult[]): Row[] {
  const rows = configurationNames().flatMap(name => configurationRows(name, results));
  const ours = results.filter(({ subject }) => subject === 'ours');
  if (ours.length === 0) return rows;
  return [
    ...rows,
    row('ours: runs that lost, repeated or damaged a record', [ours.filter(run => run.isFailed).length], '', none),
    row('ours: kernel lost', values(ours, 'kernelLost'), 'records', none),
    row(
      'ours: RSS at most',
      ours.map(run => run.peakKilobytes / 1024),
      'MB',
      neverAbove(120),
    ),
  ];
}

function configurationRows(name: ConfigurationName, results: readonly IngestResult[]): Row[] {
  const of = (subject: Subject) => results.filter(run => run.configuration === name && run.subject === subject);
  const [sink, reference, ours] = [of('sink'), of('reference'), of('ours')];
  const rows = [sink, reference, ours].flatMap(runs => subjectRows(name, runs));
  const events = (runs: readonly IngestResult[]) => values(runs, 'eventsPerSecond');
  const loadEvents = (runs: readonly IngestResult[]) => values(runs, 'loadEventsPerSecond');
  const cpu = (runs: readonly IngestResult[]) => values(runs, 'cpuMicrosecondsPerEvent');
  const isDefault = name === 'enriched';
  if (sink.length > 0 && ours.length > 0) {
    rows.push(
      row(`${name}: events/s under load, ours / sink`, ratios(loadEvents(ours), loadEvents(sink)), ''),
      row(`${name}: events/s, ours / sink`, ratios(events(ours), events(sink)), '', isDefault ? atLeast(0.8) : null),
    );
  }
  if (reference.length > 0 && ours.length > 0) {
    const target = name === 'data' ? atLeast(20) : null;
    rows.push(row(`${name}: events/s, ours / C`, ratios(events(ours), events(reference)), '', target));
    rows.push(row(`${name}: CPU, ours / C`, ratios(cpu(ours), cpu(reference)), '', isDefault ? atMost(0.33) : null));
  }
  return rows;
}

function subjectRows(name: ConfigurationName, runs: readonly IngestResult[]): Row[] {
  const [first] = runs;
  if (first === undefined) return [];
  const failed = runs.filter(run => run.isFailed).length;
  const who = { sink: 'sink', ours: 'ours', reference: `C ${first.log?.daemonVersion ?? ''}` }[first.subject];
  const what = `${name}: ${who}${failed === 0 ? '' : ` (${failed} FAILED)`}`;
  return [
    row(`${what}, events/s under load`, values(runs, 'loadEventsPerSecond'), '/s'),
    row(`${what}, events/s`, values(runs, 'eventsPerSecond'), '/s'),
    row(`${what}, CPU per event`, values(runs, 'cpuMicrosecondsPerEvent'), 'us'),
  ];
}

type Quantity = { [K in keyof IngestResult]: IngestResult[K] extends number ? K : never }[keyof IngestResult];

function values(runs: readonly IngestResult[], quantity: Quantity): number[] {
  return runs.map(run => run[quantity]);
}

/** Round by round: what else the machine did in a round was the same for both. */
function ratios(ours: readonly number[], theirs: readonly number[]): number[] {
  return ours.flatMap((value, round) => {
    const other = theirs[round];
    return other === undefined ? [] : [value / other];
  });
}

await runIfMain(import.meta.url, ingestBench);
