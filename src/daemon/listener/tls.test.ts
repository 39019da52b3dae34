import { once } from 'node:events';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { connect as connectPlain, createServer } from 'node:net';
import { connect } from 'node:tls';
import t from 'tap';
import { Listening, TestClient } from '../../../test/support/listening.ts';
import { SaidMessages } from '../../../test/support/saidMessages.ts';
import { FieldError } from '../../base/errors.ts';
import { builtInConfig } from '../config/loadAuditdConfig.ts';
import { systemFacts } from '../config/systemFacts.ts';
import type { ListenerSettings } from './listenerSettings.ts';
import { readPskFile } from './pskFile.ts';
import { loadTlsClients } from './tlsClients.ts';
import { MOST_HANDSHAKES, TlsGate } from './tlsGate.ts';

if (process.getuid?.() !== 0) {
  t.plan(0, 'needs root: key files must be root’s');
  process.exit();
}

const facts = systemFacts(() => null);
const directory = mkdtempSync('/var/lib/node-auditd-tls-');
t.teardown(() => rmSync(directory, { recursive: true }));

const KEY = Buffer.alloc(32, 7);
const OTHER_KEY = Buffer.alloc(48, 9);

function file(name: string, text: string, mode = 0o400): string {
  const path = `${directory}/${name}`;
  rmSync(path, { force: true });
  writeFileSync(path, text);
  chmodSync(path, mode);
  return path;
}
const keyFile = file('psk', `${KEY.toString('hex')}\n`);
const otherFile = file('other', OTHER_KEY.toString('hex').toUpperCase());

const TLS = {
  transport: 'tls',
  tlsPskFile: keyFile,
  tlsPskIdentity: 'node-a',
  usesLibwrap: false,
} satisfies Partial<ListenerSettings>;

async function listening(settings: Partial<ListenerSettings> = {}): Promise<Listening> {
  const made = new Listening({ ...TLS, ...settings });
  await made.listener.start();
  // What this OpenSSL lacks of the profile's groups is said once, and depends on the machine.
  for (const said of made.messages.take()) t.match(said, /^warning TLS: this OpenSSL has no X25519MLKEM768/);
  return made;
}

const open: TestClient[] = [];
t.afterEach(() => {
  for (const { socket } of open.splice(0)) socket.destroy();
});

type How = readonly [identity: string, psk: Buffer, version?: 'TLSv1.2' | 'TLSv1.3', ciphers?: string];

function client(made: Listening, ...how: How): TestClient {
  return clientOf(made.listener.port ?? 0, ...how);
}

function clientOf(
  port: number,
  ...[identity, psk, version = 'TLSv1.3', ciphers = 'TLS_AES_128_GCM_SHA256:PSK']: How
): TestClient {
  const socket = connect({
    port,
    host: '127.0.0.1',
    minVersion: version,
    maxVersion: version,
    ciphers,
    checkServerIdentity: () => undefined,
    pskCallback: () => ({ identity, psk }),
  });
  const one = new TestClient(socket);
  open.push(one);
  return one;
}

const outcome = (line: string | undefined) => /res=\S+|id=\S+|reason=\S+/g[Symbol.match](line ?? '');

t.test('A client with the key is let in, its session and its end are logged', async t => {
  const made = await listening({ tlsKeyExchange: 'X25519' });
  const one = client(made, 'node-a', KEY);
  one.send('type=A msg=a');
  await made.until('the answer', () => one.answers.length === 1);
  t.strictSame(one.answers, ['40000000 2']);
  one.socket.end();
  await one.closed;
  await made.until('the end', () => made.log.lines.length === 6);
  const peer = '(::ffff:)?127\\.0\\.0\\.1';
  const session = (direction: string) =>
    new RegExp(
      `^CRYPTO_SESSION op=start direction=${direction} cipher=TLS_AES_128_GCM_SHA256 ksize=128 mac=<implicit> pfs=X25519 ` +
        `spid=${process.pid} suid=\\? rport=\\d+ laddr=${peer} lport=${made.listener.port}  exe="${process.execPath}" ` +
        `hostname=\\? addr=${peer} terminal=\\? res=success$`,
    );
  const [first, second, accept, record, close, keys] = made.log.lines;
  t.match(first, session('from-client'));
  t.match(second, session('from-server'));
  t.match(
    accept,
    new RegExp(
      `^ACCEPT op=tls-accept res=success role=collector addr=${peer} port=\\d+ id=node-a profile=compatible ` +
        'reason=success auth=psk tls_version=TLSv1.3 cipher=TLS_AES_128_GCM_SHA256 group=X25519$',
    ),
  );
  t.equal(record, 'type=A msg=a');
  t.match(close, /^CLOSE addr=\S+ port=\d+ res=success$/);
  t.match(
    keys,
    /^CRYPTO_KEY_USER op=destroy kind=session fp=\? direction=both spid=\d+ suid=\? rport=\d+ laddr=\S+ lport=\d+ {2}exe=/,
  );
  t.match(made.messages.said, [/^info TLS connection from +\S+ using TLS_AES_128_GCM_SHA256 kex=X25519$/]);
  await made.listener.stop();
});

// Section 9.6, the table of reasons.
for (const [reason, identity, key, settings] of [
  ['unknown-identity', 'node-b', KEY, {}],
  ['handshake-error', 'node-a', OTHER_KEY, {}],
  ['invalid-identity', 'node a', KEY, {}],
  ['no-authorization', 'node-a', KEY, { tlsPskIdentity: null }],
  ['no-key-material', 'node-a', KEY, { tlsPskFile: null }],
] as const) {
  t.test(`reason=${reason}`, async t => {
    const made = await listening(settings);
    const one = client(made, identity, key);
    await one.closed;
    await made.until('the record', () => made.log.lines.length === 1);
    const id = reason === 'invalid-identity' ? '?' : identity;
    t.strictSame(outcome(made.log.lines[0]), ['res=no', `id=${id}`, `reason=${reason}`]);
    t.match(made.log.lines[0], 'tls_version=none cipher=none group=unknown');
    t.match(made.listener.state, { activeConnections: 0, counters: { accepted: 0, refused: 1 } });
    await made.listener.stop();
  });
}

t.test('Without a cipher in common: reason=no-matching-cipher', async t => {
  const made = await listening({ tlsCipherSuites: 'TLS_AES_128_GCM_SHA256' });
  await client(made, 'node-a', KEY, 'TLSv1.3', 'TLS_CHACHA20_POLY1305_SHA256:PSK').closed;
  await made.until('the record', () => made.log.lines.length === 1);
  t.strictSame(outcome(made.log.lines[0]), ['res=no', 'id=?', 'reason=no-matching-cipher']);
  await made.listener.stop();
});

t.test('A client that says nothing is not waited for: reason=handshake-timeout', async t => {
  const gate = new TlsGate({ ...builtInConfig(), ...TLS }, facts, new SaidMessages(), 1);
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const socket = connectPlain({ port: typeof address === 'object' && address !== null ? address.port : 0 });
  socket.on('error', () => undefined); // thrown out
  const [raw] = await once(server, 'connection');
  t.match(await gate.handshake(raw), { outcome: { reason: 'handshake-timeout', identity: null }, socket: null });
  t.equal(raw.destroyed, true);
  t.equal(gate.hasRoom, true);
  socket.destroy();
  server.close();
});

t.test('An identity that is disabled during its handshake is not let in: reason=identity-revoked', async t => {
  const list = (status: string) => file('clients', `node-a ${status} key=${keyFile}\n`, 0o600);
  const made = await listening({ tlsPskFile: null, tlsPskIdentity: null, tlsAllowedClientsFile: list('enabled') });
  // Between both: the client's second flight is held until the list has changed.
  const between = createServer(near => {
    const far = connectPlain({ port: made.listener.port ?? 0, host: '127.0.0.1' });
    far.pipe(near);
    let flights = 0;
    near.on('data', async chunk => {
      if (++flights === 2) {
        list('disabled');
        await made.listener.reconfigure(made.settings);
      }
      far.write(chunk);
    });
    for (const socket of [near, far]) socket.on('error', () => undefined); // thrown out
  });
  between.listen(0, '127.0.0.1');
  await once(between, 'listening');
  const address = between.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const one = clientOf(port, 'node-a', KEY);
  await made.until('the record', () => made.log.lines.length === 1);
  t.strictSame(outcome(made.log.lines[0]), ['res=no', 'id=node-a', 'reason=identity-revoked']);
  one.socket.destroy();
  between.close();
  await made.listener.stop();
});

t.test('What is no TLS 1.3, or no TLS at all, is refused', async t => {
  const made = await listening();
  await client(made, 'node-a', KEY, 'TLSv1.2').closed;
  const plain = await made.connect();
  plain.send('type=A msg=a');
  await plain.closed;
  await made.until('the records', () => made.log.lines.length === 2);
  for (const line of made.log.lines) t.strictSame(outcome(line), ['res=no', 'id=?', 'reason=handshake-error']);
  await made.listener.stop();
});

t.test('A client without a key has nothing to authenticate with: reason=no-psk-identity', async t => {
  const made = await listening();
  const socket = connect({ port: made.listener.port ?? 0, host: '127.0.0.1', rejectUnauthorized: false });
  await new TestClient(socket).closed;
  await made.until('the record', () => made.log.lines.length === 1);
  t.strictSame(outcome(made.log.lines[0]), ['res=no', 'id=?', 'reason=no-psk-identity']);
  await made.listener.stop();
});

t.test(`More than ${MOST_HANDSHAKES} handshakes at a time are refused, and a stop ends those under way`, async t => {
  const made = await listening({ tcpListenQueue: 100 });
  const sockets = await Promise.all(
    Array.from({ length: MOST_HANDSHAKES + 1 }, async () => {
      const socket = connectPlain({ port: made.listener.port ?? 0, host: '127.0.0.1' });
      socket.on('error', () => undefined); // thrown out
      await once(socket, 'connect');
      return socket;
    }),
  );
  await made.until('the refusal', () => made.log.lines.length === 1);
  t.match(made.log.lines[0], /^ACCEPT op=handshake-limit addr=\S+ port=\d+ res=no$/);
  t.match(made.messages.said, [/^error TLS handshake limit reached, rejecting +\S+$/]);
  await made.listener.stop();
  await made.until('the records', () => made.log.lines.length === 1 + MOST_HANDSHAKES);
  t.ok(made.log.lines.slice(1).every(line => line.includes('reason=shutdown ')));
  for (const socket of sockets) socket.destroy();
});

t.test('With a list of clients each has its key; one that is disabled is refused, then thrown out', async t => {
  const list = (a: string) =>
    file('clients', `# who may\nnode-a ${a} key=${keyFile}\nnode-b\tEnabled key=${otherFile}\n`, 0o600);
  const made = await listening({ tlsPskFile: null, tlsPskIdentity: null, tlsAllowedClientsFile: list('enabled') });
  const [a, b] = [client(made, 'node-a', KEY), client(made, 'node-b', OTHER_KEY)];
  for (const one of [a, b]) one.send('type=A msg=a');
  await made.until('the answers', () => a.answers.length === 1 && b.answers.length === 1);
  made.messages.take();
  list('disabled');
  await made.listener.reconfigure(made.settings);
  await a.closed;
  t.strictSame(made.messages.take(), [
    'notice TLS client ACL reloaded (2->1 enabled)',
    "notice Evicting TLS client 'node-a': identity disabled or removed",
  ]);
  b.send('type=A msg=b');
  await made.until('the other goes on', () => b.answers.length === 2);
  const before = made.log.lines.length;
  await client(made, 'node-a', KEY).closed;
  await made.until('the refusal', () =>
    made.log.lines.slice(before).some(line => line.includes('reason=disabled-identity')),
  );
  // A faulty list changes nothing, nor does one of another kind.
  file('clients', 'node-a maybe\n', 0o600);
  await made.listener.reconfigure(made.settings);
  t.match(made.messages.take(), [
    /clients:1: "maybe": expected enabled or disabled/,
    'error Failed to reload TLS client ACL; keeping current ACL',
  ]);
  file('clients', 'node-b enabled\n', 0o600);
  await made.listener.reconfigure(made.settings);
  t.equal(made.messages.take().at(-1), 'error Failed to reload TLS client ACL; keeping current ACL');
  b.send('type=A msg=c');
  await made.until('the client of before', () => b.answers.length === 3);
  await made.listener.reconfigure({ ...made.settings, tlsCipherSuites: 'TLS_AES_128_GCM_SHA256' });
  t.equal(made.messages.take()[0], 'notice TLS context not reloaded; restart auditd to apply TLS/PSK config changes');
  await made.listener.stop();
});

t.test('A TLS listener does not start on what it cannot use, and says what that is', async t => {
  for (const [settings, said] of [
    [{ tlsPskFile: file('weak', 'abcd') }, /weak: expected a key of 32 to 512 bytes/],
    [{ tlsAllowedClientsFile: `${directory}/none` }, /none: expected the file to exist/],
    [{ tlsCipherSuites: 'TLS_AES_256_GCM_SHA384' }, /needs a suite with SHA256/],
    [{ tlsKeyExchange: 'NoSuchGroup' }, /does not offer the TLS ciphers and groups/],
    [{ tlsCryptoProfile: 'pqc', tlsKeyExchange: 'X25519' }, /the profile pqc offers MLKEM groups alone/],
  ] as const) {
    const made = new Listening({ ...TLS, ...settings });
    await t.rejects(made.listener.start(), { name: 'ListenFailure' });
    t.ok(
      made.messages.said.some(text => said.test(text)),
      made.messages.said.join(),
    );
  }
});

t.test('A key file is root’s alone, and holds a key', async t => {
  const link = `${directory}/link`;
  symlinkSync(keyFile, link);
  mkdirSync(`${directory}/folder`);
  for (const [path, expected] of [
    [file('wide', KEY.toString('hex'), 0o440), /mode 0400, not 0440/],
    [file('odd', `${KEY.toString('hex')}a`), /an even number/],
    [file('words', 'x'.repeat(64)), /an even number/],
    [file('empty', ''), /an even number/],
    [file('long', 'ab'.repeat(513)), /32 to 512 bytes/],
    [link, /no symbolic link/],
    [`${directory}/folder`, /a regular file/],
    [`${directory}/missing`, /No such file/],
  ] as const) {
    try {
      readPskFile(path, facts);
      t.fail(`${path} was taken`);
    } catch (error) {
      t.ok(error instanceof FieldError && expected.test(error.message), String(error));
    }
  }
  t.strictSame(readPskFile(otherFile, facts), OTHER_KEY, 'in either case');
});

t.test('Each fault of a list of clients is named', async t => {
  const faults = (text: string, mode = 0o600) => {
    const load = loadTlsClients(file('list', text, mode), facts);
    return load.kind === 'loaded' ? [] : load.faults.map(({ message }) => message.replace(/^.*\/list/, ''));
  };
  t.strictSame(faults('a enabled since 2020\nb disabled\n'), []);
  t.strictSame(faults(`a enabled key=${keyFile}\na enabled key=${keyFile}\n`), [
    ':2: "a": expected each identity once',
  ]);
  t.match(faults(`a enabled key=${keyFile}\nb enabled key=${keyFile}\n`), [/:2: .*a key file of its own/]);
  const copy = file('copy', KEY.toString('hex'));
  t.match(faults(`a enabled key=${keyFile}\nb enabled key=${copy}\n`), [/:2: .*a key of its own/]);
  t.match(faults(`a enabled key=${keyFile}\nb disabled\n`), [/key= with every identity/]);
  t.match(faults('a enabled\nb enabled\n'), [/one enabled identity, not 2/]);
  t.match(faults('a enabled key=relative\n'), [/an absolute path after key=/]);
  t.match(faults(`${'i'.repeat(256)} enabled\n`), [/1 to 255 printable/]);
  t.match(faults(`a enabled ${'n'.repeat(510)}\n`), [/at most 510 characters/]);
  t.match(faults('a enabled\n', 0o620), [/no write permission for the group/]);
  t.match(faults('a enabled\n', 0o602), [/no write permission for others/]);
});
