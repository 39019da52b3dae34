import { readFileSync } from 'node:fs';

/**
 * The arguments of this program as byte strings. Node decodes them as UTF-8 and loses every byte that is none, while
 * paths and keys are bytes; so they are taken from the kernel's copy.
 */
export function argumentBytes(): string[] {
  const count = process.argv.length - 2;
  if (count === 0) return [];
  const words = readFileSync('/proc/self/cmdline', 'latin1').split('\0').slice(0, -1);
  return words.slice(-count);
}
