import { setTimeout as sleep } from 'node:timers/promises';
import { type Bench, runIfMain, type Scene } from './bench.ts';
import { type DaemonName, DaemonUnderTest, installedDaemons, PACKAGED } from './daemonUnderTest.ts';
import { residentKilobytes } from './processUse.ts';
import { atMost, type Row, row } from './report.ts';
import { StartedProcess } from './startedProcess.ts';

// How soon a daemon is registered, and the memory it takes while nothing happens.

const STARTS = 5;
const IDLE_MILLISECONDS = 2000;

interface StartResult {
  readonly subject: DaemonName;
  /** Of each start: from then to the kernel naming the process as the audit daemon. */
  readonly registeredMilliseconds: readonly number[];
  /** Two seconds after the last start, without a rule. */
  readonly idleKilobytes: number;
  /** Of a Node process that does nothing, for as long. */
  readonly idleNodeKilobytes: number;
}

export const startBench: Bench<StartResult> = {
  name: 'start',
  url: import.meta.url,
  trials: installedDaemons,
  run: runTrial,
  report,
};

async function runTrial(trial: string, { kernel, workspace, undo }: Scene): Promise<StartResult> {
  const subject = installedDaemons.find(name => name === trial);
  if (subject === undefined) throw new Error(`no trial ${trial}`);
  const registeredMilliseconds: number[] = [];
  let idleKilobytes = 0;
  for (let start = 1; start <= STARTS; start++) {
    const directory = workspace.directory(`start-${start}`);
    const daemon = await DaemonUnderTest.start(subject, PACKAGED, directory, kernel, undo);
    registeredMilliseconds.push(daemon.registeredMilliseconds);
    if (start === STARTS) {
      await sleep(IDLE_MILLISECONDS);
      idleKilobytes = residentKilobytes(daemon.pid, 'VmRSS');
    }
    await daemon.stop();
  }
  const idle = new StartedProcess([process.execPath, '-e', 'setInterval(() => {}, 1e9)'], undo);
  await sleep(IDLE_MILLISECONDS);
  const idleNodeKilobytes = residentKilobytes(idle.pid, 'VmRSS');
  await idle.stop();
  return { subject, registeredMilliseconds, idleKilobytes, idleNodeKilobytes };
}

function report(results: readonly StartResult[]): Row[] {
  return installedDaemons.flatMap(subject => {
    const runs = results.filter(run => run.subject === subject);
    if (runs.length === 0) return [];
    const isOurs = subject === 'ours';
    const what = `start: ${isOurs ? 'ours' : 'C'}`;
    const registered = runs.flatMap(run => run.registeredMilliseconds);
    const idle = runs.map(run => run.idleKilobytes / 1024);
    const beyondNode = runs.map(run => (run.idleKilobytes - run.idleNodeKilobytes) / 1024);
    return [
      row(`${what}, registered after`, registered, 'ms', isOurs ? atMost(200) : null),
      row(`${what}, RSS idle`, idle, 'MB'),
      ...(isOurs ? [row(`${what}, RSS idle, beyond an idle Node`, beyondNode, 'MB', atMost(25))] : []),
    ];
  });
}

await runIfMain(import.meta.url, startBench);
