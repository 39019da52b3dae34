/** Numbers of the daemon's state report that are metrics: metric → how its line begins. */
const LINES: readonly (readonly [metric: string, start: string])[] = [
  ['auditd.free_space', 'Logging partition free space'],
  ['auditd.plugin_current_depth', 'current plugin queue depth'],
  ['auditd.plugin_max_depth', 'max plugin queue depth used'],
  ['auditd.total_memory', 'glibc arena'],
  ['auditd.memory_in_use', 'glibc uordblks'],
  ['auditd.memory_free', 'glibc fordblks'],
];

/**
 * The metrics in a state report, ours or the C daemon's; one whose line is missing is missing.
 *
 * @see auditd(8), the state report
 */
export function stateMetrics(report: string): Map<string, number> {
  const lines = report.split('\n');
  const metrics = new Map<string, number>();
  for (const [metric, start] of LINES) {
    const line = lines.find(text => text.startsWith(start));
    // "name = 12 MiB", "glibc arena (total memory) is: 132 KiB, was: 0 KiB"
    const [, digits] = /(?:=|is:)\s*(\d+)/.exec(line ?? '') ?? [];
    if (digits !== undefined) metrics.set(metric, Number(digits));
  }
  return metrics;
}
