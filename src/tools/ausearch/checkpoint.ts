import { renameSync, writeFileSync } from 'node:fs';
import type { SearchAnswer } from '../../auparse/logSearch.ts';
import { isErrno, reasonOf } from '../../base/errors.ts';
import { parseCNumber } from '../../control/cNumber.ts';

/** Where an earlier search ended. */
export interface Checkpoint {
  readonly device: bigint;
  readonly inode: bigint;
  /** Null: that search met no event. */
  readonly event: CheckpointEvent | null;
}

export interface CheckpointEvent {
  readonly seconds: number;
  readonly milliseconds: number;
  readonly serial: number;
  /** Of the event's first record. */
  readonly type: number;
  /** A byte string; null: none. */
  readonly node: string | null;
}

/** A checkpoint's file cannot be used. The message, with its newline where it has one, is what the user is told. */
export class CheckpointError extends Error {
  override readonly name = 'CheckpointError';
}

/**
 * Reads the text of a checkpoint's file, a byte string.
 *
 * @param path  Name for the errors.
 * @throws {CheckpointError}
 */
export function parseCheckpoint(text: string, path: string): Checkpoint {
  const complaints: string[] = [];
  let device: bigint | null = null;
  let inode: bigint | null = null;
  let event: CheckpointEvent | null = null;
  for (const line of text.split('\n')) {
    if (line === '') continue;
    const [name, value] = splitOnce(line, '=');
    try {
      if (line.startsWith('dev=')) device = numberOf(value, name, line);
      else if (line.startsWith('inode=')) inode = numberOf(value, name, line);
      else if (line.startsWith('output=')) event = eventOf(value, line);
      else complaints.push(`Unknown checkpoint line - [${line}]\n`);
    } catch (error) {
      if (!(error instanceof CheckpointError)) throw error;
      complaints.push(error.message);
    }
  }
  if (device === null || inode === null) complaints.push(`Missing dev/inode lines from checkpoint file ${path}\n`);
  if (device === null || inode === null || complaints.length > 0) throw new CheckpointError(complaints.join(''));
  return { device, inode, event };
}

/** The text that parseCheckpoint reads, as a byte string. */
export function formatCheckpoint({ device, inode, event }: Checkpoint): string {
  const { node, seconds, milliseconds, serial, type } = event ?? NO_EVENT;
  const stamp = `${seconds}.${String(milliseconds).padStart(3, '0')}:${serial}`;
  const output = `${node ?? '-'} ${stamp} 0x${(type >>> 0).toString(16).toUpperCase()}`;
  return `dev=0x${device.toString(16).toUpperCase()}\ninode=${inode}\noutput=${output}\n`;
}

/** Of a search's answer; null where there is no file to note. */
export function checkpointOf(answer: SearchAnswer): Checkpoint | null {
  if (answer.last === null) return null;
  const { device, inode, event } = answer.last;
  if (event === null) return { device, inode, event };
  const node = event.node === null ? null : Buffer.from(event.node).toString('latin1');
  return { device, inode, event: { ...event, node } };
}

/**
 * Replaces the file as a whole: whoever reads it, or finds it after a crash, sees the old one or the new one.
 *
 * @throws {CheckpointError}
 */
export function writeCheckpoint(path: Buffer, checkpoint: Checkpoint): void {
  const fresh = Buffer.concat([path, Buffer.from('.new')]);
  try {
    writeFileSync(fresh, formatCheckpoint(checkpoint), { encoding: 'latin1', mode: 0o600 });
    renameSync(fresh, path);
  } catch (error) {
    if (!(error instanceof Error && 'errno' in error)) throw error;
    const where = path.toString('latin1');
    throw new CheckpointError(`Cannot create checkpoint file - ${where}: ${reasonOf(error)}\n`, { cause: error });
  }
}

/** Whether reading the file failed because there is none yet. */
export function isFirstRun(error: unknown): boolean {
  return isErrno(error, 'ENOENT');
}

const NO_EVENT: CheckpointEvent = { node: null, seconds: 0, milliseconds: 0, serial: 0, type: 0 };

function splitOnce(text: string, separator: string): [string, string] {
  const at = text.indexOf(separator);
  return at === -1 ? [text, ''] : [text.slice(0, at), text.slice(at + 1)];
}

/** In any base that C knows; nothing may follow it. */
function numberOf(value: string, name: string, line: string): bigint {
  const [, sign = '', digits = null] = /^(-?)(0[xX][0-9a-fA-F]+|0[0-7]*|[1-9][0-9]*)$/.exec(value.trim()) ?? [];
  if (digits === null) throw new CheckpointError(`Malformed ${name} checkpoint line - [${line}]\n`);
  const magnitude = BigInt(/^0[0-7]/.test(digits) ? `0o${digits.slice(1)}` : digits);
  return BigInt.asUintN(64, sign === '-' ? -magnitude : magnitude);
}

function eventOf(value: string, line: string): CheckpointEvent {
  const [node, rest] = splitOnce(value, ' ');
  if (node === '' || rest === '') {
    throw new CheckpointError(`Malformed output/event checkpoint line near node - [${line}]\n`);
  }
  const [, seconds, milliseconds, serial, type = ''] =
    /^([0-9]+)\.([0-9]+):([0-9]+)[ \t]+(?:0[xX])?([0-9a-fA-F]+)$/.exec(rest.trim()) ?? [];
  if (seconds === undefined || milliseconds === undefined || serial === undefined) {
    throw new CheckpointError(`Malformed output/event checkpoint line after node - [${line}]\n`);
  }
  return {
    node: node === '-' ? null : node,
    seconds: Number(seconds),
    milliseconds: Number(milliseconds),
    serial: Number(serial),
    type: parseCNumber(`0x${type}`, 'unsigned').word | 0,
  };
}
