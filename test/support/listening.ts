import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { builtInConfig } from '../../src/daemon/config/loadAuditdConfig.ts';
import { systemFacts } from '../../src/daemon/config/systemFacts.ts';
import type { ListenerSettings } from '../../src/daemon/listener/listenerSettings.ts';
import { encodeMessage, HEADER_BYTES, readHeader } from '../../src/daemon/listener/managedProtocol.ts';
import { type ListenerInputs, NetworkListener } from '../../src/daemon/listener/networkListener.ts';
import { type FailureDecision, Pipeline, type Run } from '../../src/pipeline/pipeline.ts';
import { SaidMessages } from './saidMessages.ts';

/** A log in a list; `fail` is what its next writes throw, `held` what they wait for. */
export class ListLog {
  readonly lines: string[] = [];
  readonly failures: Error[] = [];
  roomBytes = 1 << 20;
  held: Promise<void> | null = null;

  async write(bytes: Uint8Array): Promise<void> {
    if (this.held !== null) await this.held;
    const failure = this.failures.shift();
    if (failure !== undefined) throw failure;
    const text = Buffer.from(bytes).toString('latin1');
    this.lines.push(...text.split('\n').slice(0, -1));
  }
}

/** A listener on a port of its own, with a real pipeline to a list. */
export class Listening {
  readonly log = new ListLog();
  readonly messages = new SaidMessages();
  readonly distributed: string[] = [];
  readonly faults: unknown[] = [];
  readonly listener: NetworkListener;
  readonly settings: ListenerSettings;
  decision: FailureDecision = 'discard';
  isLowOnSpace = false;

  constructor(settings: Partial<ListenerSettings> = {}, inputs: Partial<ListenerInputs> = {}) {
    this.settings = { ...builtInConfig(), tcpListenPort: 0, tcpMaxPerAddress: 100, ...settings };
    const nothing: Run = { bytes: new Uint8Array(), lines: 0 };
    const pipeline = new Pipeline(
      { peek: () => null, release: (_: Run) => nothing },
      () => this.log,
      async () => this.decision,
    );
    this.listener = new NetworkListener({
      settings: this.settings,
      messages: this.messages,
      facts: systemFacts(() => null),
      access: { allows: async () => true },
      target: pipeline,
      record: (type, text) => pipeline.emit(Buffer.from(`${type} ${text}\n`)),
      distribute: (type, line) => this.distributed.push(`${type} ${line.toString('latin1').trimEnd()}`),
      isLowOnSpace: () => this.isLowOnSpace,
      mostConnections: 1000,
      now: Date.now,
      onFault: error => this.faults.push(error),
      ...inputs,
    });
  }

  async connect(options: { readonly localPort?: number } = {}): Promise<TestClient> {
    const { port } = this.listener;
    if (port === null) throw new Error('nobody listens');
    const socket = connect({ port, host: '127.0.0.1', ...options });
    await once(socket, 'connect');
    return new TestClient(socket);
  }

  /** Waits for what is true sooner or later. */
  async until(what: string, isTrue: () => boolean): Promise<void> {
    const deadline = Date.now() + 20_000;
    while (!isTrue()) {
      if (Date.now() > deadline) throw new Error(`waited for ${what} in vain`);
      await new Promise(resolve => setTimeout(resolve, 2));
    }
  }
}

/** The far end: sends managed messages and collects what is answered. */
export class TestClient {
  readonly socket: Socket;
  readonly closed: Promise<unknown>;
  #answers: Buffer = Buffer.alloc(0);
  #sequence = 2;
  isEnded = false;

  constructor(socket: Socket) {
    this.socket = socket;
    socket.on('data', (chunk: Buffer) => {
      this.#answers = Buffer.concat([this.#answers, chunk]);
    });
    socket.on('error', () => undefined); // a server that throws a client out may reset the connection
    this.closed = new Promise(resolve => socket.on('close', resolve));
    socket.on('end', () => {
      this.isEnded = true;
    });
  }

  /** `TYPE SEQUENCE TEXT` of each answer, the type in hexadecimal. */
  get answers(): string[] {
    const found: string[] = [];
    for (let at = 0; at + HEADER_BYTES <= this.#answers.length; ) {
      const { type, sequence, bodyBytes } = readHeader(this.#answers.subarray(at));
      const text = this.#answers.toString('latin1', at + HEADER_BYTES, at + HEADER_BYTES + bodyBytes);
      found.push(`${type.toString(16)} ${sequence} ${text}`.trimEnd());
      at += HEADER_BYTES + bodyBytes;
    }
    return found;
  }

  /** Sends a record as the reference's client does; returns its sequence number. */
  send(text: string, type = 0): number {
    this.socket.write(encodeMessage(type, this.#sequence, Buffer.from(text, 'latin1')));
    return this.#sequence++;
  }

  get address(): string {
    return `addr=${this.socket.localAddress} port=${this.socket.localPort}`;
  }
}
