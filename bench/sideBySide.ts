import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';

/** One run of a command. */
export interface Run {
  readonly seconds: number;
  /** Peak resident memory. */
  readonly megabytes: number;
  /** It took longer than the limit. */
  readonly isStopped: boolean;
}

/** A command of ours beside the same of the C tool, over one log. */
export interface Row {
  readonly name: string;
  readonly seconds: number;
  /** Null: there is no C tool, or no such command of it. */
  readonly referenceSeconds: number | null;
  /** At least, where `isLowerBound`. */
  readonly ratio: number | null;
  readonly isLowerBound: boolean;
  readonly target: string;
  readonly residentMegabytes: number;
  readonly isMissed: boolean;
}

/**
 * Wall time and peak memory of a command as time(1) sees them. What it prints goes to /dev/null.
 *
 * @param isGood  Of the exit code and of what was said on standard error, time(1)'s line at its end.
 * @throws {Error} when it is not.
 */
export async function timed(
  command: readonly string[],
  mostSeconds = 0,
  isGood: (code: number | null, told: string) => boolean = code => code === 0,
): Promise<Run> {
  const begin = process.hrtime.bigint();
  const child = spawn('/usr/bin/time', ['-f', 'kilobytes=%M', ...command], {
    stdio: ['ignore', 'ignore', 'pipe'],
    env: { ...process.env, LC_ALL: 'C', TZ: 'UTC' },
    // A group of its own: time(1) does not hand signals on.
    detached: true,
  });
  const { pid } = child;
  if (pid === undefined) throw new Error('/usr/bin/time is needed');
  let isStopped = false;
  const limit =
    mostSeconds === 0
      ? null
      : setTimeout(() => {
          isStopped = true;
          process.kill(-pid, 'SIGKILL');
        }, mostSeconds * 1000);
  const ended = new Promise<number | null>(done => child.on('close', done));
  const told = await text(child.stderr);
  const code = await ended;
  if (limit !== null) clearTimeout(limit);
  const seconds = Number(process.hrtime.bigint() - begin) / 1e9;
  if (!isStopped && !isGood(code, told)) throw new Error(`${command.join(' ')}: exit code ${code}\n${told}`);
  return { seconds, megabytes: Number(/kilobytes=(\d+)/.exec(told)?.[1] ?? 0) / 1024, isStopped };
}

/** Rows as people read them. */
export function table(results: readonly Row[]): string {
  const seconds = (value: number | null) => (value === null ? '-' : `${value.toFixed(2)} s`);
  const lines = results.map(result => [
    result.name,
    seconds(result.seconds),
    `${result.isLowerBound ? '> ' : ''}${seconds(result.referenceSeconds)}`,
    result.ratio === null
      ? '-'
      : `${result.isLowerBound ? '> ' : ''}${result.ratio.toFixed(result.ratio < 10 ? 2 : 0)}`,
    result.target,
    `${result.residentMegabytes} MB`,
    result.isMissed ? 'MISS' : 'pass',
  ]);
  const cells = [['', 'ours', 'C', 'times as fast', 'target', 'RSS', ''], ...lines];
  const widths = cells[0]?.map((_, column) => Math.max(...cells.map(line => line[column]?.length ?? 0))) ?? [];
  return cells
    .map(line => line.map((cell, i) => (i === 0 ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i] ?? 0))))
    .map(line => `${line.join('  ').trimEnd()}\n`)
    .join('');
}
