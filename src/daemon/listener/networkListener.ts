import { createServer, type Server, type Socket } from 'node:net';
import { FieldError, isErrno, reasonOf } from '../../base/errors.ts';
import type { Messages } from '../../base/messages.ts';
import {
  acceptText,
  type CryptoSession,
  closeText,
  cryptoEndText,
  cryptoStartText,
  type Peer,
  type Refusal,
  refusalText,
  tlsAcceptText,
} from '../../pipeline/connectionRecords.ts';
import type { DaemonRecordType } from '../../pipeline/daemonRecords.ts';
import type { SystemFacts } from '../config/systemFacts.ts';
import { Client, type ClientSurroundings } from './client.ts';
import { type ListenerCounters, newCounters } from './counters.ts';
import type { HostAccess } from './hostAccess.ts';
import { listenAddress } from './listenAddress.ts';
import type { ListenerSettings } from './listenerSettings.ts';
import { peerText } from './peerText.ts';
import { type IntakeTarget, RecordIntake } from './recordIntake.ts';
import { TlsSetupError } from './tlsAuthorization.ts';
import { TlsGate } from './tlsGate.ts';

export interface ListenerInputs {
  readonly settings: ListenerSettings;
  readonly messages: Messages;
  readonly facts: SystemFacts;
  readonly access: Pick<HostAccess, 'allows'>;
  /** The pipeline's head. */
  readonly target: IntakeTarget;
  /** Writes a record of the daemon's own; settles when it is in the log, or was given up. */
  readonly record: (type: DaemonRecordType, text: string) => Promise<void>;
  /** Hands a remote record to the plugins, when distribute_network says so. */
  readonly distribute: (type: number, line: Buffer) => void;
  readonly isLowOnSpace: () => boolean;
  /** Connections at a time, over all addresses. */
  readonly mostConnections: number;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** The record path has failed. */
  readonly onFault: (error: unknown) => void;
}

/** The listener cannot start, and it has been said why. */
export class ListenFailure extends Error {
  override readonly name = 'ListenFailure';
}

/** What the state report tells of the network. */
export interface ListenerState {
  readonly isListening: boolean;
  readonly activeConnections: number;
  readonly counters: Readonly<ListenerCounters>;
}

/** Of a daemon that has no listener. */
export const SILENT_NETWORK: ListenerState = { isListening: false, activeConnections: 0, counters: newCounters() };

/** Records about connections that wait for the log; beyond that a connection is refused without one, and counted. */
const MOST_UNWRITTEN_RECORDS = 1024;
/** Beyond what setTimeout can count. */
const LONGEST_TIMER_MILLISECONDS = 2 ** 31 - 1;

/** Errors of listen(2) and bind(2) that say something about this port. The daemon runs on without the network. */
const PORT_ERRORS: readonly string[] = ['EADDRINUSE', 'EACCES', 'EADDRNOTAVAIL'];

const TLS_KEYS = [
  'tlsCryptoProfile',
  'tlsPskFile',
  'tlsPskIdentity',
  'tlsAllowedClientsFile',
  'tlsCipherSuites',
  'tlsKeyExchange',
] as const satisfies readonly (keyof ListenerSettings)[];

/** Takes connections of other machines' audit daemons, and their records into the pipeline. */
export class NetworkListener {
  readonly #inputs: ListenerInputs;
  readonly #messages: Messages;
  readonly #counters = newCounters();
  readonly #surroundings: ClientSurroundings;
  readonly #clients = new Map<Client, CryptoSession | null>();
  /** Connections by address, those included whose handshake has not ended. */
  readonly #perAddress = new Map<string, number>();
  #settings: ListenerSettings;
  #server: Server | null = null;
  #gate: TlsGate | null = null;
  #connections = 0;
  #unwrittenRecords = 0;
  #idleTimer: NodeJS.Timeout | null = null;
  #isStopping = false;
  #onEmpty: () => void = () => undefined;

  constructor(inputs: ListenerInputs) {
    this.#inputs = inputs;
    this.#messages = inputs.messages;
    this.#settings = inputs.settings;
    this.#surroundings = {
      intake: new RecordIntake(inputs.target, () => this.#releaseAll(), inputs.onFault),
      counters: this.#counters,
      messages: inputs.messages,
      distribute: () => (this.#settings.distributesNetworkEvents ? inputs.distribute : null),
      isLowOnSpace: inputs.isLowOnSpace,
      onClosed: client => this.#closedClient(client),
      onFull: () => this.#holdAll(),
      onFault: inputs.onFault,
    };
  }

  get state(): ListenerState {
    return {
      isListening: this.#server !== null,
      activeConnections: this.#clients.size,
      counters: this.#counters,
    };
  }

  /** The port that is listened on; null while none is. */
  get port(): number | null {
    const address = this.#server?.address() ?? null;
    return address === null || typeof address === 'string' ? null : address.port;
  }

  /**
   * Listens, if the configuration has a port. A port that somebody else has is said, and the daemon runs on without.
   *
   * @throws {ListenFailure} TLS files that cannot be used, a machine that gives no socket at all.
   */
  async start(): Promise<void> {
    if (this.#settings.tcpListenPort === null) return;
    try {
      if (this.#settings.transport === 'tls') {
        this.#gate = new TlsGate(this.#settings, this.#inputs.facts, this.#messages);
      }
    } catch (error) {
      if (!(error instanceof TlsSetupError || error instanceof FieldError)) throw error;
      this.#messages.error(`Cannot set up TLS for the listener: ${error.message}`);
      throw new ListenFailure('no TLS', { cause: error });
    }
    await this.#listen(this.#settings.tcpListenPort);
    this.#scheduleIdle();
  }

  /** SIGHUP: what can be changed without a restart is, and what cannot is said. */
  async reconfigure(next: ListenerSettings): Promise<void> {
    const before = this.#settings;
    const isListening = this.#server !== null;
    this.#settings = isListening ? { ...next, ...startKeys(before) } : next;
    this.#scheduleIdle();
    if (isListening) await this.#reconfigureOpen(before, next);
    else if (next.tcpListenPort !== null) await this.#startLater(next);
  }

  /** Every client is told that we go. Settles when each is gone, and the record of it is on its way to the log. */
  async stop(): Promise<void> {
    this.#isStopping = true;
    if (this.#idleTimer !== null) clearTimeout(this.#idleTimer);
    await this.#closeAll();
  }

  // --- Listening -----------------------------------------------------------------------------------------------

  async #listen(port: number): Promise<void> {
    const address = listenAddress();
    try {
      this.#server = await this.#open(port, address);
    } catch (error) {
      if (!(error instanceof Error && 'code' in error)) throw error;
      const isOnPort = PORT_ERRORS.includes(String(error.code));
      this.#messages.error(
        isOnPort
          ? `Cannot bind listener socket to port ${port} (${reasonOf(error)})`
          : `Cannot create TCP listener socket (${reasonOf(error)})`,
      );
      if (!isOnPort) throw new ListenFailure('no listener socket', { cause: error });
    }
  }

  async #open(port: number, { host, ipv6Only }: ReturnType<typeof listenAddress>): Promise<Server> {
    const server = createServer({ allowHalfOpen: true, keepAlive: true, noDelay: true });
    server.on('connection', (socket: Socket) => this.#connected(socket));
    try {
      await new Promise<void>((resolve, reject) => {
        server.once('error', reject);
        server.listen({ port, host, ipv6Only, backlog: this.#settings.tcpListenQueue }, () => {
          server.off('error', reject);
          resolve();
        });
      });
    } catch (error) {
      // A kernel without IPv6 has neither its sockets nor its addresses.
      const lacksFamily = isErrno(error, 'EAFNOSUPPORT') || isErrno(error, 'EINVAL');
      if (lacksFamily && host === '::') return this.#open(port, { host: '0.0.0.0', ipv6Only: false });
      throw error;
    }
    server.on('error', error => this.#messages.error(`Unable to accept TCP connection (${reasonOf(error)})`));
    return server;
  }

  async #closeAll(): Promise<void> {
    this.#server?.close();
    this.#server = null;
    this.#gate?.stop();
    await Promise.all([...this.#clients.keys()].map(client => client.sayEnding()));
    await this.#closed;
  }

  /** Settles when no client is left. */
  get #closed(): Promise<void> {
    if (this.#clients.size === 0) return Promise.resolve();
    return new Promise(resolve => {
      this.#onEmpty = resolve;
    });
  }

  // --- Reload --------------------------------------------------------------------------------------------------

  async #startLater(next: ListenerSettings): Promise<void> {
    if (next.transport === 'tls') {
      this.#messages.notice('Starting TLS listener requires restart; port change ignored');
      return;
    }
    this.#messages.notice(`starting TCP listener on ${next.tcpListenPort}`);
    try {
      await this.start();
    } catch (error) {
      if (!(error instanceof ListenFailure)) throw error;
    }
    if (this.#server === null) this.#messages.error('failed to start listener');
  }

  async #reconfigureOpen(before: ListenerSettings, next: ListenerSettings): Promise<void> {
    const say = (text: string) => this.#messages.notice(text);
    const isTls = this.#gate !== null;
    if (next.transport !== before.transport) say('transport change requires restart');
    if ((isTls || next.transport === 'tls') && TLS_KEYS.some(key => next[key] !== before[key])) {
      say('TLS context not reloaded; restart auditd to apply TLS/PSK config changes');
    }
    if (next.tcpListenPort === null) say('TCP listener disabled; restart required');
    else if (next.tcpListenPort !== before.tcpListenPort) say('tcp_listen_port change requires restart');
    else if (next.tcpListenQueue !== before.tcpListenQueue) {
      say('tcp_listen_queue changed - restarting listener');
      await this.#closeAll();
      await this.#listen(next.tcpListenPort);
    }
    if (this.#gate === null) return;
    this.#gate.authorization.reload(before.tlsAllowedClientsFile);
    await this.#evict(this.#gate);
  }

  async #evict({ authorization }: TlsGate): Promise<void> {
    const evicted = [...this.#clients.keys()].filter(
      ({ identity }) => identity !== null && !('key' in authorization.authorize(identity)),
    );
    for (const { identity } of evicted) {
      this.#messages.notice(`Evicting TLS client '${identity?.slice(0, 128)}': identity disabled or removed`);
    }
    await Promise.all(evicted.map(client => client.close()));
  }

  // --- Connections ---------------------------------------------------------------------------------------------

  #connected(socket: Socket): void {
    // A peer that is gone before anything was decided has lost nothing; its close ends what was begun for it.
    socket.on('error', () => socket.destroy());
    const { remoteAddress: address, remotePort: port } = socket;
    if (address === undefined || port === undefined || this.#isStopping) {
      socket.destroy();
      return;
    }
    this.#connections++;
    socket.once('close', () => {
      this.#connections--;
    });
    this.#admit(socket, { address, port }).catch(this.#inputs.onFault);
  }

  async #admit(socket: Socket, peer: Peer): Promise<void> {
    const { mostConnections, access } = this.#inputs;
    const name = peerText(peer);
    if (this.#connections > mostConnections || this.#unwrittenRecords >= MOST_UNWRITTEN_RECORDS) {
      return this.#refuse(socket, peer, 'alloc', 'Unable to allocate TCP client data');
    }
    if (this.#settings.usesLibwrap && !(await access.allows(peer.address))) {
      return this.#refuse(socket, peer, 'wrap', `TCP connection from ${name} rejected`);
    }
    const { first, last } = this.#settings.tcpClientPorts;
    if (peer.port < first || peer.port > last) {
      return this.#refuse(socket, peer, 'port', `TCP connection from ${name} rejected`);
    }
    if ((this.#perAddress.get(peer.address) ?? 0) >= this.#settings.tcpMaxPerAddress) {
      return this.#refuse(socket, peer, 'dup', `Too many connections from ${name} - rejected`);
    }
    if (socket.destroyed || this.#isStopping) {
      socket.destroy();
      return;
    }
    this.#occupy(socket, peer);
    if (this.#gate === null) this.#accept(socket, peer);
    else await this.#acceptTls(this.#gate, socket, peer);
  }

  #occupy(socket: Socket, { address }: Peer): void {
    this.#perAddress.set(address, (this.#perAddress.get(address) ?? 0) + 1);
    socket.once('close', () => {
      const left = (this.#perAddress.get(address) ?? 1) - 1;
      if (left === 0) this.#perAddress.delete(address);
      else this.#perAddress.set(address, left);
    });
  }

  #accept(socket: Socket, peer: Peer): void {
    this.#record('ACCEPT', acceptText(peer));
    this.#serve(socket, peer, null, null);
  }

  async #acceptTls(gate: TlsGate, raw: Socket, peer: Peer): Promise<void> {
    if (!gate.hasRoom) {
      const text = `TLS handshake limit reached, rejecting ${peerText(peer)}`;
      return this.#refuse(raw, peer, 'handshake-limit', text);
    }
    const local: Peer = { address: raw.localAddress ?? '?', port: raw.localPort ?? 0 };
    const { socket, outcome } = await gate.handshake(raw);
    if (socket === null) {
      this.#counters.refused++;
      this.#recordRefusal(tlsAcceptText(peer, outcome));
      return;
    }
    const cipher = outcome.cipher ?? 'none';
    const group = outcome.group ?? 'unknown';
    const keyBits = cipher.includes('AES_128') ? 128 : 256;
    const { pid, execPath: executable } = process;
    const session = { peer, local, cipher, keyBits, group, pid, executable };
    this.#record('CRYPTO_SESSION', cryptoStartText(session, 'from-client'));
    this.#record('CRYPTO_SESSION', cryptoStartText(session, 'from-server'));
    this.#record('ACCEPT', tlsAcceptText(peer, outcome));
    this.#messages.info(`TLS connection from ${peerText(peer)} using ${cipher} kex=${group}`);
    this.#serve(socket, peer, outcome.identity, session);
  }

  #serve(socket: Socket, peer: Peer, identity: string | null, session: CryptoSession | null): void {
    this.#counters.accepted++;
    const client = new Client(socket, peer, identity, this.#surroundings);
    this.#clients.set(client, session);
  }

  #closedClient(client: Client): void {
    const session = this.#clients.get(client) ?? null;
    this.#clients.delete(client);
    this.#record('CLOSE', closeText(client.peer));
    if (session !== null) this.#record('CRYPTO_KEY_USER', cryptoEndText(session));
    if (this.#clients.size === 0) this.#onEmpty();
  }

  #refuse(socket: Socket, peer: Peer, op: Refusal, text: string): void {
    this.#counters.refused++;
    if (op === 'alloc') this.#messages.critical(text);
    else this.#messages.error(text);
    this.#recordRefusal(refusalText(op, peer));
    socket.destroy();
  }

  // Anybody can cause these, as many as the network carries: while the log stalls they must not fill the memory.
  #recordRefusal(text: string): void {
    if (this.#unwrittenRecords >= MOST_UNWRITTEN_RECORDS) this.#counters.refusedUnrecorded++;
    else this.#record('ACCEPT', text);
  }

  #record(type: DaemonRecordType, text: string): void {
    this.#unwrittenRecords++;
    this.#inputs
      .record(type, text)
      .catch(this.#inputs.onFault)
      .finally(() => {
        this.#unwrittenRecords--;
      });
  }

  #holdAll(): void {
    for (const client of this.#clients.keys()) client.hold();
  }

  #releaseAll(): void {
    for (const client of this.#clients.keys()) client.release();
  }

  // --- Idle clients --------------------------------------------------------------------------------------------

  // At multiples of the wall clock, as the reference does: a client lives for one to two intervals of silence.
  #scheduleIdle(): void {
    if (this.#idleTimer !== null) clearTimeout(this.#idleTimer);
    this.#idleTimer = null;
    const milliseconds = this.#settings.tcpClientMaxIdleSeconds * 1000;
    if (milliseconds === 0 || this.#server === null) return;
    const left = milliseconds - (this.#inputs.now() % milliseconds);
    this.#idleTimer = setTimeout(
      () => {
        if (left <= LONGEST_TIMER_MILLISECONDS) this.#closeIdle();
        this.#scheduleIdle();
      },
      Math.min(left, LONGEST_TIMER_MILLISECONDS),
    );
  }

  #closeIdle(): void {
    for (const client of [...this.#clients.keys()].filter(one => !one.takeHeard())) {
      this.#messages.notice(`client ${peerText(client.peer)} idle too long - closing connection`);
      client.close().catch(this.#inputs.onFault);
    }
  }
}

/** What stays as it was at the start for as long as there is a listener. */
function startKeys(before: ListenerSettings): Partial<ListenerSettings> {
  const { tcpListenPort, transport } = before;
  return { tcpListenPort, transport, ...Object.fromEntries(TLS_KEYS.map(key => [key, before[key]])) };
}
