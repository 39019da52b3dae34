import { isErrno } from '../../base/errors.ts';
import type { Messages } from '../../base/messages.ts';
import type { FileFacts, Files } from './files.ts';
import { listGenerations, removeIfThere } from './generations.ts';
import type { RetentionSettings } from './logSettings.ts';

/** One generation as it lies on the disk. */
export interface StoredArchive {
  /** 1 is the newest. */
  readonly number: number;
  readonly bytes: number;
  /** When it was last written, in milliseconds since the epoch. */
  readonly writtenAt: number;
}

export interface Deletion {
  readonly number: number;
  readonly reason: string;
}

/**
 * Which archives go, oldest first: those beyond the limits, and never the newest `leastArchives`. An archive that
 * stays protects all newer ones, so that a clock that was wrong leaves no hole in the middle.
 *
 * @param liveBytes  Counts as part of the total.
 * @param now        Milliseconds since the epoch.
 */
export function chooseDeletions(
  archives: readonly StoredArchive[],
  liveBytes: number,
  retention: RetentionSettings,
  now: number,
): Deletion[] {
  const { maxAgeSeconds, maxTotalBytes, leastArchives } = retention;
  const oldestFirst = archives.toSorted((a, b) => b.number - a.number);
  let total = oldestFirst.reduce((sum, archive) => sum + archive.bytes, liveBytes);
  const deletions: Deletion[] = [];
  for (const { number, bytes, writtenAt } of oldestFirst.slice(0, Math.max(0, oldestFirst.length - leastArchives))) {
    const isOld = maxAgeSeconds !== null && now - writtenAt > maxAgeSeconds * 1000;
    const isTooMuch = maxTotalBytes !== null && total > maxTotalBytes;
    if (!isOld && !isTooMuch) break;
    deletions.push({ number, reason: isOld ? 'it is too old' : 'the logs take too much space' });
    total -= bytes;
  }
  return deletions;
}

/** Deletes what the retention settings say, and says so for each. @throws {Error} what lstat(2) or unlink(2) said. */
export async function deleteArchives(options: {
  readonly files: Files;
  readonly logFile: string;
  readonly retention: RetentionSettings;
  /** Kept beyond what the settings say: `.1` while records still go there. */
  readonly leastKept: number;
  readonly knowsCompressed: boolean;
  /** Where the index of a file with this inode would lie; it counts with its archive. Null without indexes. */
  readonly indexPath: ((inode: number) => string) | null;
  readonly now: number;
  readonly messages: Messages;
}): Promise<void> {
  const { files, logFile, retention, knowsCompressed, now, messages } = options;
  const present = await listGenerations(files, logFile, knowsCompressed);
  const archives: StoredArchive[] = [];
  for (const [number, forms] of present) {
    let bytes = 0;
    let writtenAt = 0;
    for (const form of forms) {
      const facts = await factsIfThere(files, `${logFile}.${number}${form}`);
      bytes += facts?.size ?? 0;
      if (facts !== null && options.indexPath !== null) {
        bytes += (await factsIfThere(files, options.indexPath(facts.ino)))?.size ?? 0;
      }
      writtenAt = Math.max(writtenAt, facts?.mtimeMs ?? 0);
    }
    archives.push({ number, bytes, writtenAt });
  }
  const live = await factsIfThere(files, logFile);
  const least = { ...retention, leastArchives: Math.max(retention.leastArchives, options.leastKept) };
  for (const { number, reason } of chooseDeletions(archives, live?.size ?? 0, least, now)) {
    for (const form of present.get(number) ?? []) {
      const path = `${logFile}.${number}${form}`;
      await removeIfThere(files, path);
      messages.notice(`Log ${path} removed because ${reason}`);
    }
  }
}

async function factsIfThere(files: Files, path: string): Promise<FileFacts | null> {
  try {
    return await files.lstat(path);
  } catch (error) {
    // Removed by hand since the listing, or a log between two steps of its rotation.
    if (isErrno(error, 'ENOENT')) return null;
    throw error;
  }
}
