import type { ReadCounts } from '../binding/auparse.ts';

export type { ReadCounts };

const SLOTS_AT_ONCE = 80;
const CACHED_NAMES = 1024;

/** The five lines of auparse_metrics(3), without a newline at the end, from what ours counts. */
export function metricsText(counts: ReadCounts): string {
  const slots = Math.max(1, Math.ceil(counts.mostOpenEvents / SLOTS_AT_ONCE)) * SLOTS_AT_ONCE;
  return [
    `max lol available: ${slots}`,
    `max lol used: ${Math.max(0, counts.mostOpenEvents - 1)}`,
    `pending lol: ${counts.readyEvents}`,
    `uid cache size: ${CACHED_NAMES}`,
    `gid cache size: ${CACHED_NAMES}`,
  ].join('\n');
}
