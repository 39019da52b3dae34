import { execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, openSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { commandFile } from '../src/base/commandFile.ts';
import { isErrno } from '../src/base/errors.ts';
import { spreadOf } from './statistics.ts';

// How long a report takes, ours and the installed C aureport's in turns over the same log, and the most memory ours held:
//   npm run bench:report -- [--megabytes N] [--burst-megabytes N] [--rounds N] [--only TEXT]
// Logs are written by ../shared/bench/genlog.py: one spread over time, one as a flood leaves it. Start-up is part of every
// time, and the C tool's grows with the square of a burst: short ones hide what long ones cost. Prints one JSON line a report and log; the exit code is 1 when a target is missed.

const REPORTS: readonly (readonly string[])[] = [
  ['--summary'],
  ['-x', '--summary'],
  ['-s', '-i'],
  ['-f'],
  ['-au'],
  ['-l'],
];
const TARGETS = { spread: 2, burst: 100 } as const;
const MOST_MEGABYTES = 200;
const C_AUREPORT = '/usr/sbin/aureport';
const OURS = commandFile('aureport');
const shared = process.env['NODE_AUDITD_SHARED'] ?? fileURLToPath(new URL('../../../shared', import.meta.url));

interface Run {
  readonly seconds: number;
  readonly megabytes: number;
}

const { values: settings } = parseArgs({
  options: {
    megabytes: { type: 'string', default: '55' },
    'burst-megabytes': { type: 'string', default: '40' },
    rounds: { type: 'string', default: '3' },
    only: { type: 'string', default: '' },
  },
});

const directory = mkdtempSync(join(tmpdir(), 'aureport-bench-'));
process.on('exit', () => rmSync(directory, { recursive: true, force: true }));
let isMissed = false;
for (const kind of ['spread', 'burst'] as const) {
  const megabytes = kind === 'spread' ? settings.megabytes : settings['burst-megabytes'];
  const log = writeLog(kind, megabytes);
  for (const report of REPORTS) {
    const name = `${kind} ${report.join(' ')}`;
    if (!name.includes(settings.only)) continue;
    const ours: Run[] = [];
    const theirs: Run[] = [];
    for (let round = 0; round < Number(settings.rounds); round++) {
      ours.push(await timed([process.execPath, OURS, '-if', log, ...report]));
      if (existsSync(C_AUREPORT)) theirs.push(await timed([C_AUREPORT, '-if', log, ...report]));
    }
    isMissed = tell(name, kind, statSync(log).size, ours, theirs) || isMissed;
  }
}
process.exitCode = isMissed ? 1 : 0;

function writeLog(kind: 'spread' | 'burst', megabytes: string): string {
  const log = join(directory, `${kind}.log`);
  const generator = resolve(shared, 'bench/genlog.py');
  execFileSync('python3', [generator, megabytes, log, ...(kind === 'burst' ? ['--burst'] : [])]);
  return log;
}

async function timed([program = '', ...args]: readonly string[]): Promise<Run> {
  const output = openSync('/dev/null', 'w');
  const begin = process.hrtime.bigint();
  const child = spawn(program, args, {
    stdio: ['ignore', output, 'inherit'],
    env: { ...process.env, LC_ALL: 'C', TZ: 'UTC' },
  });
  let kilobytes = 0;
  const watch = setInterval(() => {
    if (child.pid !== undefined) kilobytes = Math.max(kilobytes, mostKilobytes(child.pid));
  }, 20);
  const code = await new Promise(done => child.on('close', done));
  clearInterval(watch);
  if (code !== 0) throw new Error(`${program} ${args.join(' ')}: exit code ${code}`);
  return { seconds: Number(process.hrtime.bigint() - begin) / 1e9, megabytes: kilobytes / 1024 };
}

/** The most resident memory so far; 0 for a process that is ending, which has none any more. */
function mostKilobytes(pid: number): number {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'latin1');
    return Number(/^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1] ?? 0);
  } catch (error) {
    // It ended since the timer was set; what was seen before counts.
    if (!isErrno(error, 'ENOENT') && !isErrno(error, 'ESRCH')) throw error;
    return 0;
  }
}

/** @returns whether a target was missed. */
function tell(
  name: string,
  kind: keyof typeof TARGETS,
  bytes: number,
  ours: readonly Run[],
  theirs: readonly Run[],
): boolean {
  const own = spreadOf(ours.map(run => run.seconds));
  const other = spreadOf(theirs.map(run => run.seconds));
  const megabytes = Math.max(...ours.map(run => run.megabytes));
  const ratio = own === null || other === null ? null : other.median / own.median;
  const isSlow = ratio !== null && ratio < TARGETS[kind];
  const line = {
    report: name,
    bytes,
    ours: own,
    c: other,
    ratio,
    target: TARGETS[kind],
    rssMegabytes: Math.round(megabytes),
    node: process.version,
  };
  console.log(JSON.stringify(line));
  return isSlow || megabytes > MOST_MEGABYTES;
}
