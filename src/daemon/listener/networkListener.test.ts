import { createServer } from 'node:net';
import t from 'tap';
import { Listening } from '../../../test/support/listening.ts';
import { LogFailure, LogSuspended } from '../../sinks/log/logFailure.ts';
import { encodeMessage, HEARTBEAT } from './managedProtocol.ts';

const enospc = Object.assign(new Error('ENOSPC'), { code: 'ENOSPC', errno: -28 });
const eio = Object.assign(new Error('EIO'), { code: 'EIO', errno: -5 });
const failure = (cause: Error) =>
  new LogFailure({ operation: 'write', cause, keptBytes: 0, isWritten: false, failuresInRow: 1 });
const ACK = '40000000';

async function listening(...args: ConstructorParameters<typeof Listening>): Promise<Listening> {
  const made = new Listening(...args);
  await made.listener.start();
  return made;
}

/** The records of connections, without the port that the system chose and the form of the address. */
const connections = (lines: readonly string[]) =>
  lines.filter(line => /^(ACCEPT|CLOSE|CRYPTO)/.test(line)).map(line => line.replace(/addr=\S+ port=\d+/, 'PEER'));

t.test('A client is let in, its records are logged as they came and acknowledged, and its end is logged', async t => {
  const made = await listening();
  const client = await made.connect();
  client.send('type=USER_LOGIN msg=audit(1.000:2): pid=1\x1dAUID="root"\n');
  client.send('', HEARTBEAT);
  client.send('node=far type=EOE msg=audit(1.000:2): \n');
  await made.until('the answers', () => client.answers.length === 3);
  t.strictSame(client.answers, [`${ACK} 2`, `${ACK} 3`, `${ACK} 4`]);
  client.socket.end();
  await client.closed;
  await made.until('the record of the end', () => made.log.lines.length === 4);
  t.match(made.log.lines[0], /^ACCEPT addr=(::ffff:)?127\.0\.0\.1 port=\d+ res=success$/);
  t.strictSame(made.log.lines.slice(1, 3), [
    'type=USER_LOGIN msg=audit(1.000:2): pid=1\x1dAUID="root"',
    'node=far type=EOE msg=audit(1.000:2): ',
  ]);
  t.match(made.log.lines[3], /^CLOSE addr=(::ffff:)?127\.0\.0\.1 port=\d+ res=success$/);
  t.match(made.listener.state, {
    isListening: true,
    activeConnections: 0,
    counters: { accepted: 1, recordsReceived: 2 },
  });
  t.strictSame(made.messages.said, []);
  await made.listener.stop();
});

// Section 9.2 and 4.3: what is answered when the log does not take the record.
for (const [what, error, answer] of [
  ['a full disk', failure(enospc), '60000001 2 disk full'],
  ['a disk error', failure(eio), '60000002 2 disk write error'],
  ['suspended logging', new LogSuspended(), '60000002 2 remote logging suspended'],
] as const) {
  t.test(`The client is told of ${what}, and still has the record`, async t => {
    const made = await listening();
    const client = await made.connect();
    await made.until('the client', () => made.log.lines.length === 1);
    made.log.failures.push(error);
    client.send('type=A msg=first');
    await made.until('the answer', () => client.answers.length === 1);
    client.send('type=A msg=second');
    await made.until('the next', () => client.answers.length === 2);
    t.strictSame(client.answers, [answer, `${ACK} 3`]);
    t.strictSame(made.log.lines.slice(1), ['type=A msg=second']);
    t.match(made.listener.state.counters, { recordsReturned: 1, recordsLost: 0 });
    await made.listener.stop();
  });
}

t.test('What made room again, a rotation, also saves the remote record', async t => {
  const made = await listening();
  made.decision = 'retry';
  const client = await made.connect();
  await made.until('the client', () => made.log.lines.length === 1);
  made.log.failures.push(failure(enospc));
  client.send('type=A msg=a');
  await made.until('the answer', () => client.answers.length === 1);
  t.strictSame(client.answers, [`${ACK} 2`]);
  await made.listener.stop();
});

t.test('A disk that stays full holds up a remote record for two tries, not for ever', async t => {
  const made = await listening();
  made.decision = 'retry';
  const client = await made.connect();
  await made.until('the client', () => made.log.lines.length === 1);
  made.log.failures.push(failure(enospc), failure(enospc));
  client.send('type=A msg=a');
  await made.until('the answer', () => client.answers.length === 1);
  t.strictSame(client.answers, ['60000001 2 disk full']);
  await made.listener.stop();
});

t.test('While the space_left warning stands, an acknowledgement says that the disk is low', async t => {
  const made = await listening();
  made.isLowOnSpace = true;
  const client = await made.connect();
  client.send('type=A msg=a');
  client.send('', HEARTBEAT);
  await made.until('the answers', () => client.answers.length === 2);
  t.strictSame(client.answers, ['50000001 2', `${ACK} 3`]);
  await made.listener.stop();
});

t.test('Text outside the protocol is logged where it is a record, counted where not, and never answered', async t => {
  const made = await listening();
  const client = await made.connect();
  client.socket.write('type=USER_LOGIN msg=audit(1.000:2): a\nGET / HTTP/1.1\nnode=b type=TEST msg=audit(1.000:3): c');
  client.socket.end();
  await client.closed;
  await made.until('the end', () => made.log.lines.length === 4);
  t.strictSame(made.log.lines.slice(1, 3), [
    'type=USER_LOGIN msg=audit(1.000:2): a',
    'node=b type=TEST msg=audit(1.000:3): c',
  ]);
  t.strictSame(client.answers, []);
  t.equal(made.listener.state.counters.textIgnored, 1);
  await made.listener.stop();
});

t.test('Text that the log did not take is lost, and counted so', async t => {
  const made = await listening();
  const client = await made.connect();
  await made.until('the client', () => made.log.lines.length === 1);
  made.log.failures.push(failure(eio));
  client.socket.end('type=A msg=a\n');
  await client.closed;
  t.match(made.listener.state.counters, { recordsLost: 1, recordsReturned: 0 });
  await made.listener.stop();
});

t.test('A client that sends no messages is thrown out, the others are served', async t => {
  const made = await listening();
  const [bad, good] = [await made.connect(), await made.connect()];
  bad.socket.write(encodeMessage(0, 2, Buffer.alloc(9000)));
  await bad.closed;
  good.send('type=A msg=a');
  await made.until('the answer', () => good.answers.length === 1);
  t.match(made.messages.said, [/^warning client .* sent what is no audit message - closing connection$/]);
  t.equal(made.listener.state.counters.clientsBroken, 1);
  await made.listener.stop();
});

t.test('A connection that breaks is told', async t => {
  const made = await listening();
  const client = await made.connect();
  await made.until('the client', () => made.listener.state.activeConnections === 1);
  client.socket.resetAndDestroy();
  await made.until('the end', () => made.listener.state.activeConnections === 0);
  t.match(made.messages.said, [/^warning client {24,}\S+:\d+ socket closed unexpectedly$/]);
  await made.until('its record', () => made.log.lines.length === 2);
  t.strictSame(connections(made.log.lines), ['ACCEPT PEER res=success', 'CLOSE PEER res=success']);
  await made.listener.stop();
});

// Section 9.4: who is not let in, and what is logged.
t.test('op=wrap: hosts.allow and hosts.deny, unless use_libwrap = no', async t => {
  const nobody = { access: { allows: async () => false } };
  const made = await listening({}, nobody);
  const client = await made.connect();
  await client.closed;
  await made.until('the record', () => made.log.lines.length === 1);
  t.strictSame(connections(made.log.lines), ['ACCEPT op=wrap PEER res=no']);
  t.match(made.messages.said, [/^error TCP connection from +\S+:\d+ rejected$/]);
  await made.listener.reconfigure({ ...made.settings, usesLibwrap: false });
  const other = await made.connect();
  other.send('type=A msg=a');
  await made.until('the answer', () => other.answers.length === 1);
  await made.listener.stop();
});

t.test('op=port: a client port outside tcp_client_ports', async t => {
  const made = await listening({ tcpClientPorts: { first: 1, last: 1023 } });
  const client = await made.connect();
  await client.closed;
  await made.until('the record', () => made.log.lines.length === 1);
  t.strictSame(connections(made.log.lines), ['ACCEPT op=port PEER res=no']);
  t.match(made.messages.said, [/^error TCP connection from +\S+:\d+ rejected$/]);
  t.match(made.listener.state, { activeConnections: 0, counters: { accepted: 0, refused: 1 } });
  await made.listener.stop();
});

t.test('op=dup: more than tcp_max_per_addr of one address, until one of them has gone', async t => {
  const made = await listening({ tcpMaxPerAddress: 1 });
  const first = await made.connect();
  await made.until('the first', () => made.listener.state.activeConnections === 1);
  await (await made.connect()).closed;
  await made.until('the record', () => made.log.lines.length === 2);
  t.strictSame(connections(made.log.lines), ['ACCEPT PEER res=success', 'ACCEPT op=dup PEER res=no']);
  t.match(made.messages.said, [/^error Too many connections from +\S+:\d+ - rejected$/]);
  first.socket.end();
  await first.closed;
  await made.until('its end', () => made.listener.state.activeConnections === 0);
  const third = await made.connect();
  third.send('type=A msg=a');
  await made.until('the answer', () => third.answers.length === 1);
  await made.listener.stop();
});

t.test('op=alloc: more connections than there is room for, whatever their address', async t => {
  const made = await listening({}, { mostConnections: 1 });
  await made.connect();
  await (await made.connect()).closed;
  await made.until('the record', () => made.log.lines.length === 2);
  t.strictSame(connections(made.log.lines), ['ACCEPT PEER res=success', 'ACCEPT op=alloc PEER res=no']);
  t.strictSame(made.messages.said, ['critical Unable to allocate TCP client data']);
  await made.listener.stop();
});

t.test('A client that only sends is not read on until its answers are written', async t => {
  const made = await listening();
  let release = () => {};
  const flooder = await made.connect();
  await made.until('the client', () => made.log.lines.length === 1);
  made.log.held = new Promise(resolve => {
    release = resolve;
  });
  const record = encodeMessage(0, 2, Buffer.from(`type=A msg=${'x'.repeat(8000)}`));
  const flood = Buffer.concat(Array.from({ length: 4000 }, () => record)); // 32 MB
  flooder.socket.write(flood);
  await made.until('the kernel buffers to fill', () => made.listener.state.counters.recordsReceived > 0);
  const other = await made.connect();
  other.send('type=B msg=b');
  await made.until('the other', () => made.listener.state.activeConnections === 2);
  await made.until('both to wait', () => made.listener.state.counters.recordsReceived >= 8);
  t.ok(made.listener.state.counters.recordsReceived < 64, 'one piece of each is in our memory');
  made.log.held = null;
  release();
  await made.until('the other’s answer, long before the flood has ended', () => other.answers.length === 1);
  await made.until('the flood', () => made.listener.state.counters.recordsReceived === 4001);
  await made.until('its answers', () => flooder.answers.length === 4000);
  t.equal(made.log.lines.filter(line => line.startsWith('type=A')).length, 4000);
  await made.listener.stop();
});

t.test('While the log stalls, refused connections are counted instead of queued', async t => {
  const made = await listening({ tcpClientPorts: { first: 0, last: 0 }, tcpListenQueue: 511 });
  let release = () => {};
  made.log.held = new Promise(resolve => {
    release = resolve;
  });
  for (let done = 0; done < 1500; done += 50) {
    await Promise.all(Array.from({ length: 50 }, async () => (await made.connect()).closed));
  }
  const { refused, refusedUnrecorded } = made.listener.state.counters;
  made.log.held = null;
  release();
  await made.until('the records', () => made.log.lines.length === refused - refusedUnrecorded);
  t.equal(refused, 1500);
  t.ok(refusedUnrecorded > 0 && refusedUnrecorded < 1500, `${refusedUnrecorded} without a record`);
  await made.listener.stop();
});

t.test('A stop tells every client ENDING, and logs that it is gone', async t => {
  const made = await listening();
  const clients = [await made.connect(), await made.connect()];
  for (const client of clients) client.send('type=A msg=a');
  await made.until('the answers', () => clients.every(({ answers }) => answers.length === 1));
  await made.listener.stop();
  await made.until('the records', () => made.log.lines.length === 6);
  for (const client of clients) {
    await client.closed;
    t.strictSame(client.answers, [`${ACK} 2`, '40000001 0']);
  }
  t.equal(connections(made.log.lines).filter(line => line === 'CLOSE PEER res=success').length, 2);
  t.equal(made.listener.state.isListening, false);
});

t.test('distribute_network hands records to the plugins, and the end of an event to them alone', async t => {
  const made = await listening({ distributesNetworkEvents: true });
  const client = await made.connect();
  client.send('type=SYSCALL msg=audit(1.000:2): a');
  client.send('type=EOE msg=audit(1.000:2): ');
  client.send('type=DAEMON_ROTATE msg=audit(1.000:3): op=rotate-logs');
  client.send('whatever');
  await made.until('the answers', () => client.answers.length === 4);
  t.strictSame(made.distributed, [
    '1300 type=SYSCALL msg=audit(1.000:2): a',
    '1320 type=EOE msg=audit(1.000:2):',
    '1205 type=DAEMON_ROTATE msg=audit(1.000:3): op=rotate-logs',
  ]);
  t.strictSame(
    made.log.lines.slice(1).map(line => line.split(' ')[0]),
    ['type=SYSCALL', 'type=DAEMON_ROTATE', 'whatever'],
  );
  await made.listener.reconfigure({ ...made.settings, distributesNetworkEvents: false });
  client.send('type=EOE msg=audit(1.000:4): ');
  await made.until('the answer', () => client.answers.length === 5);
  t.equal(made.distributed.length, 3);
  t.equal(made.log.lines.at(-1), 'type=EOE msg=audit(1.000:4): ');
  await made.listener.stop();
});

t.test('tcp_client_max_idle: who was silent for an interval goes, who spoke stays', async t => {
  const made = await listening({ tcpClientMaxIdleSeconds: 1 });
  const [silent, lively] = [await made.connect(), await made.connect()];
  const beats = setInterval(() => lively.send('', HEARTBEAT), 20);
  await silent.closed;
  clearInterval(beats);
  t.equal(lively.socket.destroyed, false);
  t.match(made.messages.said, [/^notice client +\S+:\d+ idle too long - closing connection$/]);
  await made.listener.stop();
});

t.test('A client that does not read its answers is idle, too, however much it would send', async t => {
  const made = await listening({ tcpClientMaxIdleSeconds: 1 });
  const client = await made.connect();
  client.socket.pause();
  const beats = Buffer.concat(Array.from({ length: 4096 }, () => encodeMessage(HEARTBEAT, 2, Buffer.alloc(0))));
  for (let sent = 0; sent < 64 << 20; sent += beats.length) client.socket.write(beats); // more than the kernel buffers
  await made.until('it to go', () => made.listener.state.activeConnections === 0);
  t.match(made.messages.said, [/idle too long - closing connection$/]);
  client.socket.destroy();
  await made.listener.stop();
});

// --- 9.8: reload ---

t.test('Reload: a port that appears is listened on, one that goes or changes waits for a restart', async t => {
  const made = new Listening({ tcpListenPort: null });
  await made.listener.start();
  t.equal(made.listener.port, null);
  await made.listener.reconfigure({ ...made.settings, tcpListenPort: 0 });
  const { port } = made.listener;
  t.ok(port !== null);
  t.strictSame(made.messages.take(), ['notice starting TCP listener on 0']);
  await made.listener.reconfigure({ ...made.settings, tcpListenPort: null });
  t.strictSame(made.messages.take(), ['notice TCP listener disabled; restart required']);
  await made.listener.reconfigure({ ...made.settings, tcpListenPort: 7 });
  t.strictSame(made.messages.take(), ['notice tcp_listen_port change requires restart']);
  t.equal(made.listener.port, port);
  // Disabled and still there: its clients are told of the end all the same.
  const client = await made.connect();
  await made.until('the client', () => made.listener.state.activeConnections === 1);
  await made.listener.stop();
  await client.closed;
  t.strictSame(client.answers, ['40000001 0']);
});

t.test('Reload: another transport waits for a restart', async t => {
  const made = await listening();
  await made.listener.reconfigure({ ...made.settings, transport: 'tls' });
  t.strictSame(made.messages.take(), ['notice transport change requires restart']);
  await made.listener.stop();
  const off = new Listening({ tcpListenPort: null });
  await off.listener.reconfigure({ ...off.settings, tcpListenPort: 0, transport: 'tls' });
  t.strictSame(off.messages.take(), ['notice Starting TLS listener requires restart; port change ignored']);
  t.equal(off.listener.port, null);
});

t.test('Reload: another tcp_listen_queue restarts the listener, and sends its clients away', async t => {
  const made = await listening({ tcpListenQueue: 5 });
  const client = await made.connect();
  await made.until('the client', () => made.listener.state.activeConnections === 1);
  await made.listener.reconfigure({ ...made.settings, tcpListenQueue: 9 });
  await client.closed;
  t.strictSame(client.answers, ['40000001 0']);
  t.strictSame(made.messages.take(), ['notice tcp_listen_queue changed - restarting listener']);
  const again = await made.connect();
  again.send('type=A msg=a');
  await made.until('the answer', () => again.answers.length === 1);
  await made.listener.stop();
});

t.test('Reload: tcp_max_per_addr and tcp_client_ports count for the next connection', async t => {
  const made = await listening();
  await made.listener.reconfigure({ ...made.settings, tcpMaxPerAddress: 1 });
  await made.connect();
  await made.until('the first', () => made.listener.state.activeConnections === 1);
  await (await made.connect()).closed;
  await made.listener.reconfigure({ ...made.settings, tcpClientPorts: { first: 0, last: 1 } });
  await (await made.connect()).closed;
  await made.until('the records', () => made.log.lines.length === 3);
  t.match(connections(made.log.lines), [/success/, /op=dup/, /op=port/]);
  t.strictSame(made.messages.take().length, 2);
  await made.listener.stop();
});

t.test('A port that somebody else has is said; the daemon runs on, and SIGHUP tries again', async t => {
  const other = createServer();
  await new Promise<void>(resolve => other.listen(0, resolve));
  const address = other.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const made = await listening({ tcpListenPort: port });
  const inUse = `error Cannot bind listener socket to port ${port} (Address already in use)`;
  t.strictSame(made.messages.take(), [inUse]);
  t.equal(made.listener.state.isListening, false);
  await made.listener.reconfigure(made.settings);
  t.strictSame(made.messages.take(), [
    `notice starting TCP listener on ${port}`,
    inUse,
    'error failed to start listener',
  ]);
  await new Promise(resolve => other.close(resolve));
  await made.listener.reconfigure(made.settings);
  t.equal(made.listener.port, port);
  await made.listener.stop();
});
