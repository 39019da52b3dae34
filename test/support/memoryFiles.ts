import { constants } from 'node:fs';
import { dirname } from 'node:path';
import { SystemError } from '../../src/base/errors.ts';
import type { FileFacts, Files, SpaceFacts } from '../../src/sinks/log/files.ts';

/** One call as it reaches the file system. */
export interface FileCall {
  readonly name: keyof Files;
  /** For a descriptor, the name it was opened by; for a rename, where from. */
  readonly path: string;
  /** From 1, over all calls. */
  readonly index: number;
}

/** Which calls fail, and with what errno; 0 lets it through. */
export type Fault = (call: FileCall) => number;

/** The process that made the call is no more: nothing of it has an effect any longer. */
export class Killed extends Error {
  override readonly name = 'Killed';
}

export const ERRNO = { EPERM: 1, ENOENT: 2, EIO: 5, EEXIST: 17, ENOTDIR: 20, ENFILE: 23, EFBIG: 27 } as const;
export const ENOSPC = 28;
export const EROFS = 30;
export const ELOOP = 40;
export const EDQUOT = 122;

const BLOCK_BYTES = 4096;
const TYPE = { file: 0o100000, directory: 0o040000, link: 0o120000, fifo: 0o010000 } as const;

interface Inode {
  readonly ino: number;
  readonly kind: keyof typeof TYPE;
  bytes: Buffer;
  size: number;
  mode: number;
  uid: number;
  gid: number;
  nlink: number;
  mtimeMs: number;
}

interface Open {
  readonly inode: Inode;
  readonly path: string;
}

/**
 * A file system in memory with a limit: names, modes, owners, descriptors, ENOSPC after a short write. Each process
 * has its own view, and can be killed; what it had written stays.
 */
export class MemoryFiles {
  readonly calls: FileCall[] = [];
  fault: Fault = () => 0;
  /** The most one write takes, so that a test can have short ones. */
  mostPerWrite = Number.POSITIVE_INFINITY;
  capacityBytes: number;
  /** The clock that stamps what is written. */
  now: () => number = () => 0;
  readonly #entries = new Map<string, Inode>();
  readonly #open = new Map<number, Open>();
  #nextIno = 1;
  #nextFd = 100;

  constructor(directory: string, capacityBytes: number = 1 << 30) {
    this.capacityBytes = capacityBytes;
    for (let path = directory; ; path = dirname(path)) {
      this.put(path, 'directory');
      if (path === '/') break;
    }
  }

  /** Puts something there, as somebody else than the daemon would. */
  put(path: string, kind: keyof typeof TYPE, text = '', uid = 0): void {
    const bytes = Buffer.from(text, 'latin1');
    const mode = kind === 'directory' ? 0o755 : 0o600;
    this.#drop(path);
    const inode = {
      ino: this.#nextIno++,
      kind,
      bytes,
      size: bytes.length,
      mode,
      uid,
      gid: 0,
      nlink: 1,
      mtimeMs: this.now(),
    };
    this.#entries.set(path, inode);
  }

  remove(path: string): void {
    this.#drop(path);
  }

  text(path: string): string {
    const inode = this.#at(path, 'read');
    return inode.bytes.toString('latin1', 0, inode.size);
  }

  bytes(path: string): Uint8Array {
    const inode = this.#at(path, 'read');
    return inode.bytes.subarray(0, inode.size);
  }

  /** Permission bits, as in `0o640`. */
  mode(path: string): number {
    return this.#at(path, 'stat').mode & 0o7777;
  }

  owner(path: string): readonly [uid: number, gid: number] {
    const { uid, gid } = this.#at(path, 'stat');
    return [uid, gid];
  }

  /** The files' names, in order. */
  get names(): string[] {
    return [...this.#entries]
      .filter(([, { kind }]) => kind !== 'directory')
      .map(([path]) => path)
      .toSorted();
  }

  get openDescriptors(): number {
    return this.#open.size;
  }

  /** A process's calls, and how it is killed: its descriptors are closed, and what it still calls throws. */
  process(): Files & { kill(): void; isAlive(): boolean } {
    const own = new Set<number>();
    let isAlive = true;
    const call = async <T>(name: keyof Files, path: string, run: () => T): Promise<T> => {
      await null;
      if (!isAlive) throw new Killed();
      const entry = { name, path, index: this.calls.length + 1 };
      this.calls.push(entry);
      const errno = this.fault(entry);
      if (!isAlive) throw new Killed(); // the fault was to kill it
      if (errno !== 0) throw new SystemError({ syscall: name, errno, path });
      return run();
    };
    const on = <T>(name: keyof Files, fd: number, run: (open: Open) => T): Promise<T> => {
      const open = this.#open.get(fd);
      return call(name, open?.path ?? `fd ${fd}`, () => {
        if (open === undefined) throw new SystemError({ syscall: name, errno: 9, path: null });
        return run(open);
      });
    };
    return {
      open: (path, flags, mode) =>
        call('open', path, () => {
          const fd = this.#openPath(path, flags, mode);
          own.add(fd);
          return fd;
        }),
      close: fd => {
        const closed = on('close', fd, () => undefined);
        // Whatever close(2) returns, the descriptor is gone.
        own.delete(fd);
        this.#open.delete(fd);
        return closed;
      },
      read: (fd, into, position) =>
        on('read', fd, ({ inode }) => inode.bytes.copy(into, 0, position, Math.max(position, inode.size))),
      write: (fd, bytes) => on('write', fd, ({ inode }) => this.#write(inode, bytes)),
      append: async (fd, bytes) => {
        const count = await on('write', fd, ({ inode }) => this.#write(inode, bytes));
        try {
          return { bytes: count, links: await on('fstat', fd, ({ inode }) => inode.nlink) };
        } catch (error) {
          if (!(error instanceof SystemError)) throw error;
          return { bytes: count, links: null };
        }
      },
      fsync: fd => on('fsync', fd, () => undefined),
      ftruncate: (fd, bytes) =>
        on('ftruncate', fd, ({ inode }) => {
          inode.size = bytes;
        }),
      fchmod: (fd, mode) =>
        on('fchmod', fd, ({ inode }) => {
          inode.mode = mode;
        }),
      fchown: (fd, uid, gid) =>
        on('fchown', fd, ({ inode }) => {
          Object.assign(inode, { uid, gid });
        }),
      futimes: (fd, _access, modification) =>
        on('futimes', fd, ({ inode }) => {
          inode.mtimeMs = modification * 1000;
        }),
      fstat: fd => on('fstat', fd, ({ inode }) => factsOf(inode)),
      fstatfs: fd => on('fstatfs', fd, () => this.space()),
      lstat: path => call('lstat', path, () => factsOf(this.#at(path, 'lstat'))),
      readdir: path =>
        call('readdir', path, () => {
          this.#at(path, 'readdir');
          const names = [...this.#entries.keys()].filter(name => name !== path && dirname(name) === path);
          return names.map(name => name.slice(path === '/' ? 1 : path.length + 1));
        }),
      rename: (from, to) =>
        call('rename', from, () => {
          const inode = this.#at(from, 'rename');
          this.#drop(to);
          this.#entries.delete(from);
          this.#entries.set(to, inode);
        }),
      unlink: path =>
        call('unlink', path, () => {
          this.#at(path, 'unlink');
          this.#drop(path);
        }),
      isAlive: () => isAlive,
      kill: () => {
        isAlive = false;
        for (const fd of own) this.#open.delete(fd);
      },
    };
  }

  space(): SpaceFacts {
    const free = Math.max(0, this.capacityBytes - this.#usedBytes());
    return {
      bsize: BLOCK_BYTES,
      blocks: Math.floor(this.capacityBytes / BLOCK_BYTES),
      bavail: Math.floor(free / BLOCK_BYTES),
    };
  }

  #usedBytes(): number {
    const inodes = new Set([...this.#entries.values(), ...[...this.#open.values()].map(({ inode }) => inode)]);
    let used = 0;
    for (const inode of inodes) used += inode.size;
    return used;
  }

  #openPath(path: string, flags: number, mode: number): number {
    let inode = this.#entries.get(path);
    if (inode === undefined && (flags & constants.O_CREAT) !== 0) {
      this.#at(dirname(path), 'open');
      this.put(path, 'file');
      inode = this.#at(path, 'open');
      inode.mode = mode;
    } else if (inode !== undefined && (flags & constants.O_EXCL) !== 0) {
      throw new SystemError({ syscall: 'open', errno: ERRNO.EEXIST, path });
    }
    if (inode === undefined) throw new SystemError({ syscall: 'open', errno: ERRNO.ENOENT, path });
    if (inode.kind === 'link') throw new SystemError({ syscall: 'open', errno: ELOOP, path });
    const fd = this.#nextFd++;
    this.#open.set(fd, { inode, path });
    return fd;
  }

  #write(inode: Inode, bytes: Uint8Array): number {
    const free = this.capacityBytes - this.#usedBytes();
    const count = Math.min(bytes.length, free, this.mostPerWrite);
    if (count <= 0) throw new SystemError({ syscall: 'write', errno: ENOSPC, path: null });
    if (inode.size + count > inode.bytes.length) {
      const larger = Buffer.alloc(Math.max(4096, 2 * (inode.size + count)));
      inode.bytes.copy(larger, 0, 0, inode.size);
      inode.bytes = larger;
    }
    inode.bytes.set(bytes.subarray(0, count), inode.size);
    inode.size += count;
    inode.mtimeMs = this.now();
    return count;
  }

  #at(path: string, syscall: string): Inode {
    const inode = this.#entries.get(path);
    if (inode === undefined) throw new SystemError({ syscall, errno: ERRNO.ENOENT, path });
    return inode;
  }

  #drop(path: string): void {
    const inode = this.#entries.get(path);
    if (inode !== undefined) inode.nlink--;
    this.#entries.delete(path);
  }
}

function factsOf(inode: Inode): FileFacts {
  const { ino, kind, mode, nlink, uid, gid, size, mtimeMs } = inode;
  return {
    dev: 1,
    ino,
    mode: TYPE[kind] | mode,
    nlink,
    uid,
    gid,
    size,
    mtimeMs,
    isFile: () => kind === 'file',
    isDirectory: () => kind === 'directory',
  };
}
