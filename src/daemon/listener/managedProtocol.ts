/**
 * The header of every managed message: magic, two version bytes, type, length of the body, sequence number. All of it
 * little-endian, without padding: the type stands at an odd multiple of two.
 */
export const HEADER_BYTES = 16;
/** A message, its header included: what the reference's buffer holds. */
export const MOST_MESSAGE_BYTES = 8970;

const MAGIC = Buffer.from([0xfe, 0x00, 0x00, 0xff]);
const TYPE_AT = 6;
const LENGTH_AT = 10;
const SEQUENCE_AT = 12;

/** What the client sends. Every other type is taken for a record, as the reference does. */
export const HEARTBEAT = 0x00000001;

export type Reply = 'ack' | 'ending' | 'disk-low' | 'disk-full' | 'disk-error' | 'suspended';

/** What the server sends. @see audisp-remote.conf(5): the client's action for each */
const REPLIES: Readonly<Record<Reply, { readonly type: number; readonly body: string }>> = {
  ack: { type: 0x40000000, body: '' },
  ending: { type: 0x40000001, body: '' },
  'disk-low': { type: 0x50000001, body: '' },
  'disk-full': { type: 0x60000001, body: 'disk full' },
  'disk-error': { type: 0x60000002, body: 'disk write error' },
  suspended: { type: 0x60000002, body: 'remote logging suspended' },
};

export interface Header {
  readonly type: number;
  readonly bodyBytes: number;
  readonly sequence: number;
}

/** Whether the bytes are the magic, or as much of it as has arrived. False for none. */
export function startsMessage(bytes: Buffer): boolean {
  const length = Math.min(bytes.length, MAGIC.length);
  return length > 0 && bytes.subarray(0, length).equals(MAGIC.subarray(0, length));
}

/** @param bytes  A whole header at least. */
export function readHeader(bytes: Buffer): Header {
  return {
    type: bytes.readUInt32LE(TYPE_AT),
    bodyBytes: bytes.readUInt16LE(LENGTH_AT),
    sequence: bytes.readUInt32LE(SEQUENCE_AT),
  };
}

/** @param sequence  Of the message that is answered; 0 for `ending`, which answers none. */
export function encodeReply(reply: Reply, sequence: number): Buffer {
  const { type, body } = REPLIES[reply];
  return encodeMessage(type, sequence, Buffer.from(body));
}

export function encodeMessage(type: number, sequence: number, body: Buffer): Buffer {
  const message = Buffer.alloc(HEADER_BYTES + body.length);
  MAGIC.copy(message);
  message.writeUInt32LE(type, TYPE_AT);
  message.writeUInt16LE(body.length, LENGTH_AT);
  message.writeUInt32LE(sequence, SEQUENCE_AT);
  body.copy(message, HEADER_BYTES);
  return message;
}
