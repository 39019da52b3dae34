import t from 'tap';
import { SaidMessages } from '../../../test/support/saidMessages.ts';
import { SystemError } from '../../base/errors.ts';
import { ActionRunner, productionPaths } from './actionRunner.ts';
import type { Ended, Machine } from './machine.ts';

const paths = { mailer: '/mailer', runlevel: '/runlevel', utmp: '/utmp', console: '/console' };
const ENOENT = 2;
const EAGAIN = 11;

/** A machine that notes what is done to it; `fails` says which path cannot be run, read or written. */
function runner(
  changes: { ended?: Ended; fails?: Record<string, number>; isExecutable?: boolean; utmp?: Uint8Array } = {},
) {
  const done: string[] = [];
  const messages = new SaidMessages();
  const fail = (path: string) => {
    const errno = changes.fails?.[path];
    if (errno !== undefined) throw new SystemError({ syscall: 'spawn', errno, path });
  };
  const machine: Machine = {
    run: async (path, args, input) => {
      done.push([`run ${path}`, ...args, ...(input === null ? [] : [JSON.stringify(input)])].join(' '));
      fail(path);
      return changes.ended ?? { code: 0, signal: null };
    },
    isExecutable: async () => changes.isExecutable ?? true,
    readFile: async path => {
      fail(path);
      return changes.utmp ?? new Uint8Array();
    },
    writeTerminal: async (path, text) => {
      fail(path);
      done.push(`${path}: ${text}`);
    },
  };
  return { actions: new ActionRunner(machine, paths, messages), done, messages };
}

t.test('Mail goes to sendmail -t with the account as the sender, in one argument', async t => {
  const { actions, done, messages } = runner();
  actions.mail('root@a.b', 'Audit Disk Space Alert', ['first', 'second', 'next']);
  await actions.settled();
  const text = 'To: root@a.b\nFrom: root\nSubject: Audit Disk Space Alert\n\nfirst\nsecond\nnext\n.\n\n';
  t.strictSame(done, [`run /mailer -t -froot@a.b ${JSON.stringify(text)}`]);
  t.strictSame(messages.take(), []);
});

t.test('A mailer that is missing, cannot be started or fails is told', async t => {
  const cases: [Parameters<typeof runner>[0], string[]][] = [
    [{ isExecutable: false }, ["error Error - /mailer isn't executable"]],
    [
      { fails: { '/mailer': ENOENT } },
      ['alert Audit daemon failed to exec /mailer (No such file or directory)', 'error Error - starting mail'],
    ],
    [
      { fails: { '/mailer': EAGAIN } },
      [
        'alert Audit daemon failed to fork while sending email alert (Resource temporarily unavailable)',
        'error Error - starting mail',
      ],
    ],
    [{ ended: { code: 75, signal: null } }, ['warning /mailer ended with exit code 75']],
  ];
  for (const [changes, said] of cases) {
    const { actions, messages } = runner(changes);
    actions.mail('root', 'subject', []);
    await actions.settled();
    t.strictSame(messages.take(), said);
  }
});

t.test('A helper gets its path and nothing else, and its end is awaited', async t => {
  const { actions, done, messages } = runner();
  await actions.runHelper('/usr/bin/helper');
  t.strictSame(done, ['run /usr/bin/helper']);
  t.strictSame(messages.take(), []);
});

t.test('A helper that cannot be started or fails is told', async t => {
  const cases: [Parameters<typeof runner>[0], string][] = [
    [{ fails: { '/h': ENOENT } }, 'alert Audit daemon failed to exec /h (No such file or directory)'],
    [
      { fails: { '/h': EAGAIN } },
      'alert Audit daemon failed to fork doing safe_exec (Resource temporarily unavailable)',
    ],
    [{ ended: { code: null, signal: 'SIGKILL' } }, 'warning /h ended with SIGKILL'],
  ];
  for (const [changes, said] of cases) {
    const { actions, messages } = runner(changes);
    await actions.runHelper('/h');
    t.strictSame(messages.take(), [said]);
  }
});

t.test('Changing the runlevel is told on the console: before a halt, and when it worked', async t => {
  const single = runner();
  single.actions.changeRunlevel('1');
  await single.actions.settled();
  t.strictSame(single.done, ['run /runlevel 1', '/console: auditd: changed runlevel to 1\n']);
  const halt = runner();
  halt.actions.changeRunlevel('0');
  await halt.actions.settled();
  t.strictSame(halt.done, [
    '/console: auditd: will try to change runlevel to 0\n',
    'run /runlevel 0',
    '/console: auditd: changed runlevel to 0\n',
  ]);
  const failed = runner({ ended: { code: 1, signal: null }, fails: { '/console': 6 } });
  failed.actions.changeRunlevel('0');
  await failed.actions.settled();
  t.strictSame(failed.done, ['run /runlevel 0'], 'a console that is not there does not matter');
  t.strictSame(failed.messages.take(), ['warning /runlevel ended with exit code 1']);
});

t.test('Everybody who is logged in is warned, whoever’s terminal is held up', async t => {
  const record = (line: string) => {
    const bytes = Buffer.alloc(384);
    bytes.writeInt16LE(7, 0);
    bytes.write(line, 8);
    return bytes;
  };
  const utmp = Buffer.concat(['tty1', 'pts/0', 'pts/1'].map(record));
  const { actions, done, messages } = runner({ utmp, fails: { '/dev/pts/0': EAGAIN } });
  actions.warnUsers();
  await actions.settled();
  const text =
    '\nBroadcast message from audit daemon:\n' +
    'The audit system is low on disk space and is now halting the system for admin corrective action.\n';
  if (process.arch === 'x64') t.strictSame(done, [`/dev/tty1: ${text}`, `/dev/pts/1: ${text}`]);
  t.strictSame(messages.take(), []);
});

t.test('A system without utmp has nobody to warn; one that cannot be read is told', async t => {
  const none = runner({ fails: { '/utmp': ENOENT } });
  none.actions.warnUsers();
  await none.actions.settled();
  t.strictSame(none.messages.take(), []);
  const broken = runner({ fails: { '/utmp': 5 } });
  broken.actions.warnUsers();
  await broken.actions.settled();
  t.strictSame(broken.messages.take(), ['error An action of the audit daemon failed (Input/output error)']);
});

t.test('The paths are those of the reference', async t => {
  t.strictSame(productionPaths, {
    mailer: '/usr/lib/sendmail',
    runlevel: '/sbin/init',
    utmp: '/var/run/utmp',
    console: '/dev/console',
  });
});
