import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { packageDirectory } from './packageDirectory.ts';

/** package.json's `bin`: command → its file, below the package's directory. */
export function commandFiles(directory: string): Record<string, string> {
  const { bin } = JSON.parse(readFileSync(join(directory, 'package.json'), 'utf8')) as { bin: Record<string, string> };
  return bin;
}

/** What is run when this package's command of that name is. */
export function commandFile(name: string): string {
  const file = commandFiles(packageDirectory)[name];
  if (file === undefined) throw new Error(`no command ${name} in package.json`);
  return join(packageDirectory, file);
}
