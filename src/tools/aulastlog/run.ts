import type { AuditEvent } from '../../auparse/auditEvent.ts';
import type { AuditLog } from '../../auparse/auditLog.ts';
import { reasonOf } from '../../base/errors.ts';
import { jsonLine, utcTime } from '../logs/jsonLine.ts';
import { visibleText } from '../logs/visibleText.ts';
import { answerToLoneOption } from '../loneOption.ts';

/** An account of this machine. Texts are byte strings. */
export interface Account {
  readonly name: string;
  readonly uid: number;
}

/** Everything of the machine that aulastlog touches. */
export interface Host {
  print(text: string): void;
  complain(text: string): void;
  readonly outputIsTerminal: boolean;
  /** In the order of the account database. */
  accounts(): readonly Account[];
  /** @throws {Error} when there are no logs. */
  openLogs(): AuditLog;
  openStandardInput(): AuditLog;
  /** Local date and time in the locale's form: %x %H:%M:%S. */
  dateTime(seconds: number): string;
}

interface LastLogin {
  seconds: number;
  host: string | null;
  terminal: string | null;
}

const USAGE = 'usage: aulastlog [--stdin] [--user name]\n';

const HELP = `usage: aulastlog [OPTION]...
Lists every account with its last login, as the audit logs tell of it.

  --stdin          read standard input instead of the daemon's logs
  -u, --user NAME  only that account
  --json           one object a line
  --help, --version
`;

/** @returns the exit code. */
export async function run(words: readonly string[], host: Host): Promise<number> {
  const answer = answerToLoneOption('aulastlog', words, HELP);
  if (answer !== null) {
    host.print(answer);
    return 0;
  }
  const options = parseOptions(words);
  if (options === null) {
    host.complain(USAGE);
    return 1;
  }
  const { user, isStdin, isJson } = options;
  const accounts = host.accounts().filter(({ name }) => user === null || name === user);
  if (user !== null && accounts.length === 0) {
    host.print(`Unknown User: ${user}\n`);
    return 1;
  }
  let last: ReadonlyMap<Account, LastLogin>;
  try {
    last = await lastLogins(isStdin ? host.openStandardInput() : host.openLogs(), accounts);
  } catch (error) {
    if (!(error instanceof Error && 'syscall' in error)) throw error;
    host.print(`Error - ${reasonOf(error)}\n`);
    return 1;
  }
  if (isJson) {
    for (const account of accounts) host.print(lastLoginJson(account, last.get(account)));
    return 0;
  }
  host.print('Username         Port         From                       Latest\n');
  for (const account of accounts) {
    const line = textLine(account, last.get(account), host);
    host.print(host.outputIsTerminal ? visibleText(line) : line);
  }
  return 0;
}

function parseOptions(words: readonly string[]): { user: string | null; isStdin: boolean; isJson: boolean } | null {
  const options = { user: null as string | null, isStdin: false, isJson: false };
  for (let at = 0; at < words.length; at++) {
    const argument = words[at + 1];
    if (words[at] === '--stdin') {
      options.isStdin = true;
    } else if (words[at] === '--json') {
      options.isJson = true;
    } else if ((words[at] === '--user' || words[at] === '-u') && argument !== undefined) {
      options.user = argument;
      at++;
    } else {
      return null;
    }
  }
  return options;
}

async function lastLogins(log: AuditLog, accounts: readonly Account[]): Promise<Map<Account, LastLogin>> {
  const last = new Map<Account, LastLogin>();
  for (;;) {
    const { done, value: event } = await log.next();
    if (done === true) return last;
    if (!isSuccessfulLogin(event)) continue;
    note(event, accounts, last);
    // As the reference, which goes on one event too far: of logins one behind the other it sees every second one.
    await log.next();
  }
}

function isSuccessfulLogin(event: AuditEvent): boolean {
  // Told from the text first: most events are no logins, and need not be taken apart.
  if (!Buffer.from(event.lines.buffer, event.lines.byteOffset, event.lines.byteLength).includes('USER_LOGIN')) {
    return false;
  }
  return event.records.some(
    record =>
      record.typeName === 'USER_LOGIN' &&
      record.fields.some(({ name, value }) => name === 'res' && value === 'success'),
  );
}

function note(event: AuditEvent, accounts: readonly Account[], last: Map<Account, LastLogin>): void {
  const cursor = event.cursor();
  cursor.firstRecord();
  const auid = cursor.findField('auid');
  if (event.seconds === 0 || auid === null) return;
  const account = accounts.find(({ uid }) => uid === auid.integer >>> 0);
  if (account === undefined) return;
  // What a login leaves out is what the one before it said.
  const before = last.get(account);
  const host = latin1(cursor.findField('hostname')?.valueBytes ?? null) ?? before?.host ?? null;
  const terminal = latin1(cursor.findField('terminal')?.valueBytes ?? null) ?? before?.terminal ?? null;
  last.set(account, { seconds: event.seconds, host, terminal });
}

function latin1(bytes: Uint8Array | null): string | null {
  return bytes === null ? null : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
}

function textLine({ name }: Account, login: LastLogin | undefined, host: Host): string {
  const terminal = (login?.terminal ?? '').slice(0, 12).padEnd(12);
  const from = (login?.host ?? '').slice(0, 26).padEnd(26);
  const time = login === undefined ? '**Never logged in**' : host.dateTime(login.seconds);
  return `${name.padEnd(16)} ${terminal} ${from} ${time}\n`;
}

function lastLoginJson({ name, uid }: Account, login: LastLogin | undefined): string {
  return jsonLine({
    user: name,
    uid,
    terminal: login?.terminal ?? null,
    host: login?.host ?? null,
    time: login === undefined ? null : utcTime(login.seconds * 1000),
  });
}
