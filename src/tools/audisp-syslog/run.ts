import type { Plugin } from '../../auplugin/plugin.ts';
import { SYSLOG_FACILITY, SYSLOG_PRIORITY, type Syslog } from '../../auplugin/syslog.ts';
import { interpretedText } from './interpretedText.ts';
import { parseOptions } from './options.ts';

export interface Surroundings {
  readonly openSyslog: (ident: string, facility: number) => Syslog;
  readonly openPlugin: () => Plugin;
}

const SEPARATOR = 0x1d;
const BLANK = 0x20;
const NEWLINE = Buffer.from('\n');

/** @returns The exit code, once the daemon has ended the plugin. */
export async function run(words: readonly string[], around: Surroundings): Promise<number> {
  const options = parseOptions(words);
  const own = around.openSyslog('audisp-syslog', SYSLOG_FACILITY.LOG_USER);
  if ('unknown' in options) {
    own.say(SYSLOG_PRIORITY.LOG_ERR, `Unknown log priority/facility ${options.unknown}`);
    return 1;
  }
  const { priority, facility, isInterpreted } = options;
  own.say(SYSLOG_PRIORITY.LOG_INFO, `syslog plugin initialized with facility ${facility} and priority ${priority}`);
  const syslog = facility === SYSLOG_FACILITY.LOG_USER ? own : around.openSyslog('audispd', facility);
  const plugin = around.openPlugin();
  if (isInterpreted) {
    for await (const event of plugin.events()) {
      for (const record of event.records) {
        const text = interpretedText(record);
        if (text !== null) syslog.say(priority, text);
      }
    }
    return 0;
  }
  for await (const record of plugin.records()) {
    const separator = record.indexOf(SEPARATOR);
    if (separator !== -1) record[separator] = BLANK;
    // syslog(3) ends a text at a NUL: it must not hide what stands behind it.
    for (let at = record.indexOf(0); at !== -1; at = record.indexOf(0, at)) record[at] = BLANK;
    syslog.say(priority, Buffer.concat([record, NEWLINE]));
  }
  return 0;
}
