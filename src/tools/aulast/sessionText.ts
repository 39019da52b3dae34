import type { Session } from './session.ts';

/** Local times as the C library prints them. */
export interface LocalTimes {
  /** `Tue Nov 14 22:15:00 2023`, always English: ctime(3). */
  ctime(seconds: number): string;
  /** In the locale's form: %x %H:%M:%S. */
  dateTime(seconds: number): string;
}

const DAY = 86_400;
const HOUR = 3_600;
const MINUTE = 60;

/**
 * The line of a session, with its newline.
 *
 * @param now  Seconds. What goes on ends here for --proof.
 */
export function sessionLine(session: Session, now: number, times: LocalTimes): string {
  const { name, auid, terminal, host, start } = session;
  const number = auid === 0 ? '' : String(auid >>> 0);
  const user = name === null ? number.padEnd(8) : column(name, 8);
  const line = (terminal ?? '?').replace(/^\/dev\//, '');
  const head = `${user} ${column(line, 12)} ${column(host ?? '?', 16)} ${times.ctime(start).slice(0, 16)} `;
  return `${head}${stateText(session, now, times)}\n`;
}

/** What --proof prints behind the line. */
export function proofText(session: Session, now: number, times: LocalTimes): string {
  const { loginSerial, userLoginSerial, start, state, result } = session;
  const end = endOf(session, now);
  const isBad = result === 'failed' && state === 'loggedOut' && loginSerial === 0;
  const serials = isBad
    ? `serial number: ${userLoginSerial}`
    : `serial numbers: ${loginSerial}, ${userLoginSerial}, ${session.endSerial}`;
  const until = end === 0 ? '' : ` --end ${times.dateTime(end)}`;
  const own = session.name === null ? ` --session ${isBad ? 0 : session.id}` : '';
  const serial = isBad ? ` -a ${userLoginSerial}` : '';
  return (
    `    audit event proof ${serials}\n` +
    '    Session data can be found with this search:\n' +
    `    ausearch --start ${times.dateTime(start)}${until}${own}${serial}\n\n`
  );
}

function column(text: string, width: number): string {
  return text.slice(0, width).padEnd(width);
}

/** A session with a name that goes on ends now, as far as anybody can say. */
function endOf({ name, end }: Session, now: number): number {
  return name !== null && end === 0 ? now : end;
}

function stateText(session: Session, now: number, times: LocalTimes): string {
  switch (session.state) {
    case 'started':
      return '  still logged in';
    case 'down':
      return '- down';
    case 'crash':
      return '- crash';
    case 'gone':
      return '  gone - no logout';
    case 'logIn':
      return '';
    case 'loggedOut': {
      const end = endOf(session, now);
      const at = session.end === 0 ? '' : times.ctime(end).slice(11, 16);
      return `- ${at.padEnd(7)}${duration(end - session.start)}`;
    }
  }
}

function duration(seconds: number): string {
  const minutes = String(Math.trunc(seconds / MINUTE) % 60).padStart(2, '0');
  const hours = String(Math.trunc(seconds / HOUR) % 24).padStart(2, '0');
  const days = Math.trunc(seconds / DAY);
  return days === 0 ? `(${hours}:${minutes})` : `(${days}+${hours}:${minutes})`;
}
