import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { BENCH_KEY } from './auditKernel.ts';
import { loadReport, startPaced } from './auditLoad.ts';
import { type Bench, runIfMain, type Scene } from './bench.ts';
import { type DaemonName, DaemonUnderTest, installedDaemons, PACKAGED } from './daemonUnderTest.ts';
import { checkLog, isWhole, type LogVerdict } from './logCheck.ts';
import { cpuMicroseconds } from './processUse.ts';
import { below, none, type Row, row } from './report.ts';
import { StartedProcess } from './startedProcess.ts';
import { quantile } from './statistics.ts';

// How long an event takes from the audited call to the log, at a rate that leaves every daemon time.

const RATE = 10_000;
const DEFAULT_EVENTS = 60_000;
const IDLE_MILLISECONDS = 500;
// No rotation: the log is watched through one descriptor.
const LOG = { ...PACKAGED, maxLogFileMegabytes: 10_000 };

interface LatencyResult {
  readonly subject: DaemonName;
  readonly events: number;
  readonly achievedEventsPerSecond: number;
  /** From right before the call to the first byte of its SYSCALL record being readable, looked for every 100 us. */
  readonly p50Microseconds: number;
  readonly p99Microseconds: number;
  readonly maxMicroseconds: number;
  readonly cpuMicrosecondsPerEvent: number;
  /** Events that the log did not show while it was watched. */
  readonly unseen: number;
  readonly kernelLost: number;
  readonly isFailed: boolean;
  readonly log: LogVerdict;
}

export const latencyBench: Bench<LatencyResult> = {
  name: 'latency',
  url: import.meta.url,
  trials: installedDaemons,
  run: runTrial,
  report,
};

async function runTrial(trial: string, { kernel, workspace, undo, settings }: Scene): Promise<LatencyResult> {
  const subject = installedDaemons.find(name => name === trial);
  if (subject === undefined) throw new Error(`no trial ${trial}`);
  const paced = await workspace.compile('paced');
  const watch = await workspace.compile('watch');
  const daemon = await DaemonUnderTest.start(subject, LOG, workspace.path, kernel, undo);
  kernel.auditCallsOf(paced);
  await sleep(IDLE_MILLISECONDS);
  const lostBefore = kernel.status().lost;
  const cpuBefore = cpuMicroseconds(daemon.pid);
  const wanted = settings.events ?? DEFAULT_EVENTS;
  const [called, shown] = [join(workspace.path, 'called'), join(workspace.path, 'shown')];
  const watcher = new StartedProcess([watch, daemon.logFile, BENCH_KEY, String(wanted), shown], undo);
  await watcher.printed('watching');
  const load = loadReport(await startPaced(paced, wanted, RATE, called, undo).finished());
  await daemon.settled();
  const cpu = cpuMicroseconds(daemon.pid) - cpuBefore;
  await watcher.stop();
  const kernelLost = kernel.status().lost - lostBefore;
  await daemon.stop();

  const latencies = latenciesMicroseconds(readStamps(called), readStamps(shown));
  const log = checkLog(daemon.logFile, { events: load.events, key: BENCH_KEY, isEnriched: true, node: null });
  return {
    subject,
    events: load.events,
    achievedEventsPerSecond: load.events / ((load.end - load.start) / 1000),
    p50Microseconds: quantile(latencies, 0.5),
    p99Microseconds: quantile(latencies, 0.99),
    maxMicroseconds: quantile(latencies, 1),
    cpuMicrosecondsPerEvent: cpu / load.events,
    unseen: load.events - latencies.length,
    kernelLost,
    isFailed: latencies.length < load.events || kernelLost > 0 || !isWhole(log),
    log,
  };
}

/** Sorted, of the events that have both stamps. */
function latenciesMicroseconds(called: BigInt64Array, shown: BigInt64Array): number[] {
  const latencies: number[] = [];
  shown.forEach((when, event) => {
    const start = called[event] ?? 0n;
    if (start !== 0n && when !== 0n) latencies.push(Number(when - start) / 1000);
  });
  return latencies.sort((a, b) => a - b);
}

function readStamps(path: string): BigInt64Array {
  const bytes = readFileSync(path);
  return new BigInt64Array(bytes.buffer, bytes.byteOffset, bytes.length / BigInt64Array.BYTES_PER_ELEMENT);
}

function report(results: readonly LatencyResult[]): Row[] {
  return installedDaemons.flatMap(subject => {
    const runs = results.filter(run => run.subject === subject);
    if (runs.length === 0) return [];
    const isOurs = subject === 'ours';
    const what = `latency: ${isOurs ? 'ours' : 'C'}`;
    const milliseconds = (microseconds: readonly number[]) => microseconds.map(value => value / 1000);
    return [
      row(`${what}, p50`, milliseconds(runs.map(run => run.p50Microseconds)), 'ms'),
      row(`${what}, p99`, milliseconds(runs.map(run => run.p99Microseconds)), 'ms', isOurs ? below(5) : null),
      row(`${what}, max`, milliseconds(runs.map(run => run.maxMicroseconds)), 'ms'),
      row(
        `${what}, CPU per event at ${RATE} events/s`,
        runs.map(run => run.cpuMicrosecondsPerEvent),
        'us',
      ),
      row(`${what}, runs that FAILED`, [runs.filter(run => run.isFailed).length], '', isOurs ? none : null),
    ];
  });
}

await runIfMain(import.meta.url, latencyBench);
