import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { commandFile } from '../src/base/commandFile.ts';
import { type Row, type Run, table, timed } from './sideBySide.ts';
import { spreadOf } from './statistics.ts';

// How long a report takes and how much memory it holds, ours and the installed C aureport's in turns over the same log.
// Start-up is part of every time, and the C tool's grows with the square of a burst: short ones hide what long ones cost.

const USAGE = `usage: node aureport.bench.js [--megabytes N] [--burst-megabytes N] [--rounds N] [--most-seconds N] [--only TEXT]
  --megabytes N        size of the log that is spread over time (default 55)
  --burst-megabytes N  size of the log as a flood leaves it (default 40)
  --rounds N           how often each report is run, in turns (default 3); the C tool once where it is stopped
  --most-seconds N     a run of the C tool is stopped after so long, and its ratio is then "more than" (default 120)
  --only TEXT          only rows whose name contains it, as "burst -x"

Logs are written by ../shared/bench/genlog.py. Prints one JSON line for each row, then a table; the exit code is 1 when a
target is missed.
`;

const REPORTS: readonly (readonly string[])[] = [
  ['--summary'],
  ['-x', '--summary'],
  ['-s', '-i'],
  ['-f'],
  ['-au'],
  ['-l'],
  ['--html'],
];
/** Times as fast as the C tool. */
const LEAST_RATIO = { spread: 2, burst: 100 } as const;
/** The page has no counterpart: so many seconds for each GB, beside what every start takes. */
const MOST_PAGE_SECONDS = 15;
const START_SECONDS = 0.5;
const MOST_MEGABYTES = 200;
const C_AUREPORT = '/usr/sbin/aureport';
const OURS = commandFile('aureport');
const shared = process.env['NODE_AUDITD_SHARED'] ?? fileURLToPath(new URL('../../../shared', import.meta.url));

type Kind = keyof typeof LEAST_RATIO;

const { values: settings } = parseArgs({
  options: {
    megabytes: { type: 'string', default: '55' },
    'burst-megabytes': { type: 'string', default: '40' },
    rounds: { type: 'string', default: '3' },
    'most-seconds': { type: 'string', default: '120' },
    only: { type: 'string', default: '' },
    help: { type: 'boolean', default: false },
  },
});
if (settings.help) {
  process.stdout.write(USAGE);
} else {
  const directory = mkdtempSync(join(tmpdir(), 'aureport-bench-'));
  try {
    const results = [
      ...(await measureLog(directory, 'spread', settings.megabytes)),
      ...(await measureLog(directory, 'burst', settings['burst-megabytes'])),
    ];
    process.stdout.write(`\n${table(results)}`);
    process.exitCode = results.some(result => result.isMissed) ? 1 : 0;
  } finally {
    rmSync(directory, { recursive: true });
  }
}

async function measureLog(directory: string, kind: Kind, megabytes: string): Promise<Row[]> {
  const reports = REPORTS.map(words => ({ words, name: `${kind} ${words.join(' ')}` })).filter(({ name }) =>
    name.includes(settings.only),
  );
  if (reports.length === 0) return [];
  const log = join(directory, `${kind}.log`);
  const options = kind === 'burst' ? ['--burst'] : [];
  execFileSync('python3', [resolve(shared, 'bench/genlog.py'), megabytes, log, ...options]);
  const results: Row[] = [];
  for (const { words, name } of reports) {
    const isPage = words.includes('--html');
    const own = isPage ? [...words, join(directory, 'page.html')] : words;
    const ours: Run[] = [];
    const theirs: Run[] = [];
    for (let round = 0; round < Number(settings.rounds); round++) {
      ours.push(await timed([process.execPath, OURS, '-if', log, ...own]));
      if (isPage || !existsSync(C_AUREPORT) || theirs.some(run => run.isStopped)) continue;
      theirs.push(await timed([C_AUREPORT, '-if', log, ...words], Number(settings['most-seconds'])));
    }
    const result = judge(name, kind, statSync(log).size, ours, theirs);
    console.log(JSON.stringify({ ...result, bytes: statSync(log).size, node: process.version }));
    results.push(result);
  }
  rmSync(log);
  return results;
}

function judge(name: string, kind: Kind, bytes: number, ours: readonly Run[], theirs: readonly Run[]): Row {
  const seconds = spreadOf(ours.map(run => run.seconds))?.median ?? Number.NaN;
  const residentMegabytes = Math.round(Math.max(...ours.map(run => run.megabytes)));
  const isLowerBound = theirs.some(run => run.isStopped);
  const longest = spreadOf(theirs.map(run => run.seconds));
  const referenceSeconds = (isLowerBound ? longest?.most : longest?.median) ?? null;
  const ratio = referenceSeconds === null ? null : referenceSeconds / seconds;
  const mostSeconds = START_SECONDS + (MOST_PAGE_SECONDS * bytes) / 1e9;
  const isPage = name.endsWith('--html');
  return {
    name,
    seconds,
    referenceSeconds,
    ratio,
    isLowerBound,
    target: isPage ? `<= ${mostSeconds.toFixed(1)} s` : `>= ${LEAST_RATIO[kind]}`,
    residentMegabytes,
    isMissed:
      (isPage ? seconds > mostSeconds : ratio !== null && ratio < LEAST_RATIO[kind]) ||
      residentMegabytes > MOST_MEGABYTES,
  };
}
