import { open } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { isErrno } from '../../base/errors.ts';

const POLL_MILLISECONDS = 50;
const CHUNK_BYTES = 1 << 16;

/**
 * The lines of a growing log, as they are written, also after it was rotated away and begun anew.
 *
 * @param isOver  Asked when nothing more is there: whether to stop.
 */
export async function* followLog(path: string, isOver: () => boolean): AsyncGenerator<string> {
  const chunk = Buffer.alloc(CHUNK_BYTES);
  for (;;) {
    const file = await openWhenThere(path, isOver);
    if (file === null) return;
    let rest = '';
    try {
      const { ino } = await file.stat();
      for (;;) {
        const { bytesRead } = await file.read(chunk, 0, chunk.length, null);
        if (bytesRead === 0) {
          if (isOver()) return;
          if (await isReplaced(path, ino)) break;
          await sleep(POLL_MILLISECONDS);
          continue;
        }
        const lines = (rest + chunk.toString('latin1', 0, bytesRead)).split('\n');
        rest = lines.pop() ?? '';
        yield* lines;
      }
    } finally {
      await file.close();
    }
  }
}

async function openWhenThere(path: string, isOver: () => boolean) {
  for (;;) {
    try {
      return await open(path);
    } catch (error) {
      if (!isErrno(error, 'ENOENT')) throw error; // not written yet, or just being rotated
      if (isOver()) return null;
      await sleep(POLL_MILLISECONDS);
    }
  }
}

async function isReplaced(path: string, ino: number): Promise<boolean> {
  const file = await openWhenThere(path, () => true);
  if (file === null) return false;
  try {
    return (await file.stat()).ino !== ino;
  } finally {
    await file.close();
  }
}
