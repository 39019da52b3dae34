import t from 'tap';
import { readBuffer } from '../../auparse/auditLog.ts';
import { accountsOf } from './localAccounts.ts';
import { run } from './run.ts';

const login = (serial: number, uid: number, text: string) =>
  `type=USER_LOGIN msg=audit(1700000000.${100 + serial}:${serial}): pid=1 uid=0 auid=${uid} ses=1 msg='op=login ${text} res=success'\n`;

async function lastLogins(log: string, ...words: string[]): Promise<string> {
  let printed = '';
  await run(words, {
    print: text => {
      printed += text;
    },
    complain: text => {
      printed += text;
    },
    outputIsTerminal: true,
    accounts: () => accountsOf('root:x:0:0:::\nalice:x:1000:1000:::\nbroken\n'),
    openLogs: () => readBuffer(log, { endOfEventTimeoutSeconds: 2 }),
    openStandardInput: () => readBuffer(log, { endOfEventTimeoutSeconds: 2 }),
    dateTime: seconds => `@${seconds}`,
  });
  return printed;
}

t.test('A host with control bytes does not reach a terminal as it is', async t => {
  const printed = await lastLogins(login(1, 1000, 'hostname=\x1b[31mh addr=? terminal=ssh'), '--user', 'alice');
  t.match(printed, /^alice {12}ssh {10}\\033\[31mh +@1700000000$/m);
});

t.test('Of logins in a row every second one is passed over, as the reference does', async t => {
  const log = login(1, 0, 'hostname=a addr=? terminal=t') + login(2, 1000, 'hostname=b addr=? terminal=t');
  t.match(await lastLogins(log), /^alice .*\*\*Never logged in\*\*$/m);
});

t.test('--json gives what is not known as null', async t => {
  const [root = '', alice = ''] = (await lastLogins(login(1, 0, 'hostname=a addr=? terminal=t'), '--json')).split('\n');
  t.strictSame(JSON.parse(root), { user: 'root', uid: 0, terminal: 't', host: 'a', time: '2023-11-14T22:13:20.000Z' });
  t.strictSame(JSON.parse(alice), { user: 'alice', uid: 1000, terminal: null, host: null, time: null });
});

t.test('An account that does not exist is named', async t => {
  t.equal(await lastLogins('', '--user', 'nobody-here'), 'Unknown User: nobody-here\n');
});

t.test('A login at a time that no calendar has is shown, and its time is null in JSON', async t => {
  const log = login(1, 0, 'hostname=a addr=? terminal=t').replaceAll('1700000000.', '9000000000000000000.');
  t.match(await lastLogins(log), /^root {13}t {12}a {25} @9000000000000000000$/m);
  const [root = ''] = (await lastLogins(log, '--json')).split('\n');
  t.match(JSON.parse(root), { user: 'root', host: 'a', time: null });
});
