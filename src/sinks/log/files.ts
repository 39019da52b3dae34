import fs from 'node:fs';
import { promisify } from 'node:util';

/** The file calls of the log, so that a test can let any of them fail. Descriptors are plain numbers. */
export interface Files {
  open(path: string, flags: number, mode: number): Promise<number>;
  close(fd: number): Promise<void>;
  /** One pread(2) at `position`; 0 at the end of the file. */
  read(fd: number, into: Uint8Array, position: number): Promise<number>;
  /** One write(2); may be short. */
  write(fd: number, bytes: Uint8Array): Promise<number>;
  /** The same to a log, and a look at it afterwards. */
  append(fd: number, bytes: Uint8Array): Promise<Appended>;
  fsync(fd: number): Promise<void>;
  ftruncate(fd: number, bytes: number): Promise<void>;
  fchmod(fd: number, mode: number): Promise<void>;
  fchown(fd: number, uid: number, gid: number): Promise<void>;
  /** Access and modification time; in seconds since the epoch. */
  futimes(fd: number, accessSeconds: number, modificationSeconds: number): Promise<void>;
  fstat(fd: number): Promise<FileFacts>;
  /** Of the file system that holds the open file, also when its name is gone. */
  fstatfs(fd: number): Promise<SpaceFacts>;
  lstat(path: string): Promise<FileFacts>;
  /** The names in a directory, in no order. */
  readdir(path: string): Promise<string[]>;
  rename(from: string, to: string): Promise<void>;
  unlink(path: string): Promise<void>;
}

export interface Appended {
  readonly bytes: number;
  /** Names that the file has: none once somebody has removed it. Null: it could not be asked. */
  readonly links: number | null;
}

export interface FileFacts {
  readonly dev: number;
  readonly ino: number;
  readonly mode: number;
  readonly nlink: number;
  readonly uid: number;
  readonly gid: number;
  readonly size: number;
  /** Milliseconds since the epoch. */
  readonly mtimeMs: number;
  isFile(): boolean;
  isDirectory(): boolean;
}

/** A file system's room, by the names of statfs(2). */
export interface SpaceFacts {
  readonly bsize: number;
  readonly blocks: number;
  /** Free blocks that an ordinary user may have: what root may still take beyond them is not counted on. */
  readonly bavail: number;
}

const read = promisify(fs.read);
const write = promisify(fs.write);
const statfs = promisify<string, fs.StatsFs>(fs.statfs);

/** The real ones. All run off the event loop, so a disk that hangs stops nothing but the log. */
export const nodeFiles: Omit<Files, 'append'> = {
  open: promisify(fs.open),
  close: promisify(fs.close),
  async read(fd, into, position) {
    const { bytesRead } = await read(fd, into, 0, into.length, position);
    return bytesRead;
  },
  async write(fd, bytes) {
    const { bytesWritten } = await write(fd, bytes);
    return bytesWritten;
  },
  fsync: promisify(fs.fsync),
  ftruncate: promisify(fs.ftruncate),
  fchmod: promisify(fs.fchmod),
  fchown: promisify(fs.fchown),
  futimes: promisify(fs.futimes),
  fstat: promisify<number, fs.Stats>(fs.fstat),
  // Node has no fstatfs. The link leads to the open file itself, so a log that was removed or replaced still counts.
  fstatfs: fd => statfs(`/proc/self/fd/${fd}`),
  lstat: promisify<string, fs.Stats>(fs.lstat),
  readdir: promisify<string, string[]>(fs.readdir),
  rename: promisify(fs.rename),
  unlink: promisify(fs.unlink),
};
