import { createHash, type Hash } from 'node:crypto';
import { constants } from 'node:fs';
import { dirname } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createGunzip, createGzip } from 'node:zlib';
import { SystemError } from '../../base/errors.ts';
import type { Messages } from '../../base/messages.ts';
import type { FileFacts, Files } from './files.ts';
import { COMPRESSED, listGenerations, PLAIN, removeIfThere } from './generations.ts';
import { archiveMode } from './logDirectory.ts';
import type { Turn } from './turn.ts';

const CHUNK_BYTES = 1 << 16;
const EIO = 5;
const READ = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;
const CREATE = constants.O_RDWR | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW;

/** The compressed copy was not what it should be, or its original changed: the original stays. */
export class CompressionRefused extends Error {
  override readonly name = 'CompressionRefused';
}

/** Nobody wants the compressed copy any more: the original stays. */
export class CompressionGivenUp extends Error {
  override readonly name = 'CompressionGivenUp';
}

export interface CompressorOptions {
  readonly files: Files;
  readonly logFile: string;
  readonly gid: number;
  readonly level: number;
  /** Taken while names change. */
  readonly turn: Turn;
  readonly messages: Messages;
  /** Asked with each chunk, and before the copy takes the original's place: false gives the work up. */
  readonly isWanted: () => boolean;
}

/** An archive that is being compressed. Rotations may move it meanwhile: it is known by its descriptor. */
export interface TakenArchive {
  readonly fd: number;
  readonly path: string;
  readonly facts: FileFacts;
}

interface Digest {
  readonly bytes: number;
  readonly hash: string;
}

/**
 * Turns `.N` into `.N.gz`. The original goes only when the compressed file is on the disk under its name and has
 * been decompressed again to the same bytes. Reading, compressing and writing run in the thread pool.
 */
export class ArchiveCompressor {
  readonly #options: CompressorOptions;

  constructor(options: CompressorOptions) {
    this.#options = options;
  }

  /** Opens archive `number`; the caller has the turn. Null when it is none of ours to touch. */
  async take(number: number): Promise<TakenArchive | null> {
    const { files, logFile } = this.#options;
    const path = `${logFile}.${number}`;
    const fd = await files.open(path, READ, 0);
    try {
      const facts = await files.fstat(fd);
      if (facts.isFile() && facts.uid === 0) return { fd, path, facts };
    } catch (error) {
      await files.close(fd);
      throw error;
    }
    await files.close(fd);
    return null;
  }

  /** @throws {CompressionRefused | CompressionGivenUp | SystemError} The original is where it was, and nothing of the copy is left. */
  async compress(taken: TakenArchive): Promise<void> {
    const { files } = this.#options;
    try {
      await removeIfThere(files, this.#temporary);
      const copy = await files.open(this.#temporary, CREATE, 0o600);
      try {
        await this.#writeCopy(taken, copy);
      } finally {
        await files.close(copy);
      }
      await this.#options.turn.take(() => this.#replace(taken));
    } finally {
      await files.close(taken.fd);
      await removeIfThere(files, this.#temporary);
    }
  }

  /** After a kill: the temporary file goes; of a generation in both forms the copy stays if it is whole. */
  async recover(): Promise<void> {
    const { files, logFile, messages } = this.#options;
    await removeIfThere(files, this.#temporary);
    for (const [number, forms] of await listGenerations(files, logFile, true)) {
      if (!forms.includes(PLAIN) || !forms.includes(COMPRESSED)) continue;
      const original = `${logFile}.${number}`;
      const copy = `${original}${COMPRESSED}`;
      if (await this.#isCopy(original, copy)) await files.unlink(original);
      else messages.warning(`${original} and ${copy} differ: both stay`);
    }
  }

  get #temporary(): string {
    return `${this.#options.logFile}.compressing`;
  }

  async #writeCopy({ fd, facts, path }: TakenArchive, copy: number): Promise<void> {
    const { files, gid, level } = this.#options;
    const hash = createHash('sha256');
    await pipeline(this.#chunks(fd, hash), createGzip({ level }), async (compressed: AsyncIterable<Uint8Array>) => {
      for await (const piece of compressed) await this.#writeAll(copy, piece);
    });
    await files.fchmod(copy, archiveMode(gid));
    await files.fchown(copy, 0, gid);
    await files.futimes(copy, facts.mtimeMs / 1000, facts.mtimeMs / 1000);
    await files.fsync(copy);
    const original = { bytes: facts.size, hash: hash.digest('hex') };
    const back = await this.#decompressed(copy);
    if (back.bytes !== original.bytes || back.hash !== original.hash) {
      throw new CompressionRefused(`${path} does not decompress to what it was`);
    }
  }

  // Between listing and now rotations may have moved it, or deleted it.
  async #replace({ fd, facts }: TakenArchive): Promise<void> {
    const { files, logFile } = this.#options;
    this.#requireWanted();
    const path = await this.#pathOf(facts);
    if (path === null) return;
    const now = await files.fstat(fd);
    if (now.size !== facts.size || now.mtimeMs !== facts.mtimeMs) {
      throw new CompressionRefused(`${path} was changed while it was compressed`);
    }
    const compressed = `${path}${COMPRESSED}`;
    await files.rename(this.#temporary, compressed);
    try {
      await this.#syncDirectory(dirname(logFile));
      await files.unlink(path);
    } catch (error) {
      // One generation must not become two.
      await removeIfThere(files, compressed);
      throw error;
    }
  }

  async #pathOf(facts: FileFacts): Promise<string | null> {
    const { files, logFile } = this.#options;
    for (const [number, forms] of await listGenerations(files, logFile, true)) {
      if (!forms.includes(PLAIN) || forms.includes(COMPRESSED)) continue;
      const path = `${logFile}.${number}`;
      const { dev, ino } = await files.lstat(path);
      if (dev === facts.dev && ino === facts.ino) return path;
    }
    return null;
  }

  async #syncDirectory(path: string): Promise<void> {
    const { files } = this.#options;
    const fd = await files.open(path, constants.O_RDONLY | constants.O_DIRECTORY, 0);
    try {
      await files.fsync(fd);
    } finally {
      await files.close(fd);
    }
  }

  async #isCopy(original: string, copy: string): Promise<boolean> {
    const { files } = this.#options;
    const fds: number[] = [];
    try {
      fds.push(await files.open(original, READ, 0));
      fds.push(await files.open(copy, READ, 0));
      const [first = 0, second = 0] = fds;
      const hash = createHash('sha256');
      let bytes = 0;
      for await (const chunk of this.#chunks(first, hash)) bytes += chunk.length;
      const back = await this.#decompressed(second);
      return back.bytes === bytes && back.hash === hash.digest('hex');
    } catch (error) {
      // Cut short or no gzip at all: then it is no copy. Anything else is the disk's failure.
      if (isZlibError(error)) return false;
      throw error;
    } finally {
      for (const fd of fds) await files.close(fd);
    }
  }

  async #decompressed(fd: number): Promise<Digest> {
    const hash = createHash('sha256');
    let bytes = 0;
    await pipeline(this.#chunks(fd, null), createGunzip(), async (plain: AsyncIterable<Uint8Array>) => {
      for await (const piece of plain) {
        hash.update(piece);
        bytes += piece.length;
      }
    });
    return { bytes, hash: hash.digest('hex') };
  }

  async *#chunks(fd: number, hash: Hash | null): AsyncGenerator<Uint8Array, void, undefined> {
    for (let position = 0; ; ) {
      this.#requireWanted();
      const chunk = new Uint8Array(CHUNK_BYTES); // a new one each time: the stream keeps the last
      const count = await this.#options.files.read(fd, chunk, position);
      if (count === 0) return;
      position += count;
      const bytes = chunk.subarray(0, count);
      hash?.update(bytes);
      yield bytes;
    }
  }

  #requireWanted(): void {
    if (!this.#options.isWanted()) throw new CompressionGivenUp('a compression that nobody wants any more');
  }

  async #writeAll(fd: number, bytes: Uint8Array): Promise<void> {
    for (let written = 0; written < bytes.length; ) {
      const count = await this.#options.files.write(fd, bytes.subarray(written));
      if (count === 0) throw new SystemError({ syscall: 'write', errno: EIO, path: this.#temporary });
      written += count;
    }
  }
}

function isZlibError(error: unknown): boolean {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' && error.code.startsWith('Z_');
}
