import { endianness } from 'node:os';

/** What a plugin reads: lines, or frames of the binary protocol. */
export type StreamFormat = 'string' | 'binary';

const LF = 0x0a;
/** Frames have the machine's byte order. */
const IS_LITTLE_ENDIAN = endianness() === 'LE';
const FRAME_HEADER_BYTES = 16;
/** No record is longer: 8970 bytes of payload in either form, and some room. */
const MOST_RECORD_BYTES = 64 * 1024;

/** Where the record begins that byte `offset` belongs to; `offset` itself when one begins there. */
export function recordStart(format: StreamFormat, bytes: Uint8Array, offset: number): number {
  if (format === 'string') return offset === 0 ? 0 : bytes.lastIndexOf(LF, offset - 1) + 1;
  let start = 0;
  for (let end = frameEnd(bytes, start); end !== null && end <= offset; end = frameEnd(bytes, start)) start = end;
  return start;
}

/** Where the record ends that byte `offset` belongs to; `offset` itself when one begins there. */
export function recordEnd(format: StreamFormat, bytes: Uint8Array, offset: number): number {
  const start = recordStart(format, bytes, offset);
  if (start === offset) return offset;
  if (format === 'string') {
    const newline = bytes.indexOf(LF, offset);
    return newline === -1 ? bytes.length : newline + 1;
  }
  return frameEnd(bytes, start) ?? bytes.length;
}

/** The end of the last whole record in `bytes`, which begin with a record; 0 when none is whole. */
export function wholeRecordsEnd(format: StreamFormat, bytes: Uint8Array): number {
  return recordStart(format, bytes, bytes.length);
}

/** How many records the bytes hold, which are whole records. */
export function countRecords(format: StreamFormat, bytes: Uint8Array): number {
  let count = 0;
  if (format === 'string') {
    for (let at = bytes.indexOf(LF); at !== -1; at = bytes.indexOf(LF, at + 1)) count++;
    return count;
  }
  for (let end = frameEnd(bytes, 0); end !== null; end = frameEnd(bytes, end)) count++;
  return count;
}

/** Where the frame that begins at `start` ends; null when it is not whole, or is no frame. */
function frameEnd(bytes: Uint8Array, start: number): number | null {
  if (start + FRAME_HEADER_BYTES > bytes.length) return null;
  const header = new DataView(bytes.buffer, bytes.byteOffset + start, FRAME_HEADER_BYTES);
  const headerBytes = header.getUint32(4, IS_LITTLE_ENDIAN);
  const payloadBytes = header.getUint32(12, IS_LITTLE_ENDIAN);
  if (headerBytes !== FRAME_HEADER_BYTES || payloadBytes > MOST_RECORD_BYTES) return null;
  const end = start + FRAME_HEADER_BYTES + payloadBytes;
  return end <= bytes.length ? end : null;
}
