import { setTimeout as sleep } from 'node:timers/promises';
import { type AuditKernel, BENCH_KEY } from './auditKernel.ts';
import { loadReport, startFlood } from './auditLoad.ts';
import { type Bench, RECORDS_PER_EVENT, runIfMain, type Scene } from './bench.ts';
import { DaemonUnderTest, type LogSettings, PACKAGED } from './daemonUnderTest.ts';
import { checkLog, type LogVerdict } from './logCheck.ts';
import { openDescriptors, residentKilobytes } from './processUse.ts';
import { neverAbove, none, type Row, row } from './report.ts';
import type { StartedProcess } from './startedProcess.ts';

// What grows, and what is lost, while twenty million records pass and the configuration is read again every 2 s.

const DEFAULT_EVENTS = 20_000_000 / RECORDS_PER_EVENT;
const MOST_SECONDS = 3600;
const SAMPLE_MILLISECONDS = 1000;
const WARM_UP_SAMPLES = 10;
const SAMPLES_PER_RELOAD = 2;
const IDLE_MILLISECONDS = 500;
const LOG: LogSettings = { ...PACKAGED, maxLogFileMegabytes: 50 };

/** Once a second, after the warm-up. */
interface Course {
  readonly first: number;
  readonly last: number;
  readonly least: number;
  readonly most: number;
  /** Of the line through all samples that fits best. */
  readonly slopePerMinute: number;
}

interface SoakResult {
  readonly events: number;
  readonly seconds: number;
  readonly reloads: number;
  readonly samples: number;
  readonly residentKilobytes: Course;
  /** The parts of it: heaps, and the ring. */
  readonly anonymousKilobytes: Course;
  readonly sharedKilobytes: Course;
  readonly descriptors: Course;
  readonly recordsReceived: number;
  readonly recordsWritten: number;
  readonly lost: Losses;
  readonly isFailed: boolean;
  /** Of the generations that are left. */
  readonly log: LogVerdict;
}

interface Losses {
  readonly kernel: number;
  readonly receiveBuffer: number;
  readonly serials: number;
  readonly discarded: number;
  /** Records of the load that the daemon's own count of written ones lacks. */
  readonly unwritten: number;
  /** Events that the generations which are left should hold and do not. */
  readonly gaps: number;
}

interface Sample {
  readonly seconds: number;
  readonly resident: number;
  readonly anonymous: number;
  readonly shared: number;
  readonly descriptors: number;
}

export const soakBench: Bench<SoakResult> = {
  name: 'soak',
  url: import.meta.url,
  trials: ['ours'],
  run: runTrial,
  report,
};

async function runTrial(_: string, { kernel, workspace, undo, settings }: Scene): Promise<SoakResult> {
  const program = await workspace.compile('flood');
  const daemon = await DaemonUnderTest.start('ours', LOG, workspace.path, kernel, undo);
  kernel.auditCallsOf(program);
  await sleep(IDLE_MILLISECONDS);
  const lostBefore = kernel.status().lost;
  const flooding = startFlood(program, settings.events ?? DEFAULT_EVENTS, MOST_SECONDS, undo);
  const { samples, reloads } = await watch(daemon, flooding, kernel);
  const load = loadReport(await flooding.finished());
  const end = await daemon.settled();
  const kernelLost = kernel.status().lost - lostBefore;
  const { path } = await daemon.state();
  await daemon.stop();
  const log = checkLog(daemon.logFile, { events: load.events, key: BENCH_KEY, isEnriched: true, node: null });
  const lost: Losses = {
    kernel: kernelLost,
    receiveBuffer: path.receiveBufferDrops ?? 0,
    serials: path.serialsMissing,
    discarded: path.recordsDiscarded,
    unwritten: Math.max(0, load.events * RECORDS_PER_EVENT - path.recordsWritten),
    gaps: load.events - log.lowest + 1 - log.found,
  };
  const damaged = log.repeated + log.disordered + log.malformed;
  const course = (pick: (sample: Sample) => number) => courseOf(samples.map(one => [one.seconds, pick(one)]));
  return {
    events: load.events,
    seconds: (end - load.start) / 1000,
    reloads,
    samples: samples.length,
    residentKilobytes: course(sample => sample.resident),
    anonymousKilobytes: course(sample => sample.anonymous),
    sharedKilobytes: course(sample => sample.shared),
    descriptors: course(sample => sample.descriptors),
    recordsReceived: path.recordsReceived,
    recordsWritten: path.recordsWritten,
    lost,
    isFailed: damaged + lossesOf(lost) > 0,
    log,
  };
}

/** Takes samples, and has the configuration read again, until the load ends. Those of the warm-up are thrown away. */
async function watch(
  daemon: DaemonUnderTest,
  load: StartedProcess,
  kernel: AuditKernel,
): Promise<{ samples: Sample[]; reloads: number }> {
  const samples: Sample[] = [];
  let reloads = 0;
  const start = performance.now();
  for (let taken = 1; ; taken++) {
    await sleep(start + taken * SAMPLE_MILLISECONDS - performance.now());
    if (!load.isRunning) break;
    kernel.nudge();
    if (taken > WARM_UP_SAMPLES) {
      samples.push({
        seconds: (performance.now() - start) / 1000,
        resident: residentKilobytes(daemon.pid, 'VmRSS'),
        anonymous: residentKilobytes(daemon.pid, 'RssAnon'),
        shared: residentKilobytes(daemon.pid, 'RssShmem'),
        descriptors: openDescriptors(daemon.pid),
      });
    }
    if (taken % SAMPLES_PER_RELOAD === 0) {
      daemon.signal('SIGHUP');
      reloads++;
    }
  }
  if (samples.length < 2) throw new Error(`the load was over before the warm-up of ${WARM_UP_SAMPLES} s`);
  return { samples, reloads };
}

function courseOf(points: readonly (readonly [seconds: number, value: number])[]): Course {
  const values = points.map(([, value]) => value);
  const mean = (numbers: readonly number[]) => numbers.reduce((sum, number) => sum + number, 0) / numbers.length;
  const [middle, average] = [mean(points.map(([seconds]) => seconds)), mean(values)];
  const covariance = mean(points.map(([seconds, value]) => (seconds - middle) * (value - average)));
  const variance = mean(points.map(([seconds]) => (seconds - middle) ** 2));
  return {
    first: values[0] ?? Number.NaN,
    last: values.at(-1) ?? Number.NaN,
    least: Math.min(...values),
    most: Math.max(...values),
    slopePerMinute: (covariance / variance) * 60,
  };
}

function lossesOf(lost: Losses): number {
  return Object.values(lost).reduce((sum, count) => sum + count, 0);
}

function report(results: readonly SoakResult[]): Row[] {
  const of = (pick: (run: SoakResult) => number) => results.map(pick);
  const megabytes = (what: string, pick: (run: SoakResult) => Course): Row[] => [
    row(
      `soak: ${what}, first`,
      of(run => pick(run).first / 1024),
      'MB',
    ),
    row(
      `soak: ${what}, last`,
      of(run => pick(run).last / 1024),
      'MB',
    ),
    row(
      `soak: ${what}, least`,
      of(run => pick(run).least / 1024),
      'MB',
    ),
    row(
      `soak: ${what}, most`,
      of(run => pick(run).most / 1024),
      'MB',
    ),
    row(
      `soak: ${what}, slope`,
      of(run => pick(run).slopePerMinute / 1024),
      'MB/min',
    ),
  ];
  const spread = (pick: (run: SoakResult) => Course) => of(run => pick(run).most - pick(run).least);
  return [
    row(
      'soak: records',
      of(run => run.events * RECORDS_PER_EVENT),
      '',
    ),
    row(
      'soak: took',
      of(run => run.seconds),
      's',
    ),
    row(
      'soak: reloads',
      of(run => run.reloads),
      '',
    ),
    ...megabytes('RSS', run => run.residentKilobytes),
    ...megabytes('heaps', run => run.anonymousKilobytes),
    ...megabytes('ring', run => run.sharedKilobytes),
    row(
      'soak: RSS, most - least',
      spread(run => run.residentKilobytes).map(kilobytes => kilobytes / 1024),
      'MB',
      neverAbove(5),
    ),
    row(
      'soak: descriptors, first',
      of(run => run.descriptors.first),
      '',
    ),
    row(
      'soak: descriptors, last',
      of(run => run.descriptors.last),
      '',
    ),
    row(
      'soak: descriptors, most - least',
      spread(run => run.descriptors),
      '',
    ),
    row(
      'soak: descriptors, last - first',
      of(run => run.descriptors.last - run.descriptors.first),
      '',
      neverAbove(0),
    ),
    row(
      'soak: records lost, by any count',
      of(run => lossesOf(run.lost)),
      '',
      none,
    ),
    row('soak: runs that FAILED', [results.filter(run => run.isFailed).length], '', none),
  ];
}

await runIfMain(import.meta.url, soakBench);
