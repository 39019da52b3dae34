import { closeSync, constants, fstatSync, ftruncateSync, openSync, readdirSync, readSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { isErrno } from '../base/errors.ts';
import type { Ring } from '../ring/ring.ts';
import type { WritePlace } from '../ring/writeNote.ts';

/** What an earlier process had left undone. */
export interface Recovery {
  /** Lines of the ring that had reached the log before it died: they are not written again. */
  readonly alreadyWritten: number;
  /** Bytes of a line that was torn: cut off, as the whole line follows. */
  readonly tornBytes: number;
  /** A record of the dead daemon's own that had not reached the log whole; to be written first. */
  readonly ownRecord: Uint8Array | null;
}

const CHUNK_BYTES = 1 << 16;

/**
 * Checks the end of the log against what the ring says was being written when an earlier process died: releases what is
 * there, and cuts off what is there of a line in part. May be repeated: what it does lets it find the same again.
 *
 * @param logFile  The live log's path. The file that was written to is found by its numbers: it may be an archive now.
 * @throws {Error} of a file system that cannot be read: then nothing was changed.
 */
export function recoverLog(ring: Ring, logFile: string): Recovery {
  const noted = ring.note?.read() ?? null;
  if (noted === null) return { alreadyWritten: 0, tornBytes: 0, ownRecord: null };
  const isOwn = noted.kind === 'own';
  const meant = isOwn ? noted.bytes : ring.textFrom(noted.cursor, noted.length);
  // The run was released: its write had ended.
  if (meant.length === 0) return { alreadyWritten: 0, tornBytes: 0, ownRecord: null };
  const fd = openNoted(logFile, noted.place);
  if (fd === null) return { alreadyWritten: 0, tornBytes: 0, ownRecord: isOwn ? meant : null };
  try {
    const written = commonLength(fd, noted.place.offset, meant);
    if (written === null) return { alreadyWritten: 0, tornBytes: 0, ownRecord: isOwn ? meant : null };
    const whole = isOwn && written < meant.length ? 0 : meant.lastIndexOf(0x0a, written - 1) + 1;
    const kept = written === 0 ? 0 : whole;
    if (written > kept) ftruncateSync(fd, noted.place.offset + kept);
    const tornBytes = written - kept;
    if (isOwn) return { alreadyWritten: 0, tornBytes, ownRecord: kept < meant.length ? meant : null };
    return { alreadyWritten: ring.releaseUpTo((noted.cursor + kept) >>> 0), tornBytes, ownRecord: null };
  } finally {
    closeSync(fd);
  }
}

/** The log, or an archive of it, with these numbers, open for a change; null when there is none any more. */
function openNoted(logFile: string, { dev, ino }: WritePlace): number | null {
  const directory = dirname(logFile);
  const names = listIfThere(directory).filter(name => name.startsWith(basename(logFile)));
  for (const name of names) {
    const fd = openIfThere(join(directory, name));
    if (fd === null) continue;
    const facts = fstatSync(fd);
    if (facts.isFile() && facts.dev === dev && facts.ino === ino) return fd;
    closeSync(fd);
  }
  return null;
}

/**
 * How many bytes of what was meant stand at the file's end from `offset` on; null when something else stands there.
 */
function commonLength(fd: number, offset: number, meant: Uint8Array): number | null {
  const { size } = fstatSync(fd);
  // More stands there when all of it was written, and something else after it.
  const length = Math.min(size - offset, meant.length);
  if (length < 0) return null;
  const chunk = new Uint8Array(CHUNK_BYTES);
  for (let at = 0; at < length; ) {
    const count = readSync(fd, chunk, 0, Math.min(CHUNK_BYTES, length - at), offset + at);
    if (count === 0) return null;
    if (Buffer.compare(chunk.subarray(0, count), meant.subarray(at, at + count)) !== 0) return null;
    at += count;
  }
  return length;
}

function listIfThere(directory: string): string[] {
  try {
    return readdirSync(directory);
  } catch (error) {
    if (isErrno(error, 'ENOENT')) return []; // removed: then nothing of it is there
    throw error;
  }
}

function openIfThere(path: string): number | null {
  try {
    return openSync(path, constants.O_RDWR | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch (error) {
    // Rotated away meanwhile, a link or a FIFO under the name: none of them is what was written to.
    if (isErrno(error, 'ENOENT') || isErrno(error, 'ELOOP') || isErrno(error, 'ENXIO') || isErrno(error, 'EISDIR')) {
      return null;
    }
    throw error;
  }
}
