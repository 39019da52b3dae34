import { addon } from '../binding/addon.ts';

/** The numbers of sys/syslog.h, by the names that plugins' arguments use. */
export const SYSLOG_PRIORITY = {
  LOG_EMERG: 0,
  LOG_ALERT: 1,
  LOG_CRIT: 2,
  LOG_ERR: 3,
  LOG_WARNING: 4,
  LOG_NOTICE: 5,
  LOG_INFO: 6,
  LOG_DEBUG: 7,
} as const;

/** The numbers of sys/syslog.h, shifted as openlog(3) takes them. */
export const SYSLOG_FACILITY = {
  LOG_USER: 1 << 3,
  LOG_DAEMON: 3 << 3,
  LOG_AUTH: 4 << 3,
  LOG_SYSLOG: 5 << 3,
  LOG_AUTHPRIV: 10 << 3,
  LOG_LOCAL0: 16 << 3,
  LOG_LOCAL1: 17 << 3,
  LOG_LOCAL2: 18 << 3,
  LOG_LOCAL3: 19 << 3,
  LOG_LOCAL4: 20 << 3,
  LOG_LOCAL5: 21 << 3,
  LOG_LOCAL6: 22 << 3,
  LOG_LOCAL7: 23 << 3,
} as const;

/** What a plugin says to the system log: syslog(3). */
export interface Syslog {
  say(priority: number, text: string | Uint8Array): void;
}

/** @param ident  What each line begins with. */
export function openSyslog(ident: string, facility: number = SYSLOG_FACILITY.LOG_USER): Syslog {
  addon.openSyslog(ident, facility, false);
  return { say: (priority, text) => addon.syslog(priority, text) };
}
