import { basename, dirname } from 'node:path';
import { isErrno } from '../../base/errors.ts';
import type { Messages } from '../../base/messages.ts';
import type { Files } from './files.ts';

/** How an archive's name may end. A generation is one number; interrupted work can leave it in both forms. */
export const PLAIN = '';
export const COMPRESSED = '.gz';
export type Form = typeof PLAIN | typeof COMPRESSED;

/** Which forms each archive number has on the disk: 1 is the newest. */
export type Generations = ReadonlyMap<number, readonly Form[]>;

/** An archive, or the live log, could not be moved. */
export class ShiftFailure extends Error {
  override readonly name = 'ShiftFailure';
  readonly from: string;
  readonly to: string;
  /** It was the live log: the archives have moved. */
  readonly isLive: boolean;

  constructor(from: string, to: string, isLive: boolean, cause: unknown) {
    super(`cannot move ${from} to ${to}`, { cause });
    this.from = from;
    this.to = to;
    this.isLive = isLive;
  }
}

export interface ShiftOptions {
  readonly files: Files;
  readonly logFile: string;
  /** The highest archive number there may be, at least 1; Infinity keeps every archive. */
  readonly keep: number;
  /** Whether `.N.gz` is generation N too. */
  readonly knowsCompressed: boolean;
}

/** The archives in the log's directory. One look, however many there are. */
export async function listGenerations(files: Files, logFile: string, knowsCompressed: boolean): Promise<Generations> {
  const result = new Map<number, Form[]>();
  const prefix = `${basename(logFile)}.`;
  for (const name of await files.readdir(dirname(logFile))) {
    if (!name.startsWith(prefix)) continue;
    const form = knowsCompressed && name.endsWith(COMPRESSED) ? COMPRESSED : PLAIN;
    const digits = name.slice(prefix.length, name.length - form.length);
    if (!/^[1-9][0-9]{0,8}$/.test(digits)) continue;
    const number = Number(digits);
    result.set(number, [...(result.get(number) ?? []), form]);
  }
  return result;
}

/**
 * Makes room at `.1` by moving archives one number up, oldest first, then moves the live file there.
 *
 * Only the archives before the first gap move: a gap is what a rotation leaves that was killed between two renames,
 * and filling it costs no generation. Without a gap the generation `.keep` goes. Run again after a failure it goes on
 * where it stopped, because what has moved left a gap behind it.
 *
 * @returns  The highest number an archive was moved to; 0 when none was there to move.
 * @throws {ShiftFailure}
 */
export async function shiftGenerations({ files, logFile, keep, knowsCompressed }: ShiftOptions): Promise<number> {
  const present = await failing(`${logFile}.1`, `${logFile}.2`, false, () =>
    listGenerations(files, logFile, knowsCompressed),
  );
  const gap = firstGap(present, keep);
  for (const form of present.get(gap) ?? []) {
    const oldest = `${logFile}.${gap}${form}`;
    await failing(oldest, 'nowhere', false, () => removeIfThere(files, oldest));
  }
  for (let number = gap; number > 1; number--) {
    for (const form of present.get(number - 1) ?? []) {
      const from = `${logFile}.${number - 1}${form}`;
      const to = `${logFile}.${number}${form}`;
      await failing(from, to, false, () => renameIfThere(files, from, to));
    }
  }
  // Gone: it has moved already, or the operator took it away. What rotation needs is that the name is free.
  await failing(logFile, `${logFile}.1`, true, () => renameIfThere(files, logFile, `${logFile}.1`));
  return gap > 1 ? gap : 0;
}

/** The first number without an archive, or `keep` when all up to it are there. */
export function firstGap(present: Generations, keep: number): number {
  let number = 1;
  while (number < keep && present.has(number)) number++;
  return number;
}

/** Removes the archives that num_logs no longer keeps: from `.numLogs` up to the first that is not there. */
export async function removeExcess(
  files: Files,
  logFile: string,
  numLogs: number,
  knowsCompressed: boolean,
  messages: Messages,
): Promise<void> {
  const present = await listGenerations(files, logFile, knowsCompressed);
  for (let number = numLogs; present.has(number); number++) {
    for (const form of present.get(number) ?? []) {
      const path = `${logFile}.${number}${form}`;
      await removeIfThere(files, path);
      messages.notice(`Log ${path} removed as it exceeds num_logs parameter`);
    }
  }
}

export async function removeIfThere(files: Files, path: string): Promise<void> {
  try {
    await files.unlink(path);
  } catch (error) {
    if (!isErrno(error, 'ENOENT')) throw error; // its absence is what was wanted
  }
}

async function renameIfThere(files: Files, from: string, to: string): Promise<void> {
  try {
    await files.rename(from, to);
  } catch (error) {
    // Taken away by hand a moment ago: then there is nothing of it to lose, and its number is free.
    if (!isErrno(error, 'ENOENT')) throw error;
  }
}

async function failing<T>(from: string, to: string, isLive: boolean, step: () => Promise<T>): Promise<T> {
  try {
    return await step();
  } catch (error) {
    throw new ShiftFailure(from, to, isLive, error);
  }
}
