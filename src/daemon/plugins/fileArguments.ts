import { posix } from 'node:path';
import { Refusal } from '../config/valueReaders.ts';

/** What the arguments of a plugin that writes a file say. */
export interface FileArguments {
  readonly path: string;
  readonly mode: number;
}

const DEFAULT_MODE = 0o640;

/** Reads `/var/log/audit/events.json 0640`, in either order; the mode may be left out. */
export function fileArguments(words: readonly string[]): FileArguments | Refusal {
  let path: string | null = null;
  let mode = DEFAULT_MODE;
  for (const word of words) {
    if (/^[0-7]{3,4}$/.test(word) && Number.parseInt(word, 8) <= 0o777) mode = Number.parseInt(word, 8);
    else if (path === null && word.startsWith('/') && posix.basename(word) !== '' && !word.endsWith('/')) path = word;
    else return new Refusal('the path of one file and a mode in octal, as 0640');
  }
  return path === null ? new Refusal('the path of the file that is written') : { path, mode };
}
