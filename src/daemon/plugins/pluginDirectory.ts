import { join } from 'node:path';
import { FieldError, isErrno, reasonOf } from '../../base/errors.ts';
import type { Fault } from '../../base/keyValueFile.ts';
import { readTrustedFile } from '../config/trustedFile.ts';
import { type PluginDescription, type PluginFacts, parsePluginFile } from './pluginFile.ts';

/** What a scan of plugins.d has found. */
export interface PluginScan {
  /** The active plugins that can be used, by name. */
  readonly plugins: readonly PluginDescription[];
  readonly faults: readonly Fault[];
  /** Files whose plugin is off because of a fault. */
  readonly broken: readonly string[];
  /** Files that are none of plugins, and why. */
  readonly skipped: readonly { readonly name: string; readonly reason: string }[];
}

const GROUP_AND_OTHERS_MAY_WRITE = 0o022;

/**
 * Reads every file of plugins.d. A broken one costs its own plugin.
 *
 * @param list  The directory's names. @throws {Error} with errno.
 */
export function scanPluginDirectory(
  directory: string,
  facts: PluginFacts,
  list: (directory: string) => readonly string[],
): PluginScan {
  const scan = { plugins: [] as PluginDescription[], faults: [] as Fault[], broken: [] as string[] };
  const skipped: { name: string; reason: string }[] = [];
  let names: readonly string[];
  try {
    names = list(directory);
  } catch (error) {
    // No directory is no plugins, as in the reference. One that cannot be read hides some.
    if (isErrno(error, 'ENOENT')) return { ...scan, skipped };
    const expected = `a directory that can be read (${reasonOf(error)})`;
    scan.faults.push({ severity: 'fatal', error: fileError(directory, expected) });
    return { ...scan, skipped };
  }
  for (const name of names.toSorted()) {
    const reason = whyNoPlugin(name);
    if (reason !== null) skipped.push({ name, reason });
    else readOne(name, join(directory, name), facts, scan);
  }
  return { ...scan, skipped };
}

function readOne(
  name: string,
  path: string,
  facts: PluginFacts,
  scan: { plugins: PluginDescription[]; faults: Fault[]; broken: string[] },
): void {
  const file = readTrustedFile(path, true, facts, GROUP_AND_OTHERS_MAY_WRITE);
  switch (file.kind) {
    case 'missing': // removed since the directory was read, or a link that leads nowhere
      scan.faults.push({ severity: 'warning', error: fileError(path, 'the file to exist; it is skipped') });
      return;
    case 'refused':
      scan.faults.push(...file.faults);
      scan.broken.push(name);
      return;
    case 'read': {
      const { plugin, faults } = parsePluginFile(file.bytes, path, facts);
      scan.faults.push(...faults);
      if (plugin !== null && scan.plugins.some(other => other.name === plugin.name)) {
        scan.faults.push({ severity: 'fatal', error: fileError(path, 'a name that no other plugin has') });
        scan.broken.push(name);
      } else if (plugin !== null) scan.plugins.push(plugin);
      else if (faults.some(({ severity }) => severity === 'fatal')) scan.broken.push(name);
    }
  }
}

/** Null for a file's name that may be a plugin's. A name without a dot may. */
function whyNoPlugin(name: string): string | null {
  if (name.startsWith('.')) return 'hidden file';
  const dots = name.split('.').length - 1;
  if (dots > 1) return 'backup file';
  if (dots === 1 && !name.endsWith('.conf')) return 'file without .conf suffix';
  return null;
}

function fileError(file: string, expected: string): FieldError {
  return new FieldError({ file, line: null, field: null, value: null, expected });
}
