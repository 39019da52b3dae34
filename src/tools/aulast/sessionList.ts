import type { AuditEvent } from '../../auparse/auditEvent.ts';
import type { EventCursor } from '../../auparse/eventCursor.ts';
import { newSession, type Session } from './session.ts';

/** What is done with what the list finds. Texts are byte strings. */
export interface SessionWatcher {
  /** A session has ended, or the log has. */
  report(session: Session): void;
  /** What --debug tells, with where it goes. */
  debug(stream: 'stdout' | 'stderr', text: string): void;
}

export interface SessionLimits {
  readonly user: string | null;
  readonly tty: string | null;
  /** Failed logins are reported when they happen. */
  readonly isBad: boolean;
}

const INVALID = -1;

/** What is told of an event that lacks what it should say. */
const BAD: Readonly<Record<string, string>> = {
  LOGIN: 'Bad login',
  USER_LOGIN: 'Bad user login',
  USER_END: 'Bad user logout',
};

/** The sessions of a log, in the order in which they began. Takes the events that are about them, one by one. */
export class SessionList {
  readonly #limits: SessionLimits;
  readonly #watcher: SessionWatcher;
  /** By their number: who logs in under it ends the one before. In the order in which they began. */
  #sessions = new Map<number, Session>();
  #kernel: string | null = null;

  constructor(limits: SessionLimits, watcher: SessionWatcher) {
    this.#limits = limits;
    this.#watcher = watcher;
  }

  /** @returns whether the event is one that sessions are made of; the cursor stands where reading it has ended. */
  take(event: AuditEvent, cursor: EventCursor): boolean {
    const type = event.records[0]?.typeName ?? '';
    // An event without a time has no fields.
    const what = event.seconds === 0 ? BAD[type] : undefined;
    if (what !== undefined) {
      this.#watcher.debug('stderr', `${what} for event: ${event.serial}`);
      return true;
    }
    switch (type) {
      case 'LOGIN':
        this.#logIn(event, cursor);
        return true;
      case 'USER_LOGIN':
        this.#userLogin(event, cursor);
        return true;
      case 'USER_END':
        this.#userEnd(event, cursor);
        return true;
      case 'SYSTEM_BOOT':
        this.#boot(event);
        return true;
      case 'SYSTEM_SHUTDOWN':
        this.#shutdown(event);
        return true;
      case 'DAEMON_START':
        this.#kernel = rawText(cursor, 'kernel');
        return true;
      default:
        return false;
    }
  }

  /** Reports what is still open. */
  finish(): void {
    for (const session of this.#sessions.values()) this.#watcher.report(session);
    this.#sessions.clear();
  }

  #logIn(event: AuditEvent, cursor: EventCursor): void {
    const pid = number(cursor, 'pid');
    // Old kernels wrote `old auid=… new auid=…`: two fields of one name.
    const isOld = cursor.findField('old-auid') === null;
    if (isOld) cursor.firstRecord();
    const auid = isOld ? secondNumber(cursor, 'auid') : number(cursor, 'auid');
    const field = cursor.field;
    const name = auid === INVALID || field === null ? null : latin1(field.interpretedBytes);
    if (isOld) cursor.firstRecord();
    const id = isOld
      ? secondNumber(cursor, 'ses')
      : cursor.findField('old-ses') === null
        ? INVALID
        : number(cursor, 'ses');
    if (pid === INVALID || auid === INVALID || id === INVALID) {
      this.#watcher.debug('stderr', `${BAD['LOGIN']} for event: ${event.serial}`);
      return;
    }
    const previous = this.#sessions.get(id);
    if (previous !== undefined) this.#close(previous, 'gone', event.seconds);
    if (this.#limits.user !== null && name !== this.#limits.user) {
      this.#watcher.debug('stderr', `login reporting limited to ${this.#limits.user} for event: ${event.serial}`);
      return;
    }
    const session = newSession({ id, auid, pid, start: event.seconds, name });
    session.loginSerial = event.serial;
    this.#sessions.set(id, session);
  }

  #userLogin(event: AuditEvent, cursor: EventCursor): void {
    const pid = number(cursor, 'pid');
    const id = number(cursor, 'ses');
    let uid = number(cursor, 'uid');
    if (uid === INVALID) {
      cursor.firstRecord();
      uid = number(cursor, 'id');
      if (uid === INVALID) cursor.firstRecord();
    }
    let host = rawText(cursor, 'hostname');
    if (host === '?') host = rawText(cursor, 'addr');
    const terminal = rawText(cursor, 'terminal') ?? '?';
    const result = interpretedText(cursor, 'res');
    if (result !== null && result !== 'success') {
      cursor.firstRecord();
      const name = interpretedText(cursor, 'acct');
      if (!this.#limits.isBad) {
        this.#watcher.debug('stdout', 'Session not found or updated');
        return;
      }
      const session = newSession({ id, auid: uid, pid, start: event.seconds, name });
      this.#watcher.report({
        ...session,
        end: event.seconds,
        terminal,
        host,
        result: 'failed',
        state: 'loggedOut',
        userLoginSerial: event.serial,
      });
      return;
    }
    if (pid === INVALID || uid === INVALID || id === INVALID) {
      this.#watcher.debug('stderr', `${BAD['USER_LOGIN']} for event: ${event.serial}`);
      return;
    }
    // There is no result, too, where a field is missing that stands before it: what is behind that is not found.
    const session = result === null ? undefined : this.#find(pid, uid, id);
    if (session === undefined) {
      this.#watcher.debug('stdout', 'Session not found or updated');
      return;
    }
    if (this.#limits.tty !== null && !terminal.includes(this.#limits.tty)) {
      this.#watcher.debug('stderr', `User login limited to ${this.#limits.tty} for event: ${event.serial}`);
      this.#remove(session);
      return;
    }
    session.terminal = terminal;
    session.host = host;
    session.result = 'success';
    session.state = 'started';
    session.userLoginSerial = event.serial;
  }

  #userEnd(event: AuditEvent, cursor: EventCursor): void {
    const pid = number(cursor, 'pid');
    const auid = number(cursor, 'auid');
    const id = number(cursor, 'ses');
    if (pid === INVALID || auid === INVALID || id === INVALID) {
      this.#watcher.debug('stderr', `${BAD['USER_END']} for event: ${event.serial}`);
      return;
    }
    const session = this.#find(pid, auid, id);
    if (session === undefined) return;
    if (session.start === 0) {
      this.#watcher.debug('stderr', `start time error for event: ${event.serial}`);
      this.#remove(session);
      return;
    }
    session.endSerial = event.serial;
    this.#close(session, 'loggedOut', event.seconds);
  }

  // Whoever had not logged out had no chance to.
  #boot(event: AuditEvent): void {
    const open = [...this.#sessions.values()];
    this.#sessions.clear();
    const end = (session: Session, state: 'crash' | 'down') => {
      this.#watcher.report(Object.assign(session, { state, end: event.seconds, endSerial: event.serial }));
    };
    for (const session of open.filter(({ name }) => name !== null)) end(session, 'crash');
    for (const session of open.filter(({ state }) => state !== 'crash')) end(session, 'down');
    const boot = newSession({ id: 0, auid: 0, pid: 0, start: event.seconds, name: 'reboot' });
    this.#sessions.set(
      boot.id,
      Object.assign(boot, {
        terminal: 'system boot',
        host: this.#kernel,
        result: 'success',
        loginSerial: event.serial,
      }),
    );
  }

  #shutdown(event: AuditEvent): void {
    for (const session of this.#sessions.values()) {
      if (session.name === null) continue;
      session.endSerial = event.serial;
      this.#close(session, 'loggedOut', event.seconds);
      return;
    }
  }

  #find(pid: number, auid: number, id: number): Session | undefined {
    const session = this.#sessions.get(id);
    return session?.pid === pid && session.auid === auid ? session : undefined;
  }

  #close(session: Session, state: Session['state'], end: number): void {
    session.state = state;
    session.end = end;
    this.#watcher.report(session);
    this.#remove(session);
  }

  #remove(session: Session): void {
    this.#sessions.delete(session.id);
  }
}

/** The next field of this name as a number of 32 bits, sign included; -1 without one. */
function number(cursor: EventCursor, name: string): number {
  return cursor.findField(name)?.integer ?? INVALID;
}

/** The number of the second field of this name. */
function secondNumber(cursor: EventCursor, name: string): number {
  if (cursor.findField(name) === null) return INVALID;
  return cursor.findNextField()?.integer ?? INVALID;
}

function rawText(cursor: EventCursor, name: string): string | null {
  const field = cursor.findField(name);
  return field === null ? null : latin1(field.valueBytes);
}

function interpretedText(cursor: EventCursor, name: string): string | null {
  const field = cursor.findField(name);
  return field === null ? null : latin1(field.interpretedBytes);
}

function latin1(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
}
