import { closeSync, constants, openSync, readSync } from 'node:fs';
import { isErrno } from '../base/errors.ts';

/** One message; the kernel's own limit is 8 KiB with its prefix. @see Documentation/ABI/testing/dev-kmsg */
const MESSAGE_BYTES = 8192;
/** Most messages looked at in one go: the rest waits for the next. */
const MOST_MESSAGES = 10_000;
// Priority, sequence, time and flags; then, where the kernel could not deliver a record, the record's own text.
const PRINTED_RECORD = /^[^;]*;audit: type=\d+ audit\(/;

/**
 * Counts records that the kernel printed instead of delivering, while this process was registered: what it does with
 * what its queues towards the daemon cannot hold.
 */
export class KernelLog {
  #fd: number | null;
  readonly #isReadable: boolean;
  readonly #message = Buffer.alloc(MESSAGE_BYTES);
  #printed = 0;

  /** Starts at the end of what the kernel's log holds now. Without privilege nothing is counted. */
  constructor(path = '/dev/kmsg') {
    this.#fd = openAtEnd(path, this.#message);
    this.#isReadable = this.#fd !== null;
  }

  /** Records printed so far, up to `close`; null where the kernel's log may not be read. */
  count(): number | null {
    if (!this.#isReadable) return null;
    if (this.#fd === null) return this.#printed;
    for (let i = 0; i < MOST_MESSAGES; i++) {
      const message = readMessage(this.#fd, this.#message);
      if (message === null) break;
      if (PRINTED_RECORD.test(message)) this.#printed++;
    }
    return this.#printed;
  }

  /** What is printed from here on does not count: nobody is registered any more. */
  close(): void {
    this.count();
    if (this.#fd !== null) closeSync(this.#fd);
    this.#fd = null;
  }
}

function openAtEnd(path: string, scratch: Buffer): number | null {
  let fd: number;
  try {
    fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch (error) {
    // kernel.dmesg_restrict, a container, a kernel without printk.
    if (error instanceof Error && 'errno' in error) return null;
    throw error;
  }
  // Node has no lseek(2) to the end: the kernel's log is small, reading through it costs milliseconds once.
  while (readMessage(fd, scratch) !== null);
  return fd;
}

/** Null when there is nothing more now. */
function readMessage(fd: number, message: Buffer): string | null {
  for (;;) {
    try {
      const length = readSync(fd, message, 0, message.length, null);
      return length === 0 ? null : message.toString('latin1', 0, length);
    } catch (error) {
      if (isErrno(error, 'EAGAIN')) return null;
      // Older messages were overwritten before they were read; the next read goes on with what is left.
      if (!isErrno(error, 'EPIPE')) throw error;
    }
  }
}
