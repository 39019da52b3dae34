import type { PageCounts } from './pageCounts.ts';

/** The time that is worth a chart. */
export interface ChartRange {
  /** Seconds; `to` is not included. */
  readonly from: number;
  readonly to: number;
  /** Events before and after it. */
  readonly eventsOutside: number;
}

/** Seconds. A machine may be off for a weekend; a clock is wrong by years. */
const LEAST_VOID = 30 * 86_400;

type Intervals = PageCounts['intervals'];

/**
 * The range of time that holds nearly all events. A clock that was wrong for a moment must not press all others into
 * one bar: what lies behind a void of months that is most of the range is left out, as
 * long as it is few events.
 */
export function chartRange(intervals: Intervals, width: number): ChartRange {
  let first = 0;
  let last = intervals.length - 1;
  const start = (index: number) => intervals[index]?.[0] ?? 0;
  while (last > first) {
    const span = start(last) - start(first);
    let widest = first;
    for (let index = first; index < last; index++) {
      if (start(index + 1) - start(index) > start(widest + 1) - start(widest)) widest = index;
    }
    const gap = start(widest + 1) - start(widest);
    if (gap < LEAST_VOID || gap < 0.4 * span) break;
    const before = eventsOf(intervals.slice(first, widest + 1));
    const after = eventsOf(intervals.slice(widest + 1, last + 1));
    if (Math.min(before, after) > 0.05 * (before + after)) break;
    if (before < after) first = widest + 1;
    else last = widest;
  }
  const shown = intervals.slice(first, last + 1);
  return { from: start(first), to: start(last) + width, eventsOutside: eventsOf(intervals) - eventsOf(shown) };
}

function eventsOf(intervals: Intervals): number {
  let events = 0;
  for (const interval of intervals) {
    for (let index = 2; index < interval.length; index += 3) events += interval[index] ?? 0;
  }
  return events;
}

/** Events and failed ones of a range, in `count` bars of the same width. */
export function bins(intervals: Intervals, { from, to }: ChartRange, count: number): { all: number; failed: number }[] {
  const result = Array.from({ length: count }, () => ({ all: 0, failed: 0 }));
  for (const interval of intervals) {
    const bin = result[Math.floor((((interval[0] ?? 0) - from) / (to - from)) * count)];
    if (bin === undefined) continue;
    for (let index = 1; index < interval.length; index += 3) {
      bin.all += interval[index + 1] ?? 0;
      bin.failed += interval[index + 2] ?? 0;
    }
  }
  return result;
}
