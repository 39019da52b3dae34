import { spawn } from 'node:child_process';
import { closeSync, ftruncateSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { BENCH_KEY } from './auditKernel.ts';
import { loadReport, startPaced } from './auditLoad.ts';
import { type Bench, runIfMain, type Scene } from './bench.ts';
import { type DaemonName, DaemonUnderTest, installedDaemons, KEEPING_ALL } from './daemonUnderTest.ts';
import { checkLog, isWhole, type LogVerdict } from './logCheck.ts';
import { residentKilobytes } from './processUse.ts';
import { none, type Row, row } from './report.ts';
import { runProcess } from './startedProcess.ts';
import type { Undo } from './undo.ts';
import type { Workspace } from './workspace.ts';

// What is lost while the log's file system takes no write: a disk that stalls in the middle of a steady load.

const RATE = 10_000;
const DEFAULT_EVENTS = 90_000;
const FROZEN_SECONDS = 5;
const BEFORE_MILLISECONDS = 2000;
const IDLE_MILLISECONDS = 500;
const IMAGE_BYTES = 2 ** 30;

interface FreezeResult {
  readonly subject: DaemonName;
  readonly events: number;
  readonly frozenSeconds: number;
  /** Against `events / 10,000`: how much longer the audited program took. */
  readonly loadSeconds: number;
  readonly missing: number;
  /** Of the missing, what the kernel's own counter admits. */
  readonly kernelLost: number;
  readonly peakKilobytes: number;
  readonly isFailed: boolean;
  readonly log: LogVerdict;
}

export const freezeBench: Bench<FreezeResult> = {
  name: 'freeze',
  url: import.meta.url,
  trials: installedDaemons,
  run: runTrial,
  report,
};

async function runTrial(trial: string, { kernel, workspace, undo, settings }: Scene): Promise<FreezeResult> {
  const subject = installedDaemons.find(name => name === trial);
  if (subject === undefined) throw new Error(`no trial ${trial}`);
  const paced = await workspace.compile('paced');
  const freeze = await workspace.compile('freeze');
  const disk = await mountDisk(workspace, undo);
  const daemon = await DaemonUnderTest.start(subject, KEEPING_ALL, disk, kernel, undo);
  kernel.auditCallsOf(paced);
  await sleep(IDLE_MILLISECONDS);
  const lostBefore = kernel.status().lost;
  const stamps = join(workspace.path, 'called');
  const loading = startPaced(paced, settings.events ?? DEFAULT_EVENTS, RATE, stamps, undo);
  await sleep(BEFORE_MILLISECONDS);
  await runProcess([freeze, disk, String(FROZEN_SECONDS)], undo);
  const load = loadReport(await loading.finished());
  await daemon.settled();
  const kernelLost = kernel.status().lost - lostBefore;
  const peakKilobytes = residentKilobytes(daemon.pid, 'VmHWM');
  await daemon.stop();
  const log = checkLog(daemon.logFile, { events: load.events, key: BENCH_KEY, isEnriched: true, node: null });
  return {
    subject,
    events: load.events,
    frozenSeconds: FROZEN_SECONDS,
    loadSeconds: (load.end - load.start) / 1000,
    missing: log.missing,
    kernelLost,
    peakKilobytes,
    isFailed: kernelLost > 0 || !isWhole(log),
    log,
  };
}

/** Mounts a file system of its own, in a file. @returns Where. */
async function mountDisk(workspace: Workspace, undo: Undo): Promise<string> {
  const image = join(workspace.path, 'disk.img');
  const file = openSync(image, 'wx', 0o600);
  ftruncateSync(file, IMAGE_BYTES);
  closeSync(file);
  await runProcess(['mkfs.ext4', '-q', image], undo);
  const mount = workspace.directory('disk');
  await runProcess(['mount', '-o', 'loop,nosuid,nodev,noexec', image, mount], undo);
  undo.add(() => unmount(mount));
  return mount;
}

/** After every daemon that writes there has ended. */
async function unmount(mount: string): Promise<void> {
  // Not by way of `undo`, which starts nothing any more.
  const code = await new Promise<number | null>(resolve => spawn('umount', [mount]).on('close', resolve));
  if (code !== 0) throw new Error(`umount ${mount} ended with ${code}`);
}

function report(results: readonly FreezeResult[]): Row[] {
  return installedDaemons.flatMap(subject => {
    const runs = results.filter(run => run.subject === subject);
    if (runs.length === 0) return [];
    const isOurs = subject === 'ours';
    const what = `freeze ${FROZEN_SECONDS} s: ${isOurs ? 'ours' : 'C'}`;
    return [
      row(
        `${what}, events missing`,
        runs.map(run => run.missing),
        '',
        isOurs ? none : null,
      ),
      row(
        `${what}, kernel lost`,
        runs.map(run => run.kernelLost),
        '',
        isOurs ? none : null,
      ),
      row(
        `${what}, load took`,
        runs.map(run => run.loadSeconds),
        's',
      ),
      row(
        `${what}, RSS at most`,
        runs.map(run => run.peakKilobytes / 1024),
        'MB',
      ),
      row(`${what}, runs that FAILED`, [runs.filter(run => run.isFailed).length], '', isOurs ? none : null),
    ];
  });
}

await runIfMain(import.meta.url, freezeBench);
