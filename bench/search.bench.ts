import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { commandFile } from '../src/base/commandFile.ts';
import { type Row, type Run, table, timed } from './sideBySide.ts';
import { spreadOf } from './statistics.ts';

// How long a search takes and how much memory it holds, ours and the installed C ausearch's in turns over the same log.
// Start-up is part of every time.

const USAGE = `usage: node search.bench.js [--megabytes N,N] [--burst-megabytes N] [--rounds N] [--most-seconds N] [--only TEXT] [--logs DIR]
  --megabytes N,N      sizes of the logs that are spread over time (default 55,1000)
  --burst-megabytes N  size of the log as a flood leaves it (default 210; 0: none)
  --rounds N           how often each search is run, in turns (default 3); the C tool once where it takes over a minute
  --most-seconds N     a run of the C tool is stopped after so long, and its ratio is then "more than" (default 400)
  --only TEXT          only rows whose name contains it, as "1000 MB csv"
  --logs DIR           keep the logs there, and use those that are there

Logs are written by ../shared/bench/genlog.py. Prints one JSON line for each row, then a table; the exit code is 1 when a
target is missed.
`;

const MOST_MEGABYTES = 200;
const MOST_INDEXED_SECONDS = 0.15;
const LONG_SECONDS = 60;
const LARGE_MEGABYTES = 1000;
const BURST_RATIO = 100;
const C_AUSEARCH = '/usr/sbin/ausearch';
const OURS = commandFile('ausearch');
const shared = process.env['NODE_AUDITD_SHARED'] ?? fileURLToPath(new URL('../../../shared', import.meta.url));

interface Search {
  readonly name: string;
  readonly words: readonly string[];
  /** Times as fast as the C tool on a large log; null: no target. */
  readonly leastRatio: number | null;
  /** The C tool takes minutes for it. */
  readonly isOursAlone?: true;
}
const SEARCHES: readonly Search[] = [
  { name: 'a rare key', words: ['-k', 'needle', '--raw'], leastRatio: 3 },
  { name: 'a user that is not there', words: ['-ui', '4242', '--raw'], leastRatio: null },
  { name: 'raw', words: ['--raw'], leastRatio: null },
  { name: 'interpret', words: ['-i'], leastRatio: 2 },
  { name: 'csv', words: ['--format', 'csv'], leastRatio: 2 },
  { name: 'text', words: ['--format', 'text'], leastRatio: 2 },
];
const INDEXED: Search = { name: 'a rare key, indexed', words: ['-k', 'needle', '--raw'], leastRatio: null };

const { values: settings } = parseArgs({
  options: {
    megabytes: { type: 'string', default: '55,1000' },
    'burst-megabytes': { type: 'string', default: '210' },
    rounds: { type: 'string', default: '3' },
    'most-seconds': { type: 'string', default: '400' },
    only: { type: 'string', default: '' },
    logs: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
});
if (settings.help) {
  process.stdout.write(USAGE);
} else {
  const directory = settings.logs ?? mkdtempSync(join(tmpdir(), 'search-bench-'));
  try {
    const rows: Row[] = [];
    for (const megabytes of settings.megabytes
      .split(',')
      .map(Number)
      .filter(size => size > 0)) {
      rows.push(...(await measureLog(directory, megabytes, [])));
    }
    const burst = Number(settings['burst-megabytes']);
    if (burst > 0) rows.push(...(await measureLog(directory, burst, ['--burst'])));
    process.stdout.write(`\n${table(rows)}`);
    process.exitCode = rows.some(row => row.isMissed) ? 1 : 0;
  } finally {
    if (settings.logs === undefined) rmSync(directory, { recursive: true });
  }
}

async function measureLog(directory: string, megabytes: number, options: readonly string[]): Promise<Row[]> {
  const isBurst = options.length > 0;
  const title = `${megabytes} MB${isBurst ? ' burst' : ''}`;
  const searches: readonly Search[] = isBurst
    ? SEARCHES.map((search, i) =>
        i === 0 ? { ...search, leastRatio: BURST_RATIO } : { ...search, leastRatio: null, isOursAlone: true },
      )
    : [...SEARCHES, INDEXED].map(search => (megabytes < LARGE_MEGABYTES ? { ...search, leastRatio: null } : search));
  const wanted = searches.filter(({ name }) => `${title} ${name}`.includes(settings.only));
  if (wanted.length === 0) return [];
  const log = join(directory, `${megabytes}${isBurst ? '-burst' : ''}.log`);
  if (!existsSync(log)) execFileSync('python3', [resolve(shared, 'bench/genlog.py'), `${megabytes}`, log, ...options]);
  const rows: Row[] = [];
  for (const search of wanted) {
    removeIndexes(directory);
    // Into memory, for both.
    execFileSync('sh', ['-c', 'cat "$0" > /dev/null', log]);
    const isIndexed = search === INDEXED || search.name === INDEXED.name;
    if (isIndexed) await timed([process.execPath, OURS, '--index', '-if', log, ...search.words], 0, isAnswer);
    const ours: Run[] = [];
    const theirs: Run[] = [];
    for (let round = 0; round < Number(settings.rounds); round++) {
      ours.push(await timed([process.execPath, OURS, '-if', log, ...search.words], 0, isAnswer));
      if (search.isOursAlone === true || !existsSync(C_AUSEARCH)) continue;
      if (theirs.some(run => run.isStopped || run.seconds > LONG_SECONDS)) continue;
      theirs.push(await timed([C_AUSEARCH, '-if', log, ...search.words], Number(settings['most-seconds']), isAnswer));
    }
    const row = judge(`${title} ${search.name}`, search, isIndexed, ours, theirs);
    const { size } = statSync(log);
    console.log(
      JSON.stringify({ ...row, bytes: size, megabytesPerSecond: size / 1e6 / row.seconds, node: process.version }),
    );
    rows.push(row);
  }
  removeIndexes(directory);
  if (settings.logs === undefined) rmSync(log);
  return rows;
}

/** Events, or none and no complaint: a rare key is in large logs alone. */
function isAnswer(code: number | null, told: string): boolean {
  const said = told.replace(/^(Command exited with .*|kilobytes=\d+|<no matches>|NOTE - using built-in .*)\n/gm, '');
  return code === 0 || (code === 1 && said === '');
}

function removeIndexes(directory: string): void {
  for (const name of readdirSync(directory)) {
    if (/^\..*\.index-\d+$/.test(name)) rmSync(join(directory, name));
  }
}

function judge(
  name: string,
  { leastRatio }: Search,
  isIndexed: boolean,
  ours: readonly Run[],
  theirs: readonly Run[],
): Row {
  const seconds = spreadOf(ours.map(run => run.seconds))?.median ?? Number.NaN;
  const residentMegabytes = Math.round(Math.max(...ours.map(run => run.megabytes)));
  const isLowerBound = theirs.some(run => run.isStopped);
  const taken = spreadOf(theirs.map(run => run.seconds));
  const referenceSeconds = (isLowerBound ? taken?.most : taken?.median) ?? null;
  const ratio = referenceSeconds === null ? null : referenceSeconds / seconds;
  const isTooSlow = isIndexed
    ? seconds > MOST_INDEXED_SECONDS
    : leastRatio !== null && ratio !== null && ratio < leastRatio;
  return {
    name,
    seconds,
    referenceSeconds,
    ratio,
    isLowerBound,
    target: isIndexed ? `< ${MOST_INDEXED_SECONDS} s` : leastRatio === null ? '-' : `>= ${leastRatio}`,
    residentMegabytes,
    isMissed: isTooSlow || residentMegabytes > MOST_MEGABYTES,
  };
}
