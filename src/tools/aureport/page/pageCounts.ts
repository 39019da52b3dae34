/** What is counted for the page. Texts are byte strings; times are seconds since the epoch. */
export interface PageCounts {
  readonly events: number;
  readonly failed: number;
  /** Of the intervals, in seconds. */
  readonly width: number;
  /** In order of time; those without events are left out. Start, then for each group its number, events, failed ones. */
  readonly intervals: readonly (readonly number[])[];
  /** Of each group the types of records that were there, parts of system calls left out. */
  readonly groupTypes: readonly (readonly string[])[];
  /** Events with a record of one of these types: an event of another group may have one, too. */
  readonly groupFound: readonly number[];
  readonly lists: Readonly<Record<ListName, TopList>>;
  /** Times without any record: the last before, the first after. */
  readonly silences: readonly (readonly [from: number, to: number])[];
  readonly backStepCount: number;
  readonly backSteps: readonly (readonly [from: number, to: number])[];
  readonly missingSerials: number;
  readonly missingRuns: number;
  readonly hasUnwatchedNodes: boolean;
  readonly missing: readonly (readonly [first: number, last: number, after: number, before: number, node: string])[];
  readonly daemonEventCount: number;
  /** The newest. */
  readonly daemonEvents: readonly DaemonEvent[];
}

export type DaemonEvent = readonly [seconds: number, type: string, node: string, text: string];

export const LIST_NAMES = [
  'executables',
  'users',
  'files',
  'syscalls',
  'keys',
  'types',
  'logins',
  'anomalies',
] as const;
export type ListName = (typeof LIST_NAMES)[number];

export interface TopList {
  /** At least so many when `isCut`. */
  readonly different: number;
  /** There were too many to count them all: each count may be too low by `mostMissing`. */
  readonly isCut: boolean;
  readonly mostMissing: number;
  /** Most frequent first. */
  readonly values: readonly TopValue[];
}

export type TopValue = readonly [text: string, count: number, failed: number, first: number, last: number];

/** Reads what native/report/page_report.h has written. */
export function readPageCounts(json: Uint8Array): PageCounts {
  return JSON.parse(Buffer.from(json).toString('latin1')) as PageCounts;
}
