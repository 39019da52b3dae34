import type { ByteString } from './byteString.ts';

/** Who sends a user message and how it went, as far as the kernel does not add it by itself. */
export interface UserMessage {
  /** What happened, in fields: `text=hello`, `op=login`. */
  message: ByteString;
  /** Path of the sender's program; null when unknown. */
  exe: ByteString | null;
  /** Null when unknown; then, on a terminal of this machine, its own name is meant. */
  hostname: ByteString | null;
  /** Address the request came from; null when there is none. */
  addr: ByteString | null;
  /** Without /dev/; null without a terminal. */
  terminal: ByteString | null;
  isSuccess: boolean;
}

/** The text of a record that a trusted program sends, with the fields and in the order that every reader expects. */
export function formatUserMessage(event: UserMessage): ByteString {
  const exe = event.exe === null ? '"?"' : encodeValue(event.exe);
  const result = event.isSuccess ? 'success' : 'failed';
  const where = `hostname=${event.hostname ?? '?'} addr=${event.addr ?? '?'} terminal=${event.terminal ?? '?'}`;
  return `${event.message} exe=${exe} ${where} res=${result}`;
}

/** A value that its sender did not choose: in quotes, or in hexadecimal where quotes could not hold it together. */
export function encodeValue(value: ByteString): ByteString {
  if (/^[!#-~]*$/.test(value)) return `"${value}"`;
  return Buffer.from(value, 'latin1').toString('hex').toUpperCase();
}
