import { addon } from '../binding/addon.ts';
import type { ReportAnswer, ReportCall, ReportInput, RunningReport } from '../binding/report.ts';

export type { ReportAnswer, ReportCall, ReportInput, RunningReport };

/**
 * Starts a report over a log: counted, or line by line, in one pass on all processors. What it prints goes straight to
 * the descriptors of `call`.
 *
 * @see native/report/README.md
 */
export function startReport(call: ReportCall): RunningReport {
  return addon.startReport(call);
}

/** Local date and time in the form of the locale, as reports print them: %x %H:%M:%S. */
export function reportTime(seconds: number): string {
  return addon.reportTime(seconds);
}

/** `Tue Nov 14 22:15:00 2023`, local time, always English: ctime(3). */
export function ctime(seconds: number): string {
  return addon.reportCtime(seconds);
}
