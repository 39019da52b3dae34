import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isErrno } from '../base/errors.ts';
import { readKeyValueLines } from '../base/keyValueFile.ts';
import type { AuditdConfig } from './config/auditdConfig.ts';

/**
 * What the configuration asks for and this version does not do: whoever replaces another daemon must not find out by
 * missing records at a collector.
 */
export function unservedWishes(config: AuditdConfig): string[] {
  return activePlugins(config.pluginDirectory).map(
    file => `${file}: active = yes, but this version starts no plugins: the program gets no records`,
  );
}

function activePlugins(directory: string): string[] {
  let names: string[];
  try {
    names = readdirSync(directory);
  } catch (error) {
    // No directory, no plugins; what is wrong with it concerns nobody yet.
    if (error instanceof Error && 'errno' in error) return [];
    throw error;
  }
  return names
    .filter(name => name.endsWith('.conf') && !name.startsWith('.'))
    .map(name => join(directory, name))
    .filter(isActive);
}

function isActive(file: string): boolean {
  try {
    for (const line of readKeyValueLines(readFileSync(file), file)) {
      if (line.kind !== 'entry' || line.entry.key.toLowerCase() !== 'active') continue;
      if (line.entry.value.toLowerCase() === 'yes') return true;
    }
  } catch (error) {
    // Gone meanwhile, or a directory: no plugin either way.
    if (!isErrno(error, 'ENOENT') && !isErrno(error, 'EISDIR')) throw error;
  }
  return false;
}
