import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { isErrno } from '../../base/errors.ts';
import { compareVersions } from './versionOrder.ts';

/** One file of rules.d. Path and content are byte strings. */
export interface RuleSource {
  path: string;
  content: string;
}

/**
 * The files of a directory whose names end in .rules, in the order they are merged; null when there is no such
 * directory. Hidden files are left out.
 *
 * @param directory  Byte string.
 */
export function readRuleDirectory(directory: string): RuleSource[] | null {
  if (!isDirectory(directory)) return null;
  const names = readdirSync(Buffer.from(directory, 'latin1'), { encoding: 'latin1' });
  const chosen = names.filter(name => name.endsWith('.rules') && !name.startsWith('.'));
  return chosen.toSorted(compareVersions).map(name => {
    const path = join(directory, name);
    return { path, content: readFileSync(Buffer.from(path, 'latin1'), 'latin1') };
  });
}

function isDirectory(path: string): boolean {
  try {
    return statSync(Buffer.from(path, 'latin1')).isDirectory();
  } catch (error) {
    if (isErrno(error, 'ENOENT') || isErrno(error, 'ENOTDIR')) return false;
    throw error;
  }
}
