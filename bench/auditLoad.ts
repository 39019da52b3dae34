import { StartedProcess } from './startedProcess.ts';
import type { Undo } from './undo.ts';

/** What a load generator did. */
export interface LoadReport {
  /** Audited calls made: each is one event, and carries its number, from 1, in a0. */
  readonly events: number;
  /** Milliseconds since the epoch. */
  readonly start: number;
  readonly end: number;
}

/** Audited calls as fast as the kernel lets one process make them, until one of the two limits is reached. */
export async function flood(program: string, events: number, seconds: number, undo: Undo): Promise<LoadReport> {
  return loadReport(await startFlood(program, events, seconds, undo).finished());
}

/** The same, to be ended earlier with `stop`; `loadReport` reads what it then has printed. */
export function startFlood(program: string, events: number, seconds: number, undo: Undo): StartedProcess {
  return new StartedProcess([program, String(events), String(seconds)], undo);
}

/**
 * Starts `rate` audited calls a second. The time before each is written to `stamps`, a new file of one little-endian
 * int64 per call: nanoseconds since the epoch.
 */
export function startPaced(program: string, events: number, rate: number, stamps: string, undo: Undo): StartedProcess {
  return new StartedProcess([program, String(events), String(rate), stamps], undo);
}

/** What a generator printed as it ended. */
export function loadReport(output: string): LoadReport {
  const [events = Number.NaN, start = Number.NaN, end = Number.NaN] = output.trim().split(' ').map(Number);
  if (Number.isNaN(end)) throw new Error(`not what a load prints: ${output}`);
  return { events, start: start / 1e6, end: end / 1e6 };
}
