import { addon, nativeError } from './addon.ts';

/** What native/auparse exports, as auparse_addon.cc checks it. The addon's typed face extends this. */
export interface AuparseAddon {
  readonly LogReader: new (inputs: readonly LogInput[], timeoutSeconds: number, follow: boolean) => NativeLogReader;
  readonly LogFeed: new (timeoutSeconds: number) => NativeLogFeed;
  readonly JsonFeed: new (timeoutSeconds: number) => NativeJsonFeed;
  readonly EventView: new (lines: Uint8Array, escapeMode: number, allMachines: boolean) => NativeEventView;
  /** regcomp(3), extended syntax. @throws {Error} with the text of regerror(3). */
  readonly PosixRegexp: new (
    pattern: string,
  ) => { test(text: Uint8Array): boolean };
  /** Account names are asked for anew. */
  forgetNames(): void;
  /** `SYSCALL` for 1300; null for a type without a name. */
  recordTypeName(type: number): string | null;
  /** 1300 for `SYSCALL` in any case, `UNKNOWN[1300]` and `1300`; -1 for what is none. */
  recordTypeNumber(name: string): number;
  /** The type of a field of this name, as auparse_type_t counts them. */
  fieldTypeOfName(name: string): number;
  /** The text of argument `index` of a system call; `value` in hexadecimal, as records have it. */
  interpretArgument(arch: number, syscall: number, index: number, value: string, a0: number, a1: number): string;
  /** FILE.N … FILE.1, FILE, as far as they can be read. @throws {Error} with `errno`: FILE cannot. */
  findLogSet(path: string): string[];
}

/** gzip is recognised by its first bytes, whatever the input is. A descriptor stays open; bytes are copied. */
export type LogInput =
  | { readonly path: string }
  | { readonly descriptor: number; readonly name: string }
  | { readonly bytes: Uint8Array; readonly name: string };

export interface NativeLogReader {
  /**
   * Reads one block on a thread of the pool. One at a time.
   *
   * @throws {Error} with `errno`, `syscall` and `path`: an input cannot be opened or read.
   */
  read(): Promise<{ events: NativeEvent[]; isEnd: boolean }>;
  /** A `read` that waits for a descriptor or a followed file returns. */
  cancel(): void;
  counts(): ReadCounts;
  /** Index of an input and what is wrong with it, again and again: 1 gzip ends early, 2 damaged, 3 bytes behind it. */
  damages(): number[];
}

export interface NativeLogFeed {
  feed(bytes: Uint8Array): NativeEvent[];
  age(nowSeconds: number): NativeEvent[];
  flush(): NativeEvent[];
  end(): NativeEvent[];
  reset(): void;
  counts(): ReadCounts;
}

/** Events as JSON lines, made on a thread of the pool. One call at a time; the bytes must stay as they are meanwhile. */
export interface NativeJsonFeed {
  feed(buffers: readonly Uint8Array[]): Promise<void>;
  age(nowSeconds: number): Promise<void>;
  end(): Promise<void>;
  /** Moves whole lines that were made to `out`, from `offset` on, as far as they fit. */
  take(out: Uint8Array, offset: number): { readonly records: number; readonly bytes: number };
  /** Moves the first of them. Null: there is none. */
  takeFirst(): Uint8Array | null;
  /** The records of events that are not complete, as they came; they are then forgotten. */
  takeOpen(): Promise<Uint8Array>;
  readonly hasOpenEvents: boolean;
}

export interface NativeEvent {
  readonly seconds: number;
  readonly milliseconds: number;
  readonly serial: number;
  readonly node: string | null;
  /** The records as logged, a newline between two. */
  readonly lines: Uint8Array;
  /** Index of the input and line number, from 1, of each record. */
  readonly places: readonly number[];
}

/** What was read, and what was lost on the way. */
export interface ReadCounts {
  /** Newlines, and a last line without one. */
  readonly lines: number;
  /** Lines with a good head. */
  readonly records: number;
  /** Lines without one, empty ones aside. They are not part of any event. */
  readonly malformedLines: number;
  /** Lines of more than 1 MiB: the rest of them was dropped. */
  readonly cutLines: number;
  readonly events: number;
  /** EOE records that ended no event under construction. */
  readonly droppedEndRecords: number;
  /** Records without any field that belonged to no event. */
  readonly droppedRecords: number;
  /** Events that were completed early, so that memory stays bounded. */
  readonly earlyEvents: number;
  /** Events that are held now; those of them that are complete and wait; most that ever were held at once. */
  readonly openEvents: number;
  readonly readyEvents: number;
  readonly mostOpenEvents: number;
}

/** Records and fields are numbered from 0; numbers out of range throw RangeError, but for the movements. */
export interface NativeEventView {
  head(): { seconds: number; milliseconds: number; serial: number; node: string | null } | null;
  recordCount(): number;
  recordType(record: number): number;
  recordText(record: number): string;
  recordTextBytes(record: number): Uint8Array;
  recordInterpretations(record: number): string | null;
  /** Name, value and type of each field, a zero byte behind each. */
  fields(record: number): string;
  /** The first field of that name; -1: there is none. */
  find(record: number, name: string): number;
  valueBytes(record: number, field: number): Uint8Array;
  interpret(record: number, field: number): string;
  interpretBytes(record: number, field: number): Uint8Array;
  realPath(record: number, field: number): string | null;
  /** 0 family, 1 port, 2 address. */
  socketPart(record: number, field: number, part: number): string | null;
  firstRecord(): boolean;
  nextRecord(): boolean;
  gotoRecord(record: number): boolean;
  /** -1: past the last one. */
  recordNumber(): number;
  firstField(): boolean;
  nextField(): boolean;
  gotoField(field: number): boolean;
  /** -1: there is none. */
  fieldNumber(): number;
  findField(name: string): boolean;
  findNext(name: string): boolean;
  /** Null when the event is not understood. Leaves the cursor at the start. */
  normalize(withAttributes: boolean, truePlaces: boolean): NativeNormalized | null;
}

/** A record's number and a field's. */
export type FieldPlace = readonly [record: number, field: number];

export interface NativeNormalized {
  readonly eventKind: string | null;
  readonly session: FieldPlace | null;
  readonly subjectPrimary: FieldPlace | null;
  readonly subjectSecondary: FieldPlace | null;
  readonly subjectAttributes: readonly FieldPlace[];
  readonly subjectKind: string | null;
  readonly action: string | null;
  readonly objectPrimary: FieldPlace | null;
  readonly objectSecondary: FieldPlace | null;
  readonly objectPrimary2: FieldPlace | null;
  readonly objectAttributes: readonly FieldPlace[];
  readonly objectKind: string;
  readonly results: FieldPlace | null;
  readonly how: string | null;
  readonly key: FieldPlace | null;
}

/** Reads what comes next. @throws {SystemError} */
export async function readEvents(reader: NativeLogReader): Promise<{ events: NativeEvent[]; isEnd: boolean }> {
  try {
    return await reader.read();
  } catch (error) {
    throw nativeError(error, error instanceof Error && 'path' in error ? String(error.path) : null);
  }
}

/** The rotated set of a log, oldest first. @throws {SystemError} when the log cannot be read. */
export function findLogSet(path: string): string[] {
  try {
    return addon.findLogSet(path);
  } catch (error) {
    throw nativeError(error, path);
  }
}
