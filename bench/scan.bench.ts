import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { atLeast, atMost, formatRows, isMissed, neverAbove, type Row, row } from './report.ts';

// How fast a log becomes events: native/scan alone, from the page cache, beside the C ausearch where it is installed.
// Needs no kernel audit and no root, but ../shared/bench/genlog.py for the logs, and make and clang++ for scan_events.

const USAGE = `usage: node scan.bench.js [--megabytes N] [--rounds N]
  --megabytes N  size of the log that is spread over time (default 1000); the burst has a fifth of it
  --rounds N     how often everything is run, in turns (default 3)
`;

/** dist/bench/ → the repository */
const repository = fileURLToPath(new URL('../../', import.meta.url));
const GENERATOR = join(repository, '../shared/bench/genlog.py');
const REFERENCE = ['/usr/sbin/ausearch', '/sbin/ausearch'].find(existsSync) ?? null;
const RESIDENT_MEGABYTES = 150; // beside Node's own, of 200

interface Run {
  readonly seconds: number;
  /** Most resident memory; null for programs that do not tell. */
  readonly megabytes: number | null;
  readonly events: number;
}

const { values: settings } = parseArgs({
  options: {
    megabytes: { type: 'string', default: '1000' },
    rounds: { type: 'string', default: '3' },
    help: { type: 'boolean', default: false },
  },
});
if (settings.help) {
  process.stdout.write(USAGE);
} else {
  const directory = mkdtempSync(join(tmpdir(), 'scan-bench-'));
  try {
    process.exitCode = runAll(directory, Number(settings.megabytes), Number(settings.rounds));
  } finally {
    rmSync(directory, { recursive: true });
  }
}

/** @returns The exit code: 1 when a target was missed. */
function runAll(directory: string, megabytes: number, rounds: number): number {
  const program = join(repository, 'build/test-native/scan_events');
  execFileSync('make', ['-s', '-C', join(repository, 'test/native'), program], { stdio: 'inherit' });
  const spread = join(directory, 'spread.log');
  const burst = join(directory, 'burst.log');
  execFileSync('python3', [GENERATOR, String(megabytes), spread]);
  execFileSync('python3', [GENERATOR, String(megabytes / 5), burst, '--burst']);
  const indexed = timed(program, ['--index', spread]);
  const needle = ['--term', 'kneedle', '--needle', '"needle"', '--stats', spread];
  const runs = {
    whole: [] as Run[],
    selective: [] as Run[],
    index: [] as Run[],
    burst: [] as Run[],
    reference: [] as Run[],
  };
  for (let round = 0; round < rounds; round++) {
    runs.whole.push(timed(program, ['--quiet', '--stats', spread]));
    runs.selective.push(timed(program, ['--needle', '"needle"', '--stats', spread]));
    runs.index.push(timed(program, needle));
    runs.burst.push(timed(program, ['--quiet', '--stats', burst]));
    if (REFERENCE !== null) runs.reference.push(timed(REFERENCE, ['-if', spread, '-k', 'needle', '--raw']));
  }
  const rows = report(runs, megabytes, indexed.seconds);
  process.stdout.write(formatRows(rows));
  return rows.some(isMissed) ? 1 : 0;
}

function timed(program: string, words: readonly string[]): Run {
  const start = process.hrtime.bigint();
  const { status, error, stderr } = spawnSync(program, words, { stdio: ['ignore', 'ignore', 'pipe'] });
  const seconds = Number(process.hrtime.bigint() - start) / 1e9;
  // ausearch ends with 1 when nothing matched, as may be in a small log.
  if (error !== undefined || status === null || status > 1) throw error ?? new Error(`${program}: ${stderr}`);
  const number = (name: string): number =>
    Number(new RegExp(`\\b${name}=(\\d+)`).exec(stderr.toString())?.[1] ?? Number.NaN);
  const kilobytes = number('kilobytes');
  return { seconds, megabytes: Number.isNaN(kilobytes) ? null : kilobytes / 1024, events: number('events') };
}

function report(
  runs: Readonly<Record<'whole' | 'selective' | 'index' | 'burst' | 'reference', readonly Run[]>>,
  megabytes: number,
  indexSeconds: number,
): Row[] {
  const rate = (list: readonly Run[], size: number): number[] => list.map(run => size / run.seconds);
  const memory = (list: readonly Run[]): number[] => list.flatMap(run => run.megabytes ?? []);
  const ratio = runs.selective.flatMap((run, at) => {
    const reference = runs.reference[at];
    return reference === undefined ? [] : [reference.seconds / run.seconds];
  });
  return [
    row('scan: every event', rate(runs.whole, megabytes), 'MB/s', atLeast(1000)),
    row('scan: every event, RSS at most', memory(runs.whole), 'MB', neverAbove(RESIDENT_MEGABYTES)),
    row('scan: one rare key', rate(runs.selective, megabytes), 'MB/s', atLeast(1000)),
    row('scan: one rare key, times as fast as C', ratio, '', atLeast(3)),
    row(
      'scan: one rare key, with an index',
      runs.index.map(run => run.seconds * 1000),
      'ms',
      atMost(100),
    ),
    row('scan: making the index', [indexSeconds], 's'),
    row('scan: a burst', rate(runs.burst, megabytes / 5), 'MB/s', atLeast(300)),
    row('scan: a burst, RSS at most', memory(runs.burst), 'MB', neverAbove(RESIDENT_MEGABYTES)),
  ];
}
