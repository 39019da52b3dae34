import { constants } from 'node:fs';
import { type FileHandle, lstat, mkdir, open, readdir, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { isErrno, reasonOf } from '../../base/errors.ts';
import type { Messages } from '../../base/messages.ts';
import type { FeedSource, Waiting } from './feed.ts';
import type { Outlet } from './outlet.ts';
import type { Batch } from './slabs.ts';
import { countRecords, recordEnd, type StreamFormat, wholeRecordsEnd } from './streamFormat.ts';

export interface SpoolOptions {
  /** Of this spool alone; made when it is missing. */
  readonly directory: string;
  readonly format: StreamFormat;
  /** Most bytes on the disk. */
  readonly limitBytes: number;
  readonly messages: Messages;
  /** So many records could not be kept, for another reason than the limit. */
  readonly onLost: (records: number) => void;
}

/** The spool's directory is not one that only its owner can change. */
export class SpoolError extends Error {
  override readonly name = 'SpoolError';
}

interface Segment {
  /** Of its first byte, counted from the first record that was ever spooled: its name. */
  readonly start: number;
  size: number;
}

const SEGMENT_NAME = /^([0-9]{16})\.records$/;
const POSITION = 'position';
const READ_BYTES = 256 * 1024;
const LEAST_SEGMENT_BYTES = 64 * 1024;
const MOST_SEGMENT_BYTES = 8 << 20;
/** What has been read is noted so often: what a kill repeats. */
const CONFIRM_MILLISECONDS = 100;

/**
 * Records on the disk until their reader has read them. Survives the reader and this process; then it begins with the
 * first record that may not have been read, so that each is read at least once, in order. Beyond its limit new records
 * are refused.
 *
 * Records lie in segments, which are named after the offset of their first byte and removed when they were read.
 */
export class Spool implements FeedSource {
  readonly limitBytes: number;
  readonly #options: SpoolOptions;
  readonly #segments: Segment[];
  readonly #position: FileHandle;
  #file: FileHandle | null = null; // the last segment, for writing
  #pending: Batch[] = [];
  #pendingBytes = 0;
  #appending: Promise<void> | null = null;
  #end: number; // of what is in the files
  #confirmed: number; // the reader has read everything before
  #sent: number;
  #sentEnds: number[] = []; // record ends behind `confirmed`, up to `sent`
  #chunk: { readonly start: number; readonly bytes: Uint8Array } | null = null;
  #isLoading = false;
  #sentRecords = 0;
  #reader: Outlet | null = null;
  #onReady: () => void = () => undefined;
  #timer: NodeJS.Timeout | null = null;
  #noting: Promise<void> | null = null;
  #isDropping = false;
  #isFirstDrop = true;
  #hasOverflowed = false;
  #hasFailed = false;

  private constructor(options: SpoolOptions, segments: Segment[], position: FileHandle, confirmed: number) {
    this.#options = options;
    this.limitBytes = options.limitBytes;
    this.#segments = segments;
    this.#position = position;
    const last = segments.at(-1);
    this.#end = last === undefined ? confirmed : last.start + last.size;
    this.#confirmed = confirmed;
    this.#sent = confirmed;
  }

  /**
   * Opens a spool with what an earlier process left in it.
   *
   * @throws {SpoolError} for a directory that others could have changed; {Error} with errno.
   */
  static async open(options: SpoolOptions): Promise<Spool> {
    const { directory } = options;
    await mkdir(directory, { recursive: true, mode: 0o700 });
    const facts = await lstat(directory);
    if (!facts.isDirectory() || facts.uid !== process.getuid?.() || (facts.mode & 0o022) !== 0) {
      throw new SpoolError(`${directory} is not a directory that only its owner can change`);
    }
    const segments = await readSegments(directory, options.format);
    const position = await open(join(directory, POSITION), constants.O_RDWR | constants.O_CREAT | NO_FOLLOW, 0o600);
    const first = segments[0]?.start ?? 0;
    const last = segments.at(-1);
    const end = last === undefined ? null : last.start + last.size;
    const noted = await readPosition(position);
    // A position that lies outside is none: rather everything again than something never.
    const confirmed = end === null || (noted >= first && noted <= end) ? noted : first;
    return new Spool(options, segments, position, confirmed);
  }

  /** Bytes on the disk and on their way to it. */
  get bytes(): number {
    return this.#end - (this.#segments[0]?.start ?? this.#end) + this.#pendingBytes;
  }

  /** Bytes that the reader has yet to read. */
  get unreadBytes(): number {
    return this.#end - this.#confirmed + this.#pendingBytes;
  }

  get sentRecords(): number {
    return this.#sentRecords;
  }

  get hasOverflowed(): boolean {
    return this.#hasOverflowed;
  }

  /** Of the batch that was refused last: whether the one before it was taken. */
  get isFirstDrop(): boolean {
    return this.#isFirstDrop;
  }

  /** @param onReady  There is something to `peek` at that was not there before. */
  onReady(onReady: () => void): void {
    this.#onReady = onReady;
  }

  /** Who reads from here on. What it has read is asked of it. */
  readBy(reader: Outlet): void {
    this.#reader = reader;
  }

  /** Takes a batch; false when there is no room for it. */
  offer(batch: Batch): boolean {
    if (this.bytes + batch.bytes.length > this.limitBytes) {
      this.#isFirstDrop = !this.#isDropping;
      this.#isDropping = true;
      this.#hasOverflowed = true;
      return false;
    }
    this.#isDropping = false;
    this.#pending.push(batch.hold());
    this.#pendingBytes += batch.bytes.length;
    this.#appending ??= this.#append();
    return true;
  }

  /** Settles when everything offered so far is in the files; null when it is. */
  stored(): Promise<void> | null {
    return this.#appending;
  }

  peek(): Waiting | null {
    const chunk = this.#chunk;
    if (chunk !== null && this.#sent < chunk.start + chunk.bytes.length) {
      const offset = this.#sent - chunk.start;
      return { buffers: [chunk.bytes], offset, bytes: chunk.bytes.length - offset };
    }
    if (this.#sent < this.#end && !this.#isLoading) void this.#load();
    return null;
  }

  took(bytes: number): void {
    this.#sent += bytes;
    const chunk = this.#chunk;
    if (chunk !== null && this.#sent === chunk.start + chunk.bytes.length) {
      this.#sentEnds.push(this.#sent);
      this.#sentRecords += countRecords(this.#options.format, chunk.bytes);
      this.#chunk = null;
    }
    this.#confirmLater();
  }

  /** What its reader has still to get of a record of which it got a part. */
  restOfRecord(): Uint8Array {
    const chunk = this.#chunk;
    if (chunk === null) return new Uint8Array(0);
    const offset = this.#sent - chunk.start;
    return chunk.bytes.slice(offset, recordEnd(this.#options.format, chunk.bytes, offset));
  }

  /** The next reader begins with the first record that this one may not have read. */
  rewind(): void {
    this.#reader = null;
    this.#sent = this.#confirmed;
    this.#sentEnds = [];
    this.#chunk = null;
  }

  /** Ends it. What was not read stays on the disk. */
  async close(): Promise<void> {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    await this.#appending;
    await this.#noting;
    await this.#note();
    await this.#file?.close();
    await this.#position.close();
  }

  // --- Writing -------------------------------------------------------------------------------------------------

  async #append(): Promise<void> {
    while (this.#pending.length > 0) {
      const batches = this.#pending;
      this.#pending = [];
      const records = batches.reduce((sum, batch) => sum + batch.records, 0);
      const bytes = batches.reduce((sum, batch) => sum + batch.bytes.length, 0);
      try {
        await this.#write(
          batches.map(batch => batch.bytes),
          bytes,
        );
        this.#hasFailed = false;
      } catch (error) {
        this.#failed(error, records);
      }
      this.#pendingBytes -= bytes;
      for (const batch of batches) batch.release();
      this.#onReady();
    }
    this.#appending = null;
  }

  async #write(buffers: readonly Uint8Array[], bytes: number): Promise<void> {
    const last = this.#segments.at(-1);
    const segmentBytes = Math.min(Math.max(this.limitBytes / 8, LEAST_SEGMENT_BYTES), MOST_SEGMENT_BYTES);
    const segment = last === undefined || last.size >= segmentBytes ? await this.#newSegment() : last;
    this.#file ??= await open(this.#path(segment), constants.O_RDWR | NO_FOLLOW);
    const all = buffers.length === 1 && buffers[0] !== undefined ? buffers[0] : Buffer.concat(buffers);
    for (let written = 0; written < bytes; ) {
      written += (await this.#file.write(all, written, bytes - written, segment.size + written)).bytesWritten;
    }
    segment.size += bytes;
    this.#end += bytes;
  }

  async #newSegment(): Promise<Segment> {
    await this.#file?.close();
    this.#file = null;
    const segment = { start: this.#end, size: 0 };
    this.#file = await open(
      this.#path(segment),
      constants.O_RDWR | constants.O_CREAT | constants.O_TRUNC | NO_FOLLOW,
      0o600,
    );
    this.#segments.push(segment);
    return segment;
  }

  #failed(error: unknown, records: number): void {
    const { messages, directory, onLost } = this.#options;
    if (!this.#hasFailed) messages.error(`Cannot write to the spool ${directory} (${reasonOf(error)})`);
    this.#hasFailed = true;
    onLost(records);
    // What was written of it must not be taken for records later. Should that fail, the next write covers it.
    void this.#file?.truncate(this.#segments.at(-1)?.size ?? 0).catch(() => undefined);
  }

  // --- Reading -------------------------------------------------------------------------------------------------

  async #load(): Promise<void> {
    this.#isLoading = true;
    const start = this.#sent;
    try {
      const segment = this.#segments.findLast(({ start: first }) => first <= start);
      if (segment === undefined) return;
      const bytes = await readPart(this.#path(segment), start - segment.start, segment.start + segment.size - start);
      const whole = bytes.subarray(0, wholeRecordsEnd(this.#options.format, bytes));
      // A reader that came in between begins elsewhere.
      if (this.#sent === start && whole.length > 0) this.#chunk = { start, bytes: whole };
      else if (this.#sent === start) this.#skip(segment, start);
    } catch (error) {
      this.#options.messages.error(`Cannot read the spool ${this.#options.directory} (${reasonOf(error)})`);
      this.#skip(
        this.#segments.findLast(({ start: first }) => first <= start),
        start,
      );
    } finally {
      this.#isLoading = false;
    }
    this.#onReady();
  }

  // What cannot be read must not hold up what comes after it.
  #skip(segment: Segment | undefined, start: number): void {
    const end = segment === undefined ? this.#end : segment.start + segment.size;
    this.#options.messages.error(`The spool ${this.#options.directory} is damaged: ${end - start} bytes are lost`);
    this.#sent = end;
    this.#sentEnds.push(end);
    this.#confirmLater();
  }

  #confirmLater(): void {
    if (this.#timer !== null) return;
    this.#timer = setTimeout(() => {
      this.#timer = null;
      this.#confirm();
    }, CONFIRM_MILLISECONDS);
    this.#timer.unref();
  }

  #confirm(): void {
    const read = this.#sent - (this.#reader?.unreadBytes ?? Number.POSITIVE_INFINITY);
    const before = this.#confirmed;
    while ((this.#sentEnds[0] ?? Number.POSITIVE_INFINITY) <= read) {
      this.#confirmed = this.#sentEnds.shift() ?? this.#confirmed;
    }
    if (this.#confirmed > before) this.#noting ??= this.#noteAndTidy();
    if (this.#sentEnds.length > 0) this.#confirmLater();
  }

  async #noteAndTidy(): Promise<void> {
    await this.#note();
    for (let first = this.#segments[0]; first !== undefined; first = this.#segments[0]) {
      if (this.#segments.length < 2 || first.start + first.size > this.#confirmed) break;
      this.#segments.shift();
      await unlink(this.#path(first)).catch((error: unknown) => {
        // Whoever removed it has done what was to be done.
        if (!isErrno(error, 'ENOENT')) this.#options.messages.error(`Cannot tidy the spool (${reasonOf(error)})`);
      });
    }
    this.#noting = null;
  }

  async #note(): Promise<void> {
    try {
      await this.#position.write(`${String(this.#confirmed).padStart(16, '0')}\n`, 0);
    } catch (error) {
      // The next process then repeats more than it had to.
      this.#options.messages.error(`Cannot note what was read of ${this.#options.directory} (${reasonOf(error)})`);
    }
  }

  #path({ start }: Segment): string {
    return join(this.#options.directory, `${String(start).padStart(16, '0')}.records`);
  }
}

const NO_FOLLOW = constants.O_NOFOLLOW;

// The last segment may end in half a record: its writer was killed.
async function readSegments(directory: string, format: StreamFormat): Promise<Segment[]> {
  const segments: Segment[] = [];
  for (const name of (await readdir(directory)).sort()) {
    const start = SEGMENT_NAME.exec(name)?.[1];
    if (start === undefined) continue;
    const { size } = await lstat(join(directory, name));
    segments.push({ start: Number(start), size });
  }
  const last = segments.at(-1);
  if (last === undefined) return [];
  const path = join(directory, `${String(last.start).padStart(16, '0')}.records`);
  const file = await open(path, constants.O_RDWR | NO_FOLLOW);
  try {
    last.size = wholeRecordsEnd(format, await file.readFile());
    await file.truncate(last.size);
  } finally {
    await file.close();
  }
  return segments;
}

async function readPosition(file: FileHandle): Promise<number> {
  const { buffer, bytesRead } = await file.read(Buffer.alloc(32), 0, 32, 0);
  const digits = /^([0-9]{16})\n/.exec(buffer.toString('latin1', 0, bytesRead))?.[1];
  return digits === undefined ? 0 : Number(digits);
}

async function readPart(path: string, offset: number, bytes: number): Promise<Uint8Array> {
  const file = await open(path, constants.O_RDONLY | NO_FOLLOW);
  try {
    const length = Math.min(bytes, READ_BYTES);
    const { buffer, bytesRead } = await file.read(Buffer.allocUnsafe(length), 0, length, offset);
    return buffer.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}
