import t from 'tap';
import { ClientInput, type Received } from './clientInput.ts';
import { encodeMessage, encodeReply, HEADER_BYTES, HEARTBEAT, MOST_MESSAGE_BYTES } from './managedProtocol.ts';

const message = (sequence: number, body: string) => encodeMessage(0, sequence, Buffer.from(body));
const told = (received: readonly Received[]) =>
  received.map(one => (one.kind === 'heartbeat' ? `heartbeat ${one.sequence}` : `${one.kind} ${one.body}`));

t.test('A message is sixteen little-endian bytes of header and its body', async t => {
  const bytes = encodeMessage(0x60000002, 0x01020304, Buffer.from('ab'));
  t.equal(bytes.toString('hex'), `fe0000ff${'0000'}${'02000060'}${'0200'}${'04030201'}6162`);
});

// Section 9.2, the table of types.
for (const [reply, type, body] of [
  ['ack', '00000040', ''],
  ['ending', '01000040', ''],
  ['disk-low', '01000050', ''],
  ['disk-full', '01000060', 'disk full'],
  ['disk-error', '02000060', 'disk write error'],
  ['suspended', '02000060', 'remote logging suspended'],
] as const) {
  t.test(`The reply ${reply} has its type and text`, async t => {
    const bytes = encodeReply(reply, 7);
    t.equal(bytes.toString('hex', 6, 10), type);
    t.equal(bytes.readUInt32LE(12), 7);
    t.equal(bytes.toString('latin1', HEADER_BYTES), body);
  });
}

t.test('Messages, heartbeats and lines are told apart, however they are cut', async t => {
  const stream = Buffer.concat([
    message(2, 'type=A msg=a'),
    encodeMessage(HEARTBEAT, 3, Buffer.alloc(0)),
    Buffer.from('type=B msg=b\n'),
    encodeMessage(0x1234, 4, Buffer.from('type=C msg=c\n')),
    message(5, ''),
  ]);
  const expected = ['record type=A msg=a', 'heartbeat 3', 'text type=B msg=b', 'record type=C msg=c\n', 'record '];
  for (let size = 1; size <= stream.length; size++) {
    const input = new ClientInput();
    const received: Received[] = [];
    for (let at = 0; at < stream.length; at += size) received.push(...input.take(stream.subarray(at, at + size)));
    t.strictSame(told(received), expected);
    t.strictSame(input.end(), []);
  }
});

t.test(
  'The longest message is 8970 bytes with its header; a longer one breaks the input before it arrives',
  async t => {
    const body = 'x'.repeat(MOST_MESSAGE_BYTES - HEADER_BYTES);
    const whole = new ClientInput();
    t.equal(whole.take(message(2, body)).length, 1);
    t.equal(whole.isBroken, false);

    const broken = new ClientInput();
    t.strictSame(
      told(broken.take(Buffer.concat([message(2, 'a'), message(3, `${body}x`).subarray(0, HEADER_BYTES)]))),
      ['record a'],
    );
    t.equal(broken.isBroken, true);
    t.strictSame(broken.take(message(4, 'b')), [], 'nothing after it is believed');
    t.strictSame(broken.end(), []);
  },
);

t.test('Text without a newline is kept for as long as a record may be', async t => {
  const input = new ClientInput();
  t.strictSame(input.take(Buffer.from('x'.repeat(MOST_MESSAGE_BYTES - 1))), []);
  t.equal(input.isBroken, false);
  input.take(Buffer.from('x'));
  t.equal(input.isBroken, true);
});

t.test('At the end a line may lack its newline, a message nothing', async t => {
  const text = new ClientInput();
  text.take(Buffer.from('type=A msg=a'));
  t.strictSame(told(text.end()), ['text type=A msg=a']);
  const cut = new ClientInput();
  cut.take(message(2, 'type=A msg=a').subarray(0, -1));
  t.strictSame(cut.end(), []);
});

t.test('Noise costs its lines, and never more memory than one message', async t => {
  const input = new ClientInput();
  const noise = Buffer.alloc(100_000);
  for (let at = 0, seed = 1; at < noise.length; at++, seed = (seed * 48271) % 2147483647) noise[at] = seed & 0xff;
  let bytes = 0;
  for (let at = 0; at < noise.length && !input.isBroken; at += 777) {
    for (const one of input.take(noise.subarray(at, at + 777))) if (one.kind !== 'heartbeat') bytes += one.body.length;
  }
  t.ok(bytes > 0 && bytes < noise.length);
});
