// The ring's memory as native/ring/layout.h lays it out. layout.test.ts compares the two.

export const LAYOUT_VERSION = 2;
/** The oldest that is read. */
export const FIRST_LAYOUT_VERSION = 1;
export const HEADER_BYTES = 4096;
export const ENTRY_BYTES = 32;

/** Byte offsets in the header page. */
export const MAGIC_OFFSET = 0;
export const LAYOUT_VERSION_OFFSET = 8;
export const INDEX_OFFSET_OFFSET = 12;
export const INDEX_ENTRIES_OFFSET = 20;
export const TEXT_BYTES_OFFSET = 24;
export const HEAD_OFFSET = 64;
export const TAIL_OFFSET = 128;
export const TEXT_TAIL_OFFSET = 132;
/** Of the copy of tail and text tail. Layout 2. */
export const TAIL_COPY_OFFSET = 136;
export const COUNTERS_OFFSET = 192;
export const RECOVERIES_OFFSET = 332;
/** So many processes that attached and did not come up: the ring is given up. */
export const MOST_RECOVERIES = 100;
/** What the consumer is about to append to the log: writeNote.ts. Layout 2. */
export const NOTE_OFFSET = 384;
export const OWN_RECORD_OFFSET = 448;
export const OWN_RECORD_BYTES = 3072;

export const MAGIC = 0x474e495244554100n;

/** Byte offsets in an index entry. */
export const ENTRY_TYPE = 4;
export const ENTRY_FLAGS = 6;
export const ENTRY_LENGTH = 8;
export const ENTRY_TEXT_END = 12;
export const ENTRY_LINES = 16;
export const ENTRY_SERIAL = 20;
export const ENTRY_MILLISECONDS = 24;

/** The reader thread's counters, in memory order: struct Counters. */
export const COUNTER_NAMES = [
  'records',
  'dispatchOnly',
  'ignored',
  'malformed',
  'cut',
  'cleaned',
  'spoofed',
  'unreadable',
  'receiveErrors',
  'batches',
  'highWaterBytes',
  'timesFull',
  'fullNanoseconds',
  'missingSerials',
  'abandoned',
  'lastErrno',
] as const;

export type CounterName = (typeof COUNTER_NAMES)[number];
