import { accessSync, closeSync, constants, openSync, readFileSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { readKeyValueLines } from '../base/keyValueFile.ts';

/** What of auditd.conf matters to whoever reads its log. */
export interface DaemonLog {
  readonly logFile: string;
  readonly endOfEventTimeoutSeconds: number;
}

const DEFAULTS: DaemonLog = { logFile: '/var/log/audit/audit.log', endOfEventTimeoutSeconds: 2 };

/**
 * Reads `log_file` and `end_of_event_timeout`. As in the reference, a file that is missing, unreadable or a symbolic
 * link means the defaults, and reading stops at the first line that cannot be used: what stood before it counts.
 */
export function readDaemonLog(file: string = '/etc/audit/auditd.conf'): DaemonLog {
  const bytes = readWithoutLinks(file);
  let found = DEFAULTS;
  for (const line of bytes === null ? [] : readKeyValueLines(bytes, file)) {
    if (line.kind === 'fault') break;
    const { key, value, options } = line.entry;
    switch (key.toLowerCase()) {
      case 'log_file':
        if (options.length > 0 || !isUsableLog(value)) return found;
        found = { ...found, logFile: value };
        break;
      case 'end_of_event_timeout':
        if (options.length > 0 || !/^\d{1,9}$/.test(value) || Number(value) === 0) return found;
        found = { ...found, endOfEventTimeoutSeconds: Number(value) };
        break;
    }
  }
  return found;
}

function readWithoutLinks(file: string): Uint8Array | null {
  try {
    const descriptor = openSync(file, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    try {
      return readFileSync(descriptor);
    } finally {
      closeSync(descriptor);
    }
  } catch (error) {
    // Whatever the reason: the log may be read all the same.
    if (error instanceof Error && 'errno' in error) return null;
    throw error;
  }
}

function isUsableLog(path: string): boolean {
  const directory = dirname(path);
  if (directory.length < 4) return false;
  try {
    accessSync(path, constants.R_OK);
    return statSync(directory).isDirectory();
  } catch (error) {
    if (error instanceof Error && 'errno' in error) return false;
    throw error;
  }
}
