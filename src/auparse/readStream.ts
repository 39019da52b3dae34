import { PassThrough, pipeline, type Readable, Readable as ReadableStream } from 'node:stream';
import { createGunzip } from 'node:zlib';
import type { AuditEvent } from './auditEvent.ts';
import { EventFeed } from './eventFeed.ts';
import type { ParseOptions } from './parseOptions.ts';

/**
 * The events of a stream, or of anything else that yields bytes. gzip is recognised by its first bytes. At the end a
 * last line without a newline is a line, and what is open is complete.
 *
 * @throws Whatever the stream throws; what zlib says of damaged gzip.
 */
export async function* readStream(
  source: Readable | AsyncIterable<Uint8Array | string>,
  options: ParseOptions = {},
): AsyncGenerator<AuditEvent, void, undefined> {
  const feed = new EventFeed(options);
  for await (const bytes of decompressed(source)) yield* feed.feed(bytes);
  yield* feed.end();
}

const GZIP_START = [0x1f, 0x8b] as const;

async function* decompressed(source: AsyncIterable<Uint8Array | string>): AsyncGenerator<Uint8Array> {
  const chunks = source[Symbol.asyncIterator]();
  try {
    let start: Uint8Array = new Uint8Array();
    while (start.length < GZIP_START.length) {
      const { done, value } = await chunks.next();
      if (done === true) break;
      start = Buffer.concat([start, bytesOf(value)]);
    }
    const all = withStart(start, chunks);
    yield* GZIP_START.every((byte, i) => start[i] === byte) ? gunzip(all) : all;
  } finally {
    await chunks.return?.();
  }
}

async function* withStart(start: Uint8Array, rest: AsyncIterator<Uint8Array | string>): AsyncGenerator<Uint8Array> {
  if (start.length > 0) yield start;
  for (;;) {
    const { done, value } = await rest.next();
    if (done === true) return;
    yield bytesOf(value);
  }
}

async function* gunzip(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const out = new PassThrough();
  // A failure destroys `out` with the error, which the loop below then throws.
  pipeline(ReadableStream.from(bytes, { objectMode: false }), createGunzip(), out, () => {});
  for await (const chunk of out) yield bytesOf(chunk);
}

function bytesOf(chunk: Uint8Array | string): Uint8Array {
  return typeof chunk === 'string' ? Buffer.from(chunk) : chunk;
}
