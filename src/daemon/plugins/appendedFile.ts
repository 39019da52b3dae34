import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { SystemError } from '../../base/errors.ts';
import type { AppendedFile } from '../../sinks/dispatch/filePlugin.ts';

const { O_APPEND, O_CREAT, O_NOFOLLOW, O_NONBLOCK, O_RDWR } = constants;
const NEWLINE = Buffer.from('\n');
const EINVAL = 22;

/**
 * Opens a file for appending whole lines: a regular one, no symbolic link, as a directory that others may write could
 * hold anything. A last line without an end, as a crash leaves it, gets one.
 */
export async function openAppended(path: string, mode: number): Promise<AppendedFile> {
  // A FIFO must not make the daemon wait.
  const file = await open(path, O_RDWR | O_APPEND | O_CREAT | O_NOFOLLOW | O_NONBLOCK, mode);
  try {
    const facts = await file.stat();
    if (!facts.isFile()) throw new SystemError({ syscall: 'open', errno: EINVAL, path });
    if (facts.size > 0 && !(await endsLine(file, facts.size))) await file.write(NEWLINE);
  } catch (error) {
    await file.close();
    throw error;
  }
  return {
    write: async ([first, ...rest], offset) => {
      if (first === undefined) return 0;
      const { bytesWritten } = await file.writev([first.subarray(offset), ...rest]);
      return bytesWritten;
    },
    close: () => file.close(),
  };
}

async function endsLine(file: FileHandle, size: number): Promise<boolean> {
  const { buffer } = await file.read(Buffer.alloc(1), 0, 1, size - 1);
  return buffer.equals(NEWLINE);
}
