import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** Where package.json lies: above this code, whether it runs by itself (dist/src/base) or within a command (dist/bin). */
export const packageDirectory = above(import.meta.dirname);

function above(directory: string): string {
  if (existsSync(join(directory, 'package.json'))) return directory;
  const parent = dirname(directory);
  if (parent === directory) throw new Error(`no package.json above ${import.meta.dirname}`);
  return above(parent);
}
