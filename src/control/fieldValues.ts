import { errnoName, errnoNumber } from '../tables/errno.ts';
import { NameTable } from '../tables/nameTable.ts';
import { recordTypeNumber } from '../tables/recordTypes.ts';
import { lowerAscii } from './byteString.ts';
import { parseCNumber } from './cNumber.ts';

/** File types as `-F filetype` names them. @see S_IFMT in inode(7) */
const fileTypes = new NameTable([
  [0o010000, 'fifo'],
  [0o020000, 'character'],
  [0o040000, 'dir'],
  [0o060000, 'block'],
  [0o100000, 'file'],
  [0o120000, 'link'],
  [0o140000, 'socket'],
]);

/** File systems as `-F fstype` names them. @see DEBUGFS_MAGIC and others in linux/magic.h */
const fileSystems = new NameTable([
  [0x0027e0eb, 'cgroup'],
  [0x63677270, 'cgroup2'],
  [0x64626720, 'debugfs'],
  [0x74726163, 'tracefs'],
]);

const startsWithDigit = (text: string): boolean => /^[0-9]/.test(text);
const startsWithMinusDigit = (text: string): boolean => /^-[0-9]/.test(text);

/** A number of either sign as an unsigned word; null for anything else. Leading digits count, the rest is ignored. */
export function signedNumber(text: string): number | null {
  if (startsWithDigit(text)) return parseCNumber(text, 'unsigned').word;
  return startsWithMinusDigit(text) ? parseCNumber(text, 'signed').word : null;
}

/** A number without a sign, as an unsigned word; null for anything else. */
export function plainNumber(text: string, signedness: 'signed' | 'unsigned'): number | null {
  return startsWithDigit(text) ? parseCNumber(text, signedness).word : null;
}

/** The value of an exit field: a number of either sign, or an errno's name with `-` before it or without. */
export function exitValue(text: string): number | null {
  const number = signedNumber(text);
  if (number !== null) return number;
  const isNegative = text.startsWith('-');
  const errno = errnoNumber(isNegative ? text.slice(1) : text);
  if (errno === null) return null;
  return isNegative ? -errno >>> 0 : errno;
}

/** `-EACCES` for a negative errno, else the number with its sign. */
export function exitText(word: number): string {
  const value = word | 0;
  const name = value < 0 ? errnoName(-value) : null;
  return name === null ? String(value) : `-${name}`;
}

/** The value of a msgtype field: a number, a record type's name in any case, or UNKNOWN[number]. */
export function recordTypeValue(text: string): number | null {
  const number = plainNumber(text, 'unsigned');
  if (number !== null) return number;
  const unknown = /^unknown\[([0-9]{1,7})\]$/i.exec(text)?.[1];
  return unknown === undefined ? recordTypeNumber(text) : Number(unknown);
}

export function fileTypeValue(text: string): number | null {
  return fileTypes.number(lowerAscii(text));
}

/** The value of an fstype field: the file system's magic number, or its name. */
export function fileSystemValue(text: string): number | null {
  return plainNumber(text, 'unsigned') ?? fileSystems.number(text);
}

/** The name of a file system's magic number, else the number. */
export function fileSystemText(word: number): string {
  return fileSystems.name(word) ?? String(word | 0);
}
