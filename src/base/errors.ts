import { getSystemErrorMap } from 'node:util';

/** A system call failed on something this process owns; the original error, where there is one, is its `cause`. */
export class SystemError extends Error {
  override readonly name = 'SystemError';
  /** As its man page names it: rename, sendto. */
  readonly syscall: string;
  /** Positive, as in errno(3): 28 is ENOSPC; libuv reports it negative. */
  readonly errno: number;
  /** The constant's name: ENOSPC. */
  readonly code: string;
  /** Null for a call without one. */
  readonly path: string | null;

  constructor(fields: { syscall: string; errno: number; path: string | null; cause?: unknown }) {
    const [code, text] = errnoName(fields.errno);
    const where = fields.path === null ? '' : ` ${fields.path}`;
    super(`${fields.syscall}${where}: ${code} (${text})`, fields.cause === undefined ? {} : { cause: fields.cause });
    this.syscall = fields.syscall;
    this.errno = fields.errno;
    this.code = code;
    this.path = fields.path;
  }
}

/** A value in a configuration file, or on a command line, that cannot be used. Its message names where it stands. */
export class FieldError extends Error {
  override readonly name = 'FieldError';
  readonly file: string;
  /** From 1; null where the whole file is at fault. */
  readonly line: number | null;
  readonly field: string | null;
  readonly value: string | null;
  readonly expected: string;

  constructor(fields: {
    file: string;
    line: number | null;
    field: string | null;
    value: string | null;
    expected: string;
  }) {
    const where = fields.line === null ? fields.file : `${fields.file}:${fields.line}`;
    const what = fields.field === null ? '' : ` ${fields.field}`;
    const value = fields.value === null ? '' : `${what === '' ? ' ' : ' = '}${JSON.stringify(fields.value)}`;
    super(`${where}:${what}${value}${what === '' && value === '' ? ' ' : ': '}expected ${fields.expected}`);
    this.file = fields.file;
    this.line = fields.line;
    this.field = fields.field;
    this.value = fields.value;
    this.expected = fields.expected;
  }
}

/** Whether `error` is the failure of a system call with this code (`ENOENT`), from Node or from our addon. */
export function isErrno(error: unknown, code: string): error is NodeJS.ErrnoException {
  return error instanceof Error && 'code' in error && error.code === code;
}

/** The C library's words for an errno, as strerror(3) gives them in the C locale: 2 is `No such file or directory`. */
export function errnoText(errno: number): string {
  return errnoName(errno)[1];
}

/**
 * What to print of a failed system call, in the words of strerror(3), for messages that end in `(reason)`.
 * Anything that is not such a failure gives its own message.
 */
export function reasonOf(error: unknown): string {
  if (error instanceof SystemError) return errnoText(error.errno);
  if (error instanceof Error && 'errno' in error && typeof error.errno === 'number') return errnoText(-error.errno);
  return error instanceof Error ? error.message : String(error);
}

const uvNames = getSystemErrorMap();
/** libuv has no name for it. */
const EDQUOT = 122;

function errnoName(errno: number): [code: string, text: string] {
  if (errno === EDQUOT) return ['EDQUOT', 'Disk quota exceeded'];
  const known = uvNames.get(-errno);
  if (known === undefined) return [`errno ${errno}`, `unknown error ${errno}`];
  const text = libcTexts[known[0]] ?? known[1];
  return [known[0], text];
}

// libuv words some errors in its own way. Administrators search for strerror(3)'s.
const libcTexts: Readonly<Record<string, string>> = {
  EPERM: 'Operation not permitted',
  ENOENT: 'No such file or directory',
  EINTR: 'Interrupted system call',
  EIO: 'Input/output error',
  ESRCH: 'No such process',
  ENXIO: 'No such device or address',
  EBADF: 'Bad file descriptor',
  EAGAIN: 'Resource temporarily unavailable',
  ENOMEM: 'Cannot allocate memory',
  EACCES: 'Permission denied',
  EBUSY: 'Device or resource busy',
  EEXIST: 'File exists',
  EXDEV: 'Invalid cross-device link',
  ENODEV: 'No such device',
  ENOTDIR: 'Not a directory',
  EISDIR: 'Is a directory',
  EINVAL: 'Invalid argument',
  ENFILE: 'Too many open files in system',
  EMFILE: 'Too many open files',
  ETXTBSY: 'Text file busy',
  EFBIG: 'File too large',
  ENOSPC: 'No space left on device',
  EROFS: 'Read-only file system',
  EMLINK: 'Too many links',
  EPIPE: 'Broken pipe',
  ERANGE: 'Numerical result out of range',
  ENAMETOOLONG: 'File name too long',
  ELOOP: 'Too many levels of symbolic links',
  ECONNREFUSED: 'Connection refused',
  EMSGSIZE: 'Message too long',
  ENOBUFS: 'No buffer space available',
  EADDRINUSE: 'Address already in use',
  ETIMEDOUT: 'Connection timed out',
  EPROTONOSUPPORT: 'Protocol not supported',
};
