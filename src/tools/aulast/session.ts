export type SessionState = 'logIn' | 'started' | 'loggedOut' | 'down' | 'crash' | 'gone';

/** One login, from its LOGIN record to its end; or a boot. Texts are byte strings, times seconds since the epoch. */
export interface Session {
  readonly id: number;
  readonly auid: number;
  readonly pid: number;
  readonly start: number;
  /** 0: it goes on. */
  end: number;
  /** Null: nobody knows. */
  name: string | null;
  terminal: string | null;
  host: string | null;
  /** Null until a USER_LOGIN says it. */
  result: 'success' | 'failed' | null;
  state: SessionState;
  loginSerial: number;
  userLoginSerial: number;
  endSerial: number;
}

export function newSession(fields: Pick<Session, 'id' | 'auid' | 'pid' | 'start' | 'name'>): Session {
  return {
    ...fields,
    end: 0,
    terminal: null,
    host: null,
    result: null,
    state: 'logIn',
    loginSerial: 0,
    userLoginSerial: 0,
    endSerial: 0,
  };
}
