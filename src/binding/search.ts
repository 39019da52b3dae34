import { addon } from './addon.ts';

/** What native/search exports, as search_addon.cc checks it. The addon's typed face extends this. */
export interface SearchAddon {
  readonly LogSearch: new (request: SearchRequest) => LogSearch;
  /** localtime_r(3): year, month from 0, day, hours, minutes, seconds, weekday from Sunday, isDst. */
  localTime(seconds: number): readonly number[];
  /** mktime(3); null when there is no such time. */
  makeTime(
    year: number,
    month: number,
    day: number,
    hours: number,
    minutes: number,
    seconds: number,
    isDst: number,
  ): number | null;
  /** strptime(3) with %x of the environment's locale: year, month from 0, day, bytes taken; null: no date. */
  readDate(word: Uint8Array): readonly number[] | null;
  /** strptime(3) with %X: hours, minutes, seconds, bytes taken; null: no time. */
  readTimeOfDay(word: Uint8Array): readonly number[] | null;
}

/** Numbers of SearchFormat in native/search/search.h. */
export const SEARCH_FORMAT = { default: 0, raw: 1, interpret: 2, csv: 3, text: 4, json: 5 } as const;
/** Numbers of EscapeMode in native/interpret/interpreter.h. */
export const ESCAPE_MODE = { raw: 0, tty: 1, shell: 2, shell_quote: 3 } as const;

/** Of native/search/criteria.h. Null, or empty: not asked for. */
export interface NativeCriteria {
  readonly serial: number | null;
  readonly nodes: readonly Uint8Array[];
  readonly types: readonly number[];
  readonly uid: number | null;
  readonly euid: number | null;
  readonly auid: number | null;
  readonly uidName: Uint8Array | null;
  readonly euidName: Uint8Array | null;
  readonly auidName: Uint8Array | null;
  readonly users: 'all' | 'any';
  readonly gid: number | null;
  readonly egid: number | null;
  readonly groups: 'all' | 'any';
  readonly pid: number | null;
  readonly ppid: number | null;
  readonly arch: number | null;
  readonly syscall: number | null;
  readonly session: number | null;
  readonly exit: bigint | null;
  readonly success: boolean | null;
  readonly matchesWholeWords: boolean;
  readonly file: Uint8Array | null;
  readonly host: Uint8Array | null;
  readonly terminal: Uint8Array | null;
  readonly exe: Uint8Array | null;
  readonly comm: Uint8Array | null;
  readonly key: Uint8Array | null;
  readonly vm: Uint8Array | null;
  readonly uuid: Uint8Array | null;
  readonly subject: Uint8Array | null;
  readonly object: Uint8Array | null;
  readonly acceptsEitherContext: boolean;
}

export interface EventPlace {
  readonly seconds: number;
  readonly milliseconds: number;
  readonly serial: number;
  /** Of the event's first record. */
  readonly type: number;
  readonly node: Uint8Array | null;
}

export type SearchInput =
  /** A log and its rotated files; `first`: those older than this one are left out, and it must be there. */
  | {
      readonly kind: 'set';
      readonly path: Uint8Array;
      readonly first: { readonly device: bigint; readonly inode: bigint } | null;
    }
  | { readonly kind: 'file'; readonly path: Uint8Array }
  | { readonly kind: 'descriptor'; readonly path: Uint8Array; readonly descriptor: number };

export interface SearchRequest {
  readonly criteria: NativeCriteria;
  readonly format: number;
  readonly escape: number;
  readonly csv: { readonly keys: boolean; readonly labels: boolean; readonly object2: boolean; readonly time: boolean };
  /** Seconds since the epoch, both included; null: no limit. */
  readonly start: number | null;
  readonly end: number | null;
  readonly endOfEventTimeoutSeconds: number;
  readonly input: SearchInput;
  readonly stopsAfterFirst: boolean;
  readonly reportsMalformed: boolean;
  readonly follows: boolean;
  /** Indexes that are missing are built. Those beside the logs are used in any case: results are the same. */
  readonly buildsIndex: boolean;
  /** Output starts behind this event; `byTime`: or at the first that is not earlier. */
  readonly after: (EventPlace & { readonly byTime: boolean }) | null;
  /** Whether `last` is wanted; unfinished events at the end are then left for the next run. */
  readonly notesCheckpoint: boolean;
  /** Descriptors. */
  readonly output: number;
  readonly errors: number;
  /** No control bytes go to a terminal. */
  readonly outputIsTerminal: boolean;
  readonly errorsIsTerminal: boolean;
}

export interface SearchStatistics {
  readonly files: number;
  /** As on disk. */
  readonly bytes: number;
  readonly lines: number;
  readonly records: number;
  readonly recordsOutOfRange: number;
  readonly malformedLines: number;
  /** Longer than any record. */
  readonly cutLines: number;
  readonly events: number;
  /** Events completed before their time, because too much was open. */
  readonly earlyEvents: number;
  /** Events whose fields were looked at. */
  readonly eventsRead: number;
  readonly malformedEvents: number;
}

export interface SearchAnswer {
  /** The file that `input.first` names is not there; nothing was read. */
  readonly isFirstFileMissing: boolean;
  /** A file that could not be opened or read; what came before it has been output. */
  readonly failure: { readonly path: Uint8Array; readonly errno: number } | null;
  readonly matches: number;
  /** Why the output ended early, 0 otherwise: EPIPE, ENOSPC. */
  readonly outputErrno: number;
  readonly isCancelled: boolean;
  /** Compressed files with faults, by LogSource::Damage in native/scan/log_source.h. */
  readonly damaged: readonly { readonly path: Uint8Array; readonly damage: number }[];
  readonly statistics: SearchStatistics;
  /** The file that was read last and the last event that came; null without a file. */
  readonly last: { readonly device: bigint; readonly inode: bigint; readonly event: EventPlace | null } | null;
  /** An event later than `after` that came before it: the log is another one. Nothing was output. */
  readonly corruptedBy: { readonly seconds: number; readonly milliseconds: number; readonly serial: number } | null;
}

/** One search. It runs on threads of its own and writes its results by itself. */
export interface LogSearch {
  /** Once. Resolves when the log, or the wish for it, has ended. */
  run(): Promise<SearchAnswer>;
  /** What has been found so far is still output. */
  cancel(): void;
  /** Bytes read of `size`, which is 0 where that is not known, and events found. */
  progress(): { readonly bytes: number; readonly size: number; readonly events: number };
}

export function newSearch(request: SearchRequest): LogSearch {
  return new addon.LogSearch(request);
}
