import type { SearchAnswer } from '../../auparse/logSearch.ts';

/** What --stats tells of a search, one number a line. */
export function statisticsText({ matches, statistics }: SearchAnswer): string {
  const rows: readonly (readonly [string, number])[] = [
    ['files', statistics.files],
    ['bytes read', statistics.bytes],
    ['lines', statistics.lines],
    ['records', statistics.records],
    ['records outside the time range', statistics.recordsOutOfRange],
    ['malformed lines', statistics.malformedLines],
    ['lines that were cut', statistics.cutLines],
    ['events', statistics.events],
    ['events completed early', statistics.earlyEvents],
    ['events whose fields were read', statistics.eventsRead],
    ['malformed events', statistics.malformedEvents],
    ['matching events', matches],
  ];
  return rows.map(([name, value]) => `${name}: ${value}\n`).join('');
}

/** What is said of lines that are no records, or that were too long to be one; empty: all lines were good. */
export function badLinesNote({ statistics: { malformedLines, cutLines } }: SearchAnswer): string {
  const parts = [
    ...(malformedLines > 0 ? [`${malformedLines} that are no audit records`] : []),
    ...(cutLines > 0 ? [`${cutLines} longer than 8968 bytes, cut there`] : []),
  ];
  return parts.length === 0 ? '' : `NOTE - lines in the logs: ${parts.join(', ')}\n`;
}
