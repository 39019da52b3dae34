import { accessSync, closeSync, constants, fstatSync, openSync, readSync, type Stats, statSync } from 'node:fs';

/** What the checks of a configuration file ask of the machine. Handed in, so that a test can be any machine. */
export interface SystemFacts {
  /**
   * Opens for reading. Never waits, not even for a FIFO's writer. Directories open too.
   *
   * @throws {NodeJS.ErrnoException} as open(2); ELOOP for a symbolic link as the last component unless `followsLinks`.
   */
  open(path: string, followsLinks: boolean): OpenFile;
  /** @throws {NodeJS.ErrnoException} as stat(2). */
  stat(path: string): FileFacts;
  isExecutable(path: string): boolean;
  /** The group's number, from every source the machine has; null when no group has this name. */
  groupByName(name: string): number | null;
}

/** An open descriptor: what `stat` says is true of what `read` gives. */
export interface OpenFile {
  stat(): FileFacts;
  /** The file's first bytes, `limit` at most. @throws {NodeJS.ErrnoException} as read(2). */
  read(limit: number): Uint8Array;
  close(): void;
}

export interface FileFacts {
  readonly isRegular: boolean;
  readonly ownerId: number;
  /** The twelve bits of chmod(2). */
  readonly mode: number;
}

/** This machine. Node has no face for getgrnam(3), which asks more sources than /etc/group, so it is handed in. */
export function systemFacts(groupByName: (name: string) => number | null): SystemFacts {
  return { open, stat: path => fileFacts(statSync(path)), isExecutable, groupByName };
}

function open(path: string, followsLinks: boolean): OpenFile {
  const noFollow = followsLinks ? 0 : constants.O_NOFOLLOW;
  const fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK | noFollow);
  return { stat: () => fileFacts(fstatSync(fd)), read: limit => read(fd, limit), close: () => closeSync(fd) };
}

function read(fd: number, limit: number): Uint8Array {
  const bytes = new Uint8Array(limit);
  let length = 0;
  while (length < limit) {
    const got = readSync(fd, bytes, length, limit - length, null);
    if (got === 0) break;
    length += got;
  }
  return bytes.subarray(0, length);
}

function fileFacts(stats: Stats): FileFacts {
  return { isRegular: stats.isFile(), ownerId: stats.uid, mode: stats.mode & 0o7777 };
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch (error) {
    // Whatever access(2) objects to, executing the file would meet it too.
    if (error instanceof Error && 'errno' in error) return false;
    throw error;
  }
}
