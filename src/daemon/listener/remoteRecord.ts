import { recordTypeNumber } from '../../tables/recordTypes.ts';

const NUL = 0x00;
const LF = 0x0a;
const BLANK = 0x20;
/** `type=NAME`, first or after the node's name; names are shorter than this. */
const MOST_PREFIX_BYTES = 400;
const RECORD = /^(?:node=[^ ]+ )?type=([A-Za-z0-9_[\]]+) /;
const UNKNOWN = /^UNKNOWN\[(\d{1,10})\]$/;

/**
 * The log's line for a record of another machine, newline included: its text as it came, without node name or
 * enrichment of ours. A newline or NUL inside it becomes a blank, so that one record cannot be written as two, nor
 * hide its own end. Null when nothing is left.
 */
export function remoteLine(body: Buffer): Buffer | null {
  let end = body.length;
  while (end > 0 && body[end - 1] === NUL) end--;
  if (end > 0 && body[end - 1] === LF) end--;
  if (end === 0) return null;
  const line = Buffer.alloc(end + 1, LF);
  for (let at = 0; at < end; at++) {
    const byte = body[at] ?? BLANK;
    line[at] = byte === LF || byte === NUL ? BLANK : byte;
  }
  return line;
}

/** The record's type by its name; null when the text does not start as a record's. */
export function remoteType(line: Buffer): number | null {
  const name = RECORD.exec(line.toString('latin1', 0, MOST_PREFIX_BYTES))?.[1];
  if (name === undefined) return null;
  const number = UNKNOWN.exec(name)?.[1];
  return number === undefined ? recordTypeNumber(name) : Number(number);
}

/** Whether text that came without the protocol is a record at all, and not somebody's web request. */
export function isRecordText(line: Buffer): boolean {
  return RECORD.test(line.toString('latin1', 0, MOST_PREFIX_BYTES));
}
