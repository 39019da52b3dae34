import { execFileSync } from 'node:child_process';
import t from 'tap';
import { addon, type ReaderSource } from '../../src/binding/addon.ts';
import { Ring } from '../../src/ring/ring.ts';

// What others send to the daemon's socket, and how the reader ends from each of its states. Nothing is registered.
if (process.getuid?.() !== 0) {
  t.fail('needs root: opening the audit socket with its buffer needs CAP_NET_ADMIN');
  process.exit();
}

const source = (kind: 'kernel' | 'observe', receiveBytes: number): ReaderSource =>
  kind === 'observe' ? { kind, receiveBytes } : { kind, receiveBytes, registered: null, held: [], window: null };
const open = (kind: 'kernel' | 'observe' = 'kernel') =>
  new addon.AuditReader({ bytes: 1 << 20, memfd: null }, source(kind, 1 << 20), true, '', 500, () => {});

/** Sends one datagram to the netlink port of this process, from another one. Returns what the sender was told. */
function sendForged(port: number): string {
  const program = `
import socket, struct
s = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 9)
payload = b'audit(1.000:1): forged'
try:
    s.sendto(struct.pack('=IHHII', 16 + len(payload), 1112, 0, 0, 0) + payload, (${port}, 0))
    print('sent')
except OSError as error:
    print(error.strerror)
`;
  return execFileSync('python3', ['-c', program], { encoding: 'utf8' }).trim();
}

t.test('The kernel refuses what another process sends to the daemon’s socket', async t => {
  const reader = open();
  reader.start();
  t.equal(sendForged(process.pid), 'Connection refused');
  reader.stop();
  while (!reader.isFinished) await new Promise(resolve => setImmediate(resolve));
  t.equal(new Ring(reader.memory).counters().records, 0);
  reader.close();
});

t.test('The receive buffer is as large as was asked for, and the socket can be found', async t => {
  const reader = open();
  t.ok(reader.receiveBytesGranted);
  t.ok(reader.receiveBytes >= 2 << 20);
  t.ok(reader.socketInode > 0);
  reader.close();
});

t.test('A reader ends cleanly from every state', async t => {
  open().close(); // never started
  const started = open();
  started.start();
  started.close();
  started.close();
  const stopped = open('observe');
  stopped.start();
  stopped.stop();
  while (!stopped.isFinished) await new Promise(resolve => setImmediate(resolve));
  stopped.close();
  t.ok(stopped.isFinished);
  // And when the process just ends while the thread runs.
  const program = `
    const { addon } = await import(${JSON.stringify(new URL('../../src/binding/addon.js', import.meta.url).href)});
    const reader = new addon.AuditReader({ bytes: 1 << 20, memfd: null }, { kind: 'kernel', receiveBytes: 0, registered: null, held: [], window: null }, true, '', 500, () => {});
    reader.start();
    process.exit(7);
  `;
  try {
    execFileSync(process.execPath, ['--input-type=module', '-e', program], { stdio: 'pipe' });
    t.fail('expected exit code 7');
  } catch (error) {
    t.match(error, { status: 7 });
  }
});
