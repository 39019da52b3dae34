import t from 'tap';
import { readBuffer } from '../../auparse/auditLog.ts';
import { run } from './run.ts';

const login = (seconds: string, serial: number, session: number): string =>
  `type=LOGIN msg=audit(${seconds}.000:${serial}): pid=${session} uid=0 old-auid=4294967295 auid=1000 tty=(none) old-ses=4294967295 ses=${session} res=1\n` +
  `type=USER_LOGIN msg=audit(${seconds}.100:${serial + 1}): pid=${session} uid=1000 auid=1000 ses=${session} msg='op=login id=1000 exe="/usr/sbin/sshd" hostname=h addr=? terminal=ssh res=success'\n`;

async function sessions(log: string, ...words: string[]): Promise<string[]> {
  let printed = '';
  const print = (text: string) => {
    printed += text;
  };
  const exit = await run(words, {
    print,
    complain: print,
    outputIsTerminal: false,
    isRoot: () => true,
    now: () => 1_700_000_000,
    ctime: seconds => `Tue Nov 14 ${String(seconds).padEnd(13)}`,
    dateTime: String,
    openLog: () => readBuffer(log, { endOfEventTimeoutSeconds: 2 }),
    openStandardInput: () => readBuffer(log, { endOfEventTimeoutSeconds: 2 }),
    createExtract: () => null,
  });
  t.equal(exit, 0);
  return printed.split('\n').slice(0, -1);
}

t.test('A session at a time that no calendar has is listed, and its time is null in JSON', async t => {
  const log = login('9000000000000000000', 1, 5);
  t.equal((await sessions(log)).length, 1);
  const [line = ''] = await sessions(log, '--json');
  t.match(JSON.parse(line), { session: 5, start: null, end: null, state: 'started' });
});

t.test('A login that does not say how it went, or not behind a host, is no session', async t => {
  const log = login('1700000000', 1, 5);
  t.match(await sessions(log, '--debug'), [/still logged in$/]);
  for (const lacking of [
    log.replace(' res=success', ''),
    log.replace('hostname=h addr=? ', '').replace('success', 'failed'),
    log.replace('terminal=ssh ', ''),
  ]) {
    t.strictSame(await sessions(lacking), []);
    t.strictSame(await sessions(lacking, '--bad'), []);
    t.strictSame(await sessions(lacking, '--debug'), ['Session not found or updated']);
  }
});

t.test('Who logs in under the number of a session ends it, whoever else is there', async t => {
  const many = 3000;
  let log = '';
  for (let session = 1; session <= many; session++) log += login('1700000000', 2 * session, session);
  const lines = await sessions(log + login('1700000005', 2 * many + 2, 1), '--json');
  t.equal(lines.length, many + 1);
  t.match(JSON.parse(lines[0] ?? ''), { session: 1, state: 'gone', end: '2023-11-14T22:13:25.000Z' });
  t.match(JSON.parse(lines.at(-1) ?? ''), { session: 1, state: 'started' });
});
