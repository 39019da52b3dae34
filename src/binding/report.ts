/** Where a scan reads. */
export type ReportInput =
  /** One file. */
  | { readonly kind: 'file'; readonly path: Buffer }
  /** A log and its rotated files. */
  | { readonly kind: 'set'; readonly path: Buffer }
  /** `path`: what messages call it. */
  | { readonly kind: 'descriptor'; readonly path: Buffer; readonly descriptor: number };

/** Every key is needed. */
export interface ReportCall {
  /** ReportKind in native/report/report_kind.h. */
  kind: number;
  isSummary: boolean;
  isInterpreted: boolean;
  /** 0 text, 1 CSV, 2 JSON. */
  format: number;
  /** 0 raw, 1 tty, 2 shell, 3 shell_quote. */
  escape: number;
  /** No control byte of a record is printed there, in whatever column. */
  outputIsTerminal: boolean;
  errorsIsTerminal: boolean;
  /** Only events with this result. */
  isSuccess: boolean | null;
  isAdditions: boolean;
  isDeletions: boolean;
  leavesOutConfig: boolean;
  nodes: readonly Buffer[];
  /** Seconds, both included. */
  start: number | null;
  end: number | null;
  endOfEventTimeout: number;
  input: ReportInput;
  /** Descriptors. */
  output: number;
  errors: number;
  reportsMalformed: boolean;
}

export interface ReportAnswer {
  /** False when it was cancelled, the output was closed, or an input failed. */
  isComplete: boolean;
  /** Whether an event found its place in the report. */
  hasRows: boolean;
  /** What comes behind the rows that have been written. */
  rest: Buffer;
  /** Why the output ended early; 0. */
  outputErrno: number;
  /** Of the first record, in milliseconds; null when there was none. */
  first: number | null;
  malformedEvents: number;
  malformedLines: number;
  bytes: number;
  events: number;
  failure: { path: Buffer; errno: number; isOpening: boolean } | null;
  /** The oldest first; the times of the first and the last event that came while it was read. */
  inputs: { path: Buffer; first: number | null; last: number | null }[];
  /** Compressed inputs that end too soon, or hold something else. */
  damaged: Buffer[];
}

export interface RunningReport {
  readonly finished: Promise<ReportAnswer>;
  /** The report ends soon, with what was printed until then. */
  cancel(): void;
  /** `size` 0: not known. */
  progress(): { bytes: number; size: number; events: number };
}

export interface ReportAddon {
  /** Starts a report on a thread of Node's pool. Rows are written to `output` as they come. */
  startReport(call: ReportCall): RunningReport;
  /** Local date and time as strftime(3) prints them with %x %H:%M:%S. */
  reportTime(seconds: number): string;
  /** `Tue Nov 14 22:15:00 2023`, local time, always English: ctime(3). */
  reportCtime(seconds: number): string;
}
