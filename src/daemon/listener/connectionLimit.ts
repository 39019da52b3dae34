import { readFileSync } from 'node:fs';

/** Whatever the limits: each connection costs memory, and nobody has more machines than this on one collector. */
const MOST_CONNECTIONS = 4096;

/**
 * Connections at a time, over all addresses: half of the descriptors this process may have, so that the log and its
 * rotation never lack one.
 *
 * @param limits  Text of /proc/PID/limits.
 * @see proc(5)
 */
export function connectionLimit(limits = readFileSync('/proc/self/limits', 'latin1')): number {
  const soft = /^Max open files\s+(\d+)/m.exec(limits)?.[1];
  return soft === undefined ? MOST_CONNECTIONS : Math.min(MOST_CONNECTIONS, Math.floor(Number(soft) / 2));
}
