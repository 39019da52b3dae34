import type { Socket } from 'node:net';
import type { Messages } from '../../base/messages.ts';
import type { Peer } from '../../pipeline/connectionRecords.ts';
import { AUDIT } from '../../tables/recordTypes.ts';
import { ClientInput, type Received } from './clientInput.ts';
import type { ListenerCounters } from './counters.ts';
import { encodeReply, type Reply } from './managedProtocol.ts';
import { peerText } from './peerText.ts';
import type { Outcome, RecordIntake } from './recordIntake.ts';
import { isRecordText, remoteLine, remoteType } from './remoteRecord.ts';

/** What a client needs of the listener. */
export interface ClientSurroundings {
  readonly intake: RecordIntake;
  readonly counters: ListenerCounters;
  readonly messages: Messages;
  /** distribute_network: hands a line to the plugins. Null: remote records go to the log alone. */
  readonly distribute: () => ((type: number, line: Buffer) => void) | null;
  /** Whether the log's space_left warning stands. */
  readonly isLowOnSpace: () => boolean;
  /** Once, when the connection is over and everything it sent has been answered. */
  readonly onClosed: (client: Client) => void;
  /** The queue of all clients is full: none is to be read. */
  readonly onFull: () => void;
  readonly onFault: (error: unknown) => void;
}

/** How long a client that does not read holds up the end of its connection. */
const END_MILLISECONDS = 500;
/** How long a stalled log holds up the last answers. */
const ANSWER_MILLISECONDS = 2000;

const REPLY_FOR: Readonly<Record<Exclude<Outcome, 'written'>, Reply>> = {
  suspended: 'suspended',
  full: 'disk-full',
  failed: 'disk-error',
};

/** A record with its place in the answers: null where nobody waits for one. */
interface Asked {
  readonly sequence: number | null;
  readonly line: Buffer;
}

/**
 * One connection. What arrived in one piece is answered before the next piece is read, so a client holds no more of our
 * memory than that, and one that does not read its answers is not read either.
 */
export class Client {
  readonly peer: Peer;
  /** Over TLS: as whom it authenticated. */
  readonly identity: string | null;
  readonly #socket: Socket;
  readonly #surroundings: ClientSurroundings;
  readonly #input = new ClientInput();
  #answering: Promise<void> = Promise.resolve();
  #isAnswering = false;
  #waitsForLog = false;
  #wasHeard = true;
  #isOver = false;

  constructor(socket: Socket, peer: Peer, identity: string | null, surroundings: ClientSurroundings) {
    this.#socket = socket;
    this.peer = peer;
    this.identity = identity;
    this.#surroundings = surroundings;
    socket.on('data', (chunk: Buffer) => this.#take(this.#input.take(chunk)));
    socket.on('end', () => this.#take(this.#input.end(), true));
    socket.on('error', () => this.#fail());
    socket.on('close', () => this.#over());
  }

  /** False when nothing came since this was last asked, and not because the log made it wait: it is idle. */
  takeHeard(): boolean {
    const wasHeard = this.#wasHeard || this.#waitsForLog;
    this.#wasHeard = false;
    return wasHeard;
  }

  /** Stops reading until `release`. */
  hold(): void {
    this.#socket.pause();
  }

  release(): void {
    if (!this.#isAnswering && !this.#isOver && this.#surroundings.intake.hasRoom) this.#socket.resume();
  }

  /** Ends the connection from our side. Settles when it is over. */
  async close(): Promise<void> {
    await this.#end(null);
  }

  /** The same, and tells the client that the server goes: it may come back. */
  async sayEnding(): Promise<void> {
    await this.#end(encodeReply('ending', 0));
  }

  async #end(last: Buffer | null): Promise<void> {
    this.hold();
    await Promise.race([this.#answering, pause(ANSWER_MILLISECONDS)]);
    if (this.#isOver) return;
    const closed = new Promise<void>(resolve => this.#socket.once('close', () => resolve()));
    if (last === null) this.#socket.destroy();
    else this.#socket.end(last, () => this.#socket.destroy());
    await Promise.race([closed, pause(END_MILLISECONDS)]);
    this.#socket.destroy();
    this.#over();
  }

  #take(received: readonly Received[], isLast = false): void {
    this.#wasHeard = true;
    this.#isAnswering = true;
    this.#socket.pause();
    this.#answering = this.#answer(received)
      .then(() => {
        this.#isAnswering = false;
        if (this.#input.isBroken) this.#break();
        else if (isLast) this.#socket.end();
        else this.release();
      })
      .catch(this.#surroundings.onFault);
  }

  async #answer(received: readonly Received[]): Promise<void> {
    const { intake, counters } = this.#surroundings;
    const asked: Asked[] = [];
    const replies = new Map<number, Buffer>(); // by place among `received`
    const places: number[] = [];
    for (const [place, one] of received.entries()) {
      if (one.kind === 'heartbeat') {
        replies.set(place, encodeReply('ack', one.sequence));
        continue;
      }
      const sequence = one.kind === 'record' ? one.sequence : null;
      const line = this.#lineFor(one);
      if (line === null) {
        if (sequence !== null) replies.set(place, encodeReply('ack', sequence));
        continue;
      }
      places.push(place);
      asked.push({ sequence, line });
    }
    counters.recordsReceived += asked.length;
    const submitted = intake.submit(asked.map(({ line }) => line));
    if (!intake.hasRoom) this.#surroundings.onFull();
    this.#waitsForLog = true;
    const outcomes = await submitted;
    this.#waitsForLog = false;
    for (const [index, outcome] of outcomes.entries()) {
      const { sequence } = asked[index] ?? { sequence: null };
      if (outcome !== 'written') counters[sequence === null ? 'recordsLost' : 'recordsReturned']++;
      if (sequence !== null) replies.set(places[index] ?? 0, encodeReply(this.#replyFor(outcome), sequence));
    }
    await this.#send([...replies].sort(([a], [b]) => a - b).map(([, reply]) => reply));
  }

  /** Null for what is not for the log. */
  #lineFor(received: Exclude<Received, { kind: 'heartbeat' }>): Buffer | null {
    const { counters, distribute } = this.#surroundings;
    const line = remoteLine(received.body);
    if (line === null) return null;
    if (received.kind === 'text' && !isRecordText(line)) {
      counters.textIgnored++;
      return null;
    }
    const hand = distribute();
    if (hand === null) return line;
    const type = remoteType(line);
    if (type !== null) hand(type, line);
    // As of this machine: the end of an event is for the plugins alone.
    return type === AUDIT.EOE ? null : line;
  }

  #replyFor(outcome: Outcome): Reply {
    if (outcome !== 'written') return REPLY_FOR[outcome];
    return this.#surroundings.isLowOnSpace() ? 'disk-low' : 'ack';
  }

  async #send(replies: readonly Buffer[]): Promise<void> {
    const socket = this.#socket;
    if (replies.length === 0 || !socket.writable || socket.write(Buffer.concat(replies))) return;
    await new Promise<void>(resolve => {
      const settle = () => {
        socket.off('drain', settle).off('close', settle);
        resolve();
      };
      socket.on('drain', settle).on('close', settle);
    });
  }

  #break(): void {
    const { counters, messages } = this.#surroundings;
    counters.clientsBroken++;
    messages.warning(`client ${peerText(this.peer)} sent what is no audit message - closing connection`);
    this.#socket.destroy();
  }

  #fail(): void {
    // An end was announced by one of the two sides: what fails after that concerns nobody.
    if (this.#isOver || this.#socket.readableEnded || this.#socket.writableEnded) return;
    this.#surroundings.messages.warning(`client ${peerText(this.peer)} socket closed unexpectedly`);
  }

  #over(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    const { onClosed, onFault } = this.#surroundings;
    // Its last records before the record that it is gone.
    Promise.race([this.#answering, pause(ANSWER_MILLISECONDS)]).then(() => onClosed(this), onFault);
  }
}

function pause(milliseconds: number): Promise<void> {
  return new Promise(resolve => setTimeout(resolve, milliseconds).unref());
}
