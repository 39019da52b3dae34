import { constants } from 'node:fs';
import { basename, dirname, isAbsolute } from 'node:path';
import { isErrno, SystemError } from '../../base/errors.ts';
import type { Messages } from '../../base/messages.ts';
import type { Files } from './files.ts';
import type { Form } from './generations.ts';

const OPEN_DIRECTORY = constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW;
const GROUP_OR_OTHER_MAY_WRITE = 0o022;
/** At a time: a thousand archives would need more descriptors than a process may have. */
const MOST_OPEN_ARCHIVES = 32;
const EINVAL = 22;
const EPERM = 1;
const ENOTDIR = 20;

/**
 * Refuses a log path that somebody other than root could redirect: every directory from / down is a real directory,
 * owned by root, and writable by nobody else.
 *
 * @throws {SystemError} EINVAL for a path that is not absolute or not plain, ENOTDIR for a symbolic link, EPERM for
 *         an owner or a mode that is unsafe, else what lstat(2) said.
 */
export async function requireSafeDirectory(files: Files, logFile: string): Promise<void> {
  const refuse = (errno: number, path: string) => new SystemError({ syscall: 'lstat', errno, path });
  const [root, ...parts] = logFile.split('/');
  const isPlain = parts.every(part => part !== '.' && part !== '..');
  if (!isAbsolute(logFile) || root !== '' || parts.at(-1) === '' || !isPlain) throw refuse(EINVAL, logFile);
  // Top down: below a directory that only root may change, nobody can swap what was just looked at.
  for (const directory of ancestors(logFile)) {
    const facts = await files.lstat(directory);
    if (!facts.isDirectory()) throw refuse(ENOTDIR, directory);
    if (facts.uid !== 0 || (facts.mode & GROUP_OR_OTHER_MAY_WRITE) !== 0) throw refuse(EPERM, directory);
  }
}

/** With a log_group, the log's directory belongs to it with mode 0750. Without one it is left alone. */
export async function shareDirectory(files: Files, logFile: string, gid: number, messages: Messages): Promise<void> {
  if (gid === 0) return;
  const fd = await files.open(dirname(logFile), OPEN_DIRECTORY, 0);
  try {
    const facts = await files.fstat(fd);
    const hasMode = (facts.mode & 0o7777) === 0o750;
    if (facts.gid === gid && hasMode) return;
    await files.fchown(fd, 0, gid);
    await files.fchmod(fd, 0o750);
    messages.notice(`Adjusted audit log directory permissions for ${dirname(logFile)}`);
  } finally {
    await files.close(fd);
  }
}

/**
 * Archives are read-only for root, and for the log_group: .1, .2 and on, up to the last that num_logs keeps.
 *
 * @throws {SystemError} EPERM for an archive that is no regular file of root's.
 */
export async function repairArchives(
  files: Files,
  logFile: string,
  numLogs: number,
  gid: number,
  forms: readonly Form[],
): Promise<void> {
  // Asked for by name, a thousand that are not there would hold up the start.
  const there = new Set(await files.readdir(dirname(logFile)));
  const paths: string[] = [];
  for (let number = 1; number < numLogs; number++) {
    for (const form of forms) {
      const path = `${logFile}.${number}${form}`;
      if (there.has(basename(path))) paths.push(path);
    }
  }
  for (let next = 0; next < paths.length; next += MOST_OPEN_ARCHIVES) {
    const some = paths.slice(next, next + MOST_OPEN_ARCHIVES);
    // All of them are done with, whatever one fails with: nothing is left open.
    const outcomes = await Promise.allSettled(some.map(path => repairArchive(files, path, gid)));
    for (const outcome of outcomes) {
      if (outcome.status === 'rejected') throw outcome.reason;
    }
  }
}

async function repairArchive(files: Files, path: string, gid: number): Promise<void> {
  let fd: number;
  try {
    fd = await files.open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK, 0);
  } catch (error) {
    // Removed meanwhile.
    if (isErrno(error, 'ENOENT')) return;
    throw error;
  }
  try {
    const facts = await files.fstat(fd);
    if (!facts.isFile() || facts.uid !== 0) throw new SystemError({ syscall: 'open', errno: EPERM, path });
    const mode = archiveMode(gid);
    if ((facts.mode & 0o7777) !== mode) await files.fchmod(fd, mode);
    if (facts.gid !== gid) await files.fchown(fd, 0, gid);
  } finally {
    await files.close(fd);
  }
}

export function archiveMode(gid: number): number {
  return gid === 0 ? 0o400 : 0o440;
}

function ancestors(path: string): string[] {
  const result: string[] = [];
  for (let directory = dirname(path); ; directory = dirname(directory)) {
    result.unshift(directory);
    if (directory === '/') return result;
  }
}
