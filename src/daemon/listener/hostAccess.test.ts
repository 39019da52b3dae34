import t from 'tap';
import { SaidMessages } from '../../../test/support/saidMessages.ts';
import { ALLOW_FILE, DENY_FILE, HostAccess, type HostNames } from './hostAccess.ts';

const NAMES: Readonly<Record<string, HostNames>> = {
  '192.0.2.1': { claimed: ['one.example.org'], confirmed: ['one.example.org'] },
  '192.0.2.2': { claimed: ['bank.example.com'], confirmed: [] },
  '192.0.2.3': { claimed: ['local'], confirmed: ['local'] },
};

async function allows(address: string, allow: string | null, deny: string | null): Promise<boolean> {
  const files: Readonly<Record<string, string | null>> = { [ALLOW_FILE]: allow, [DENY_FILE]: deny };
  const access = new HostAccess(
    {
      read: async path => files[path] ?? null,
      namesOf: async host => NAMES[host] ?? { claimed: [], confirmed: [] },
    },
    new SaidMessages(),
  );
  return access.allows(address);
}

const ALL = 'ALL: ALL\n';

// hosts_access(5): the pattern as hosts.allow has it above a hosts.deny that denies everybody, who gets in, who does not.
for (const [pattern, inside, outside] of [
  ['192.0.2.1', '192.0.2.1', '192.0.2.10'],
  ['192.0.2.', '192.0.2.200', '192.0.20.1'],
  ['192.0.2.0/255.255.255.128', '192.0.2.127', '192.0.2.128'],
  ['192.0.2.0/25', '::ffff:192.0.2.127', '::ffff:192.0.2.128'],
  ['192.0.2.*', '192.0.2.9', '192.0.3.9'],
  ['[2001:db8::]/32', '2001:db8::1', '2001:db9::1'],
  ['[2001:db8::1]', '2001:db8::1', '2001:db8::2'],
  ['ALL EXCEPT 192.0.2.1', '192.0.2.2', '192.0.2.1'],
  ['ALL EXCEPT 192.0.2. EXCEPT 192.0.2.1', '192.0.2.1', '192.0.2.2'],
  ['203.0.113.1, 192.0.2.1', '192.0.2.1', '192.0.2.2'],
  ['.example.org', '192.0.2.1', '192.0.2.3'],
  ['one.example.org', '192.0.2.1', '192.0.2.2'],
  ['.example.com', '198.51.100.1', '192.0.2.2'],
  ['KNOWN', '192.0.2.1', '192.0.2.2'],
  ['UNKNOWN', '192.0.2.9', '192.0.2.1'],
  ['PARANOID', '192.0.2.2', '192.0.2.1'],
  ['LOCAL', '192.0.2.3', '192.0.2.1'],
] as const) {
  t.test(`hosts.allow: ${pattern}`, async t => {
    // A name that does not lead back is nobody's: .example.com has no insider here.
    if (pattern !== '.example.com') t.equal(await allows(inside, `auditd: ${pattern}\n`, ALL), true, inside);
    t.equal(await allows(outside, `auditd: ${pattern}\n`, ALL), false, outside);
  });
}

t.test('Whom neither file names gets in', async t => {
  t.equal(await allows('192.0.2.1', null, null), true);
  t.equal(await allows('192.0.2.1', 'sshd: ALL\n', 'sshd: ALL\n'), true);
});

t.test('Lines go on after a backslash, and # starts a comment', async t => {
  t.equal(await allows('192.0.2.1', '# auditd: ALL\nsshd,\\\n auditd: \\\n192.0.2.1\n', ALL), true);
  t.equal(await allows('192.0.2.1', '# auditd: ALL\n', ALL), false);
});

t.test('The options allow and deny decide, a command is not run', async t => {
  t.equal(await allows('192.0.2.1', 'auditd: 192.0.2.1 : deny\nALL: ALL\n', null), false);
  t.equal(await allows('192.0.2.1', null, 'auditd: 192.0.2.1 : ALLOW\nALL: ALL\n'), true);
  t.equal(await allows('192.0.2.1', null, 'ALL: ALL: spawn (touch /tmp/never) &\n'), false);
});

t.test('What cannot be decided lets nobody in', async t => {
  for (const pattern of ['@netgroup', '/etc/some/file', 'user@192.0.2.1']) {
    t.equal(await allows('192.0.2.1', `auditd: ${pattern}\n`, ALL), false, `allow ${pattern}`);
    t.equal(await allows('192.0.2.1', null, `auditd: ${pattern}\n`), false, `deny ${pattern}`);
  }
});

t.test('A file that cannot be read lets nobody in, and is named', async t => {
  const messages = new SaidMessages();
  const denied = Object.assign(new Error('EACCES'), { code: 'EACCES', errno: -13 });
  const access = new HostAccess(
    { read: () => Promise.reject(denied), namesOf: async () => ({ claimed: [], confirmed: [] }) },
    messages,
  );
  t.equal(await access.allows('192.0.2.1'), false);
  t.match(messages.said, [/^error \/etc\/hosts\.allow: cannot be read \(Permission denied\)/]);
});
