import type { Plugin } from '../../auplugin/plugin.ts';
import { SYSLOG_FACILITY, SYSLOG_PRIORITY, type Syslog } from '../../auplugin/syslog.ts';
import { FieldError } from '../../base/errors.ts';
import { type Configuration, readConfiguration } from './configuration.ts';
import { EventCounts } from './eventCounts.ts';
import { stateMetrics } from './stateFile.ts';

export interface Surroundings {
  readonly openSyslog: (ident: string, facility: number) => Syslog;
  readonly openPlugin: () => Plugin;
  /** The daemon's state report; null when there is none. */
  readonly readState: () => string | null;
  /** The kernel's counters; null when it does not say. */
  readonly kernelStatus: () => { readonly lost: number; readonly backlog: number } | null;
  /** One datagram. */
  readonly send: (message: string, to: Configuration) => void;
  /** Runs `task` every so many seconds until the returned function is called. */
  readonly every: (seconds: number, task: () => void) => () => void;
}

/** @returns The exit code, once the daemon has ended the plugin. */
export async function run(configurationFile: string, around: Surroundings): Promise<number> {
  const syslog = around.openSyslog('audisp-statsd', SYSLOG_FACILITY.LOG_DAEMON);
  let configuration: Configuration;
  try {
    configuration = readConfiguration(configurationFile);
  } catch (error) {
    if (!(error instanceof FieldError)) throw error;
    syslog.say(SYSLOG_PRIORITY.LOG_ERR, error.message);
    return 1;
  }
  const counts = new EventCounts();
  const plugin = around.openPlugin();
  const stop = around.every(configuration.intervalSeconds, () => {
    around.send(message(counts, around), configuration);
  });
  try {
    for await (const event of plugin.events()) counts.add(event);
  } finally {
    stop();
  }
  return 0;
}

/** `name:value|type` lines: gauges of the kernel and the daemon, then counters of events. */
function message(counts: EventCounts, around: Surroundings): string {
  const gauges = new Map<string, number>();
  const kernel = around.kernelStatus();
  if (kernel !== null) gauges.set('kernel.lost', kernel.lost).set('kernel.backlog', kernel.backlog);
  const state = around.readState();
  if (state !== null) for (const [metric, value] of stateMetrics(state)) gauges.set(metric, value);
  return (
    [...gauges].map(([metric, value]) => `${metric}:${value}|g\n`).join('') +
    counts
      .take()
      .map(([metric, value]) => `${metric}:${value}|c\n`)
      .join('')
  );
}
