import { fstatSync, writeSync } from 'node:fs';
import { createRequire } from 'node:module';
import type pino from 'pino';
import type { Messages } from '../base/messages.ts';
import { addon } from '../binding/addon.ts';

/** syslog(3) priorities, most urgent first, by the names that node-auditd.conf and pino use. */
export const SEVERITIES = ['emergency', 'alert', 'critical', 'error', 'warning', 'notice', 'info', 'debug'] as const;
export type Severity = (typeof SEVERITIES)[number];

const LOG_USER = 1 << 3;
const LOG_DAEMON = 3 << 3;

/** pino counts upwards with urgency: emergency is 80, debug 10. */
const pinoLevels = Object.fromEntries(SEVERITIES.map((name, priority) => [name, 80 - priority * 10])) as Record<
  Severity,
  number
>;

/** The daemon's own messages, through pino: to syslog, or to standard error. */
export interface DaemonMessages extends Messages {
  /** From here on only this severity and more urgent ones are passed on. */
  setLevel(level: Severity): void;
  /** Keeps what is less than an error until `release` or until an error: the first message takes its time. */
  hold(): void;
  release(): void;
}

/**
 * `syslog`: libc's syslog(3), with the reference's priorities. `stderr`: one line a message, readable; where standard
 * error is the journal, with the `<N>` prefix that gives it the priority (sd-daemon(3)).
 */
export function openMessages(sink: 'syslog' | 'stderr', level: Severity): DaemonMessages {
  const write = sink === 'syslog' ? toSyslog : stderrIsJournal() ? toJournal : toStderr;
  let current = level;
  let logger: Logger | null = null;
  let held: (() => void)[] | null = null;
  const sayNow = (severity: Severity, text: string) => {
    logger ??= openLogger(current, write);
    logger[severity](text);
  };
  const release = () => {
    const waiting = held ?? [];
    held = null;
    for (const sayHeld of waiting) sayHeld();
  };
  const say = (severity: Severity) => (text: string) => {
    if (held !== null && SEVERITIES.indexOf(severity) > SEVERITIES.indexOf('error')) {
      held.push(() => sayNow(severity, text));
      return;
    }
    release();
    sayNow(severity, text);
  };
  return {
    emergency: say('emergency'),
    alert: say('alert'),
    critical: say('critical'),
    error: say('error'),
    warning: say('warning'),
    notice: say('notice'),
    info: say('info'),
    debug: say('debug'),
    hold: () => {
      held ??= [];
    },
    release,
    setLevel: severity => {
      current = severity;
      if (logger !== null) logger.level = severity;
    },
  };
}

type Logger = pino.Logger<Severity, true>;

// pino takes a tenth of the time until the daemon is registered, so it is loaded with the first message.
function openLogger(level: Severity, write: (priority: number, text: string) => void): Logger {
  const makeLogger = createRequire(import.meta.filename)('pino') as typeof pino.default;
  return makeLogger(
    {
      base: null,
      timestamp: false,
      level,
      customLevels: pinoLevels,
      useOnlyCustomLevels: true,
      formatters: { level: (severity: string) => ({ severity }) },
    },
    {
      write(line: string) {
        const { severity, msg } = JSON.parse(line) as { severity: Severity; msg: string };
        // A message may quote a file name: it stays one line, and what it holds cannot steer a terminal.
        write(SEVERITIES.indexOf(severity), toPrintable(msg));
      },
    },
  );
}

/** Before the daemon is in the background, messages carry the program's name and facility user; afterwards its own. */
export function openSyslog(isDaemon: boolean): void {
  if (isDaemon) addon.openSyslog('auditd', LOG_DAEMON, true);
  else addon.openSyslog('auditd', LOG_USER, false);
}

function toSyslog(priority: number, text: string): void {
  addon.syslog(priority, text);
}

function toJournal(priority: number, text: string): void {
  toStderr(priority, `<${priority}>${text}`);
}

function toStderr(_priority: number, text: string): void {
  try {
    writeSync(2, `${text}\n`);
  } catch (error) {
    // Standard error closed, or a full pipe that nobody reads: a message must not stop the record path.
    if (!(error instanceof Error && 'errno' in error)) throw error;
  }
}

function toPrintable(text: string): string {
  return text.trimEnd().replace(/[\u0000-\u001f\u007f-\u009f]/g, byte => {
    return `\\x${byte.charCodeAt(0).toString(16).padStart(2, '0')}`;
  });
}

// systemd names the journal's socket by device and inode, so that a redirected standard error is recognized as such.
function stderrIsJournal(): boolean {
  const stream = process.env['JOURNAL_STREAM'];
  if (stream === undefined) return false;
  const { dev, ino } = fstatSync(2);
  return stream === `${dev}:${ino}`;
}
