import { HEADER_BYTES, HEARTBEAT, MOST_MESSAGE_BYTES, readHeader, startsMessage } from './managedProtocol.ts';

/** One thing that a client sent. The bytes are the input's own, not the chunk's. */
export type Received =
  /** A managed message: it is answered under its sequence number. */
  | { readonly kind: 'record'; readonly sequence: number; readonly body: Buffer }
  | { readonly kind: 'heartbeat'; readonly sequence: number }
  /** A line of text outside the protocol, without its newline: nobody waits for an answer. */
  | { readonly kind: 'text'; readonly body: Buffer };

const LF = 0x0a;

/**
 * Cuts what a client sends into messages and lines, however it arrives. Holds one unfinished message at most; a message
 * or line longer than any record breaks the input for good.
 */
export class ClientInput {
  #rest: Buffer = Buffer.alloc(0);
  #isBroken = false;

  /** The client sent what cannot be a message: nothing after it can be trusted to start at a boundary. */
  get isBroken(): boolean {
    return this.#isBroken;
  }

  take(chunk: Buffer): Received[] {
    const received: Received[] = [];
    if (this.#isBroken) return received;
    const bytes = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    let at = 0;
    while (at < bytes.length) {
      const rest = bytes.subarray(at);
      const length = startsMessage(rest) ? messageBytes(rest) : lineBytes(rest);
      if (length > MOST_MESSAGE_BYTES || (length > rest.length && rest.length >= MOST_MESSAGE_BYTES)) {
        this.#isBroken = true;
        break;
      }
      if (length > rest.length) break;
      received.push(parse(rest.subarray(0, length)));
      at += length;
    }
    // A copy: the rest of a message would otherwise keep the whole chunk.
    this.#rest = Buffer.from(bytes.subarray(at));
    return received;
  }

  /**
   * The client has sent its last byte. A line that lacks only its newline counts; of a managed message that was cut
   * off the client still has the record, as it got no answer.
   */
  end(): Received[] {
    const rest = this.#rest;
    this.#rest = Buffer.alloc(0);
    if (this.#isBroken || rest.length === 0 || startsMessage(rest)) return [];
    return [{ kind: 'text', body: rest }];
  }
}

/** Length of the message at the start; one byte more than there are while that is not known. */
function messageBytes(bytes: Buffer): number {
  return bytes.length < HEADER_BYTES ? bytes.length + 1 : HEADER_BYTES + readHeader(bytes).bodyBytes;
}

/** The same for a line, its newline included. */
function lineBytes(bytes: Buffer): number {
  const newline = bytes.indexOf(LF);
  return newline === -1 ? bytes.length + 1 : newline + 1;
}

function parse(bytes: Buffer): Received {
  if (!startsMessage(bytes)) return { kind: 'text', body: Buffer.from(bytes.subarray(0, -1)) };
  const { type, sequence } = readHeader(bytes);
  if (type === HEARTBEAT) return { kind: 'heartbeat', sequence };
  return { kind: 'record', sequence, body: Buffer.from(bytes.subarray(HEADER_BYTES)) };
}
