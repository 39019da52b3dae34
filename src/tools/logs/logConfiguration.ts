import { closeSync, constants, fstatSync, openSync, readFileSync, type Stats, statSync } from 'node:fs';
import { isErrno, reasonOf } from '../../base/errors.ts';
import { readKeyValueLines } from '../../base/keyValueFile.ts';

/** What auditd.conf says about the logs, as far as those who read them need it. */
export interface LogConfiguration {
  readonly logFile: string;
  readonly endOfEventTimeoutSeconds: number;
  /** To be told, one a line. */
  readonly messages: readonly string[];
  /** The file, or a line of it, cannot be used: what stands here is built in, or was read before that line. */
  readonly isBuiltIn: boolean;
}

export const CONFIGURATION_FILE = '/etc/audit/auditd.conf';
const LOG_FILE = '/var/log/audit/audit.log';
const END_OF_EVENT_TIMEOUT_SECONDS = 2;
const FILE_BYTES_MAX = 1 << 20;

/**
 * Reads the two keys of auditd.conf(5) that concern readers of logs. What the file says about anything else is left to
 * the daemon and to `auditd --check`.
 */
export function readLogConfiguration(path: string = CONFIGURATION_FILE): LogConfiguration {
  const file = readOwnFile(path);
  if (typeof file === 'string') {
    const isMissing = file === MISSING;
    return {
      logFile: LOG_FILE,
      endOfEventTimeoutSeconds: END_OF_EVENT_TIMEOUT_SECONDS,
      messages: [isMissing ? `Config file ${path} doesn't exist, skipping` : file],
      isBuiltIn: !isMissing,
    };
  }
  let logFile = LOG_FILE;
  let endOfEventTimeoutSeconds = END_OF_EVENT_TIMEOUT_SECONDS;
  for (const line of readKeyValueLines(file, path)) {
    if (line.kind === 'fault') {
      if (line.fault.severity !== 'fatal') continue;
      return { logFile, endOfEventTimeoutSeconds, messages: [line.fault.error.message], isBuiltIn: true };
    }
    const { key, value, line: number } = line.entry;
    if (key.toLowerCase() === 'log_file') {
      logFile = value;
    } else if (key.toLowerCase() === 'end_of_event_timeout') {
      if (!/^[0-9]{1,9}$/.test(value)) {
        const message = `Value ${value} should only be numbers - line ${number}`;
        return { logFile, endOfEventTimeoutSeconds, messages: [message], isBuiltIn: true };
      }
      endOfEventTimeoutSeconds = Number(value);
    }
  }
  return { logFile, endOfEventTimeoutSeconds, messages: permissionWarnings(logFile), isBuiltIn: false };
}

const MISSING = '';

/** The bytes of a file that only root can have written; or why not, MISSING where there is none. */
function readOwnFile(path: string): Uint8Array | string {
  let descriptor: number;
  try {
    descriptor = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch (error) {
    if (isErrno(error, 'ENOENT')) return MISSING;
    return `Error opening config file (${reasonOf(error)})`;
  }
  try {
    const facts = fstatSync(descriptor);
    if (facts.uid !== 0) return `Error - ${path} isn't owned by root`;
    if ((facts.mode & 0o002) !== 0) return `Error - ${path} is world writable`;
    if (!facts.isFile()) return `Error - ${path} is not a regular file`;
    if (facts.size > FILE_BYTES_MAX) return `Error - ${path} is larger than ${FILE_BYTES_MAX} bytes`;
    return readFileSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

function permissionWarnings(logFile: string): string[] {
  let facts: Stats;
  try {
    facts = statSync(logFile);
  } catch (error) {
    // Whether it can be read is told when it is.
    if (error instanceof Error && 'errno' in error) return [];
    throw error;
  }
  const warnings: string[] = [];
  if ((facts.mode & 0o137) !== 0) warnings.push(`${logFile} permissions should be 0600 or 0640`);
  if ((facts.mode & 0o200) === 0) warnings.push('audit log is not writable by owner');
  return warnings;
}
