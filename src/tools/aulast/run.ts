import type { AuditLog } from '../../auparse/auditLog.ts';
import { reasonOf } from '../../base/errors.ts';
import { jsonLine, utcTime } from '../logs/jsonLine.ts';
import { visibleText } from '../logs/visibleText.ts';
import { answerToLoneOption } from '../loneOption.ts';
import { HELP, parseOptions } from './options.ts';
import type { Session } from './session.ts';
import { SessionList } from './sessionList.ts';
import { type LocalTimes, proofText, sessionLine } from './sessionText.ts';

/** Everything of the machine that aulast touches. Texts are byte strings. */
export interface Host extends LocalTimes {
  /** Standard output and standard error, with their newlines. */
  print(text: string): void;
  complain(text: string): void;
  /** No control byte of a record reaches it. */
  readonly outputIsTerminal: boolean;
  isRoot(): boolean;
  /** Seconds since the epoch. */
  now(): number;
  /** @param file  Null: the logs of the configuration. @throws {Error} when there are none. */
  openLog(file: string | null): AuditLog;
  openStandardInput(): AuditLog;
  /** Makes aulast.log anew in the working directory; null where that cannot be. */
  createExtract(): ((line: Uint8Array) => void) | null;
}

const TYPES = ['LOGIN', 'USER_LOGIN', 'USER_END', 'SYSTEM_BOOT', 'SYSTEM_SHUTDOWN', 'DAEMON_START'];

/** @returns the exit code. */
export async function run(words: readonly string[], host: Host): Promise<number> {
  const answer = answerToLoneOption('aulast', words, HELP);
  if (answer !== null) {
    host.print(answer);
    return 0;
  }
  const options = parseOptions(words);
  if ('refusal' in options) {
    host.complain(`${options.refusal}\n`);
    return 1;
  }
  const extract = options.isExtract ? host.createExtract() : null;
  if (options.file === null && !options.isStdin && !host.isRoot()) {
    host.complain('You probably need to be root for this to work\n');
  }
  const shown = (text: string) => (host.outputIsTerminal ? visibleText(text) : text);
  const report = (session: Session) => {
    if (session.result !== (options.isBad ? 'failed' : 'success')) return;
    if (options.isJson) {
      host.print(sessionJson(session));
      return;
    }
    host.print(shown(sessionLine(session, host.now(), host)));
    if (options.isProof) host.print(proofText(session, host.now(), host));
  };
  const debug = (stream: 'stdout' | 'stderr', text: string) => {
    if (!options.isDebug) return;
    if (stream === 'stdout') host.print(`${text}\n`);
    else host.complain(`${text}\n`);
  };
  const sessions = new SessionList(options, { report, debug });
  try {
    const log = options.isStdin ? host.openStandardInput() : host.openLog(options.file);
    for await (const event of log) {
      if (!isAboutSessions(event.lines)) continue;
      const cursor = event.cursor();
      cursor.firstRecord();
      if (!sessions.take(event, cursor)) continue;
      extract?.(cursor.record?.textBytes ?? Buffer.from('(null)'));
    }
  } catch (error) {
    if (!(error instanceof Error && 'syscall' in error)) throw error;
    host.complain(`Error - ${reasonOf(error)}\n`);
    return 1;
  }
  sessions.finish();
  return 0;
}

// Most events are none of these: their type is told from the first line's text, without taking it apart.
const marks = TYPES.map(type => Buffer.from(`type=${type} `));

function isAboutSessions(lines: Uint8Array): boolean {
  const text = Buffer.from(lines.buffer, lines.byteOffset, lines.byteLength);
  const end = text.indexOf(' msg=');
  const head = end === -1 ? text : text.subarray(0, end + 1);
  return marks.some(mark => head.includes(mark));
}

function sessionJson(session: Session): string {
  const time = (seconds: number) => (seconds === 0 ? null : utcTime(seconds * 1000));
  return jsonLine({
    user: session.name,
    auid: session.auid,
    session: session.id,
    pid: session.pid,
    terminal: session.terminal,
    host: session.host,
    start: time(session.start),
    end: time(session.end),
    state: session.state,
    result: session.result,
    events: { login: session.loginSerial, userLogin: session.userLoginSerial, end: session.endSerial },
  });
}
