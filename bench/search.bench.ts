import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { commandFile } from '../src/base/commandFile.ts';
import { packageDirectory } from '../src/base/packageDirectory.ts';
import { quantile } from './statistics.ts';

// How long a search takes beside the installed C ausearch, in the same run, start of the program included. Logs come
// from ../shared/bench/genlog.py; BENCH_LOGS names a directory to keep them in. Arguments name the logs to run.
//   node dist/bench/search.bench.js [55m] [1g] [burst]

const shared = process.env['NODE_AUDITD_SHARED'] ?? join(packageDirectory, '../shared');
const ours = commandFile('ausearch');
const RUNS = 3;
/** The reference takes minutes for a burst: it is stopped after so long, and the ratio is then a lower bound. */
const MOST_SECONDS = 400;

interface Log {
  readonly name: string;
  readonly megabytes: number;
  readonly options: readonly string[];
}
const LOGS: readonly Log[] = [
  { name: '55m', megabytes: 55, options: [] },
  { name: '1g', megabytes: 1000, options: [] },
  { name: 'burst', megabytes: 210, options: ['--burst'] },
];

const SEARCHES: readonly { readonly name: string; readonly words: readonly string[] }[] = [
  { name: 'a rare key', words: ['-k', 'needle', '--raw'] },
  { name: 'a user that is not there', words: ['-ui', '4242', '--raw'] },
  { name: 'raw', words: ['--raw'] },
  { name: 'interpret', words: ['-i'] },
  { name: 'csv', words: ['--format', 'csv'] },
  { name: 'text', words: ['--format', 'text'] },
];

const directory = process.env['BENCH_LOGS'] ?? mkdtempSync(join(tmpdir(), 'search-bench-'));
const reference = spawnSync('ausearch', ['--version']).error === undefined ? 'ausearch' : null;
const wanted = process.argv.slice(2);
for (const log of LOGS.filter(({ name }) => wanted.length === 0 || wanted.includes(name))) {
  const path = join(directory, `${log.name}.log`);
  if (!existsSync(path)) {
    spawnSync('python3', [join(shared, 'bench/genlog.py'), String(log.megabytes), path, ...log.options], {
      stdio: 'inherit',
    });
  }
  const megabytes = statSync(path).size / 1e6;
  for (const { name, words } of SEARCHES) {
    if (log.name === 'burst' && name !== 'a rare key') continue;
    const own = measure([process.execPath, ours, '-if', path, ...words], RUNS);
    // One run of the reference is enough where it takes minutes.
    const other =
      reference === null ? null : measure([reference, '-if', path, ...words], log.name === 'burst' ? 1 : RUNS);
    console.log(
      JSON.stringify({
        log: log.name,
        search: name,
        seconds: own.seconds,
        megabytesPerSecond: Math.round(megabytes / own.seconds),
        residentMegabytes: own.residentMegabytes,
        referenceSeconds: other?.seconds ?? null,
        timesFaster: other === null ? null : Math.round((other.seconds / own.seconds) * 100) / 100,
        isLowerBound: other?.isStopped ?? false,
      }),
    );
  }
}
if (process.env['BENCH_LOGS'] === undefined) rmSync(directory, { recursive: true });

interface Measured {
  readonly seconds: number;
  readonly residentMegabytes: number;
  readonly isStopped: boolean;
}

/** Wall time and peak memory of a command, as time(1) sees them; the output goes to /dev/null. */
function measure(command: readonly string[], runs: number): Measured {
  const seconds: number[] = [];
  let residentKilobytes = 0;
  let isStopped = false;
  for (let i = 0; i < runs; i++) {
    const started = process.hrtime.bigint();
    const { stderr, signal } = spawnSync('/usr/bin/env', ['time', '-f', '%M', ...command], {
      stdio: ['ignore', 'ignore', 'pipe'],
      timeout: MOST_SECONDS * 1000,
    });
    seconds.push(Number(process.hrtime.bigint() - started) / 1e9);
    if (signal !== null) isStopped = true;
    residentKilobytes = Math.max(residentKilobytes, Number(stderr.toString('latin1').trim().split('\n').at(-1)) || 0);
  }
  const middle =
    Math.round(
      quantile(
        seconds.sort((a, b) => a - b),
        0.5,
      ) * 1000,
    ) / 1000;
  return { seconds: middle, residentMegabytes: Math.round(residentKilobytes / 1024), isStopped };
}
