import { reasonOf } from '../../base/errors.ts';
import type { Messages } from '../../base/messages.ts';
import { Backlog } from './backlog.ts';
import { Feed } from './feed.ts';
import type { Outlet, OutletEvents } from './outlet.ts';
import type { ClientReport, Plugin, PluginReport } from './plugin.ts';
import type { Batch } from './slabs.ts';
import type { StreamFormat } from './streamFormat.ts';

export interface SocketSettings {
  readonly path: string;
  readonly mode: number;
  /** Null: root's. */
  readonly uid: number | null;
  readonly gid: number | null;
  /** Most records that wait for one client; null: q_depth. */
  readonly limit: number | null;
}

/** Who has connected, by the kernel's word. */
export interface Peer {
  readonly pid: number;
  readonly uid: number;
  readonly gid: number;
}

export interface ListenEvents {
  onClient(peer: Peer, accept: (events: OutletEvents) => Outlet, refuse: () => void): void;
  /** Clients wait and cannot be accepted. */
  onFailure(error: unknown): void;
}

export interface Listening {
  /** Nobody is accepted until `go`. */
  pause(): void;
  go(): void;
  /** Ends it and removes the socket. */
  close(): Promise<void>;
}

/** Opens listening sockets; the real one is the daemon's. */
export interface ListenerFactory {
  /** @throws {Error} with errno; EADDRINUSE when somebody else listens there. */
  listen(settings: SocketSettings, events: ListenEvents): Promise<Listening>;
}

export interface SocketOptions {
  readonly name: string;
  readonly format: StreamFormat;
  readonly settings: SocketSettings;
  /** q_depth. */
  readonly limit: number;
  readonly listeners: ListenerFactory;
  readonly messages: Messages;
  readonly now: () => number;
  readonly pause: (milliseconds: number) => Promise<void>;
}

/** More at a time are nobody's wish; each holds a descriptor. */
const MOST_CLIENTS = 64;
/** Connections are logged, but a storm of them must not become a storm of messages. */
const MESSAGES_A_MINUTE = 20;
const MINUTE_MILLISECONDS = 60_000;
/** When descriptors are short, the clients that wait are left waiting for so long. */
const SHORTAGE_MILLISECONDS = 1000;
const DRAIN_MILLISECONDS = 1000;
const LOOK_MILLISECONDS = 10;

/**
 * A Unix socket that gives records to whoever connects to it. Each client has a queue of its own and loses only its own
 * records; what comes while nobody is connected is for nobody.
 */
export class SocketPlugin implements Plugin {
  readonly name: string;
  readonly format: StreamFormat;
  readonly settings: SocketSettings;
  readonly #options: SocketOptions;
  readonly #clients = new Set<Client>();
  #limit: number;
  #listening: Listening | null = null;
  #condition: PluginReport['condition'] = 'stopped';
  #isSuspended = false;
  #hasOverflowed = false;
  #mostRecords = 0;
  /** Of clients that have left. */
  #sentRecords = 0;
  #lostRecords = 0;
  #minuteStart = Number.NEGATIVE_INFINITY;
  #saidThisMinute = 0;

  constructor(options: SocketOptions) {
    this.#options = options;
    this.name = options.name;
    this.format = options.format;
    this.settings = options.settings;
    this.#limit = options.limit;
  }

  async start(): Promise<void> {
    const { listeners, settings, messages } = this.#options;
    this.#condition = 'starting';
    try {
      this.#listening = await listeners.listen(settings, {
        onClient: (peer, accept, refuse) => this.#onClient(peer, accept, refuse),
        onFailure: error => void this.#wait(error),
      });
      this.#condition = 'running';
      messages.info(`plugin ${this.name} is listening for clients on ${settings.path}`);
    } catch (error) {
      this.#condition = 'off';
      messages.error(`plugin ${this.name}: cannot listen on ${settings.path} (${reasonOf(error)})`);
    }
  }

  offer(batch: Batch): void {
    for (const client of this.#clients) {
      if (this.#isSuspended) client.backlog.drop(batch.records);
      else client.offer(batch);
      this.#mostRecords = Math.max(this.#mostRecords, client.backlog.records);
    }
  }

  stored(): null {
    return null;
  }

  isBehind(bytes: number): boolean {
    for (const { backlog } of this.#clients) if (backlog.isBehind(bytes)) return true;
    return false;
  }

  resume(): void {
    this.#isSuspended = false;
    this.#hasOverflowed = false;
    for (const { backlog } of this.#clients) backlog.forgive();
  }

  suspend(): void {
    this.#isSuspended = true;
  }

  setLimit(records: number): void {
    this.#limit = records;
    for (const { backlog } of this.#clients) backlog.limit = this.#limitOfClient;
  }

  async stop(): Promise<void> {
    this.#condition = 'stopped';
    await this.#listening?.close();
    this.#listening = null;
    const { now, pause } = this.#options;
    const deadline = now() + DRAIN_MILLISECONDS;
    const isReading = ({ backlog }: Client) => backlog.bytes > 0 && backlog.isBehind(0);
    while ([...this.#clients].some(isReading) && now() < deadline) await pause(LOOK_MILLISECONDS);
    for (const client of [...this.#clients]) {
      client.backlog.discard();
      this.#remove(client);
    }
  }

  report(): PluginReport {
    const clients = [...this.#clients].map(client => client.report());
    return {
      name: this.name,
      kind: 'socket',
      condition: this.#condition,
      pid: null,
      restarts: 0,
      backlogRecords: Math.max(0, ...clients.map(client => client.backlogRecords)),
      mostBacklogRecords: this.#mostRecords,
      sentRecords: clients.reduce((sum, client) => sum + client.sentRecords, this.#sentRecords),
      lostRecords: clients.reduce((sum, client) => sum + client.lostRecords, this.#lostRecords),
      hasOverflowed: this.#hasOverflowed,
      isSuspended: this.#isSuspended,
      spool: null,
      clients,
      clientLimitRecords: this.#limitOfClient,
    };
  }

  get #limitOfClient(): number {
    return this.#options.settings.limit ?? this.#limit;
  }

  #onClient(peer: Peer, accept: (events: OutletEvents) => Outlet, refuse: () => void): void {
    const who = `pid=${peer.pid} uid=${peer.uid} gid=${peer.gid}`;
    if (this.#clients.size >= MOST_CLIENTS) {
      refuse();
      this.#sayOften(`plugin ${this.name}: client ${who} refused, ${MOST_CLIENTS} are connected`);
      return;
    }
    const client = new Client(peer, accept, {
      format: this.format,
      limit: this.#limitOfClient,
      now: this.#options.now,
      onOverflow: isFirst => {
        this.#hasOverflowed = true;
        if (isFirst) this.#sayOften(`plugin ${this.name}: client ${who} does not keep pace, dropping its events`);
      },
      onGone: () => this.#remove(client, who),
    });
    this.#clients.add(client);
    this.#sayOften(`plugin ${this.name}: client ${who} connected`, 'info');
  }

  #remove(client: Client, who: string | null = null): void {
    if (!this.#clients.delete(client)) return;
    client.close();
    this.#sentRecords += client.backlog.sentRecords;
    this.#lostRecords += client.backlog.lostRecords;
    if (who !== null) this.#sayOften(`plugin ${this.name}: client ${who} has left`, 'info');
  }

  async #wait(error: unknown): Promise<void> {
    this.#sayOften(`plugin ${this.name}: cannot accept a client (${reasonOf(error)})`);
    this.#listening?.pause();
    await this.#options.pause(SHORTAGE_MILLISECONDS);
    this.#listening?.go();
  }

  #sayOften(text: string, severity: 'info' | 'error' = 'error'): void {
    const now = this.#options.now();
    if (now - this.#minuteStart >= MINUTE_MILLISECONDS) {
      this.#minuteStart = now;
      this.#saidThisMinute = 0;
    }
    this.#saidThisMinute++;
    if (this.#saidThisMinute <= MESSAGES_A_MINUTE) this.#options.messages[severity](text);
    else if (this.#saidThisMinute === MESSAGES_A_MINUTE + 1) {
      this.#options.messages.notice(`plugin ${this.name}: no more messages about clients in this minute`);
    }
  }
}

interface ClientOptions {
  readonly format: StreamFormat;
  readonly limit: number;
  readonly now: () => number;
  readonly onOverflow: (isFirst: boolean) => void;
  readonly onGone: () => void;
}

class Client {
  readonly backlog: Backlog;
  readonly #peer: Peer;
  readonly #feed: Feed;
  readonly #outlet: Outlet;

  constructor(peer: Peer, accept: (events: OutletEvents) => Outlet, options: ClientOptions) {
    this.#peer = peer;
    const { format, limit, now, onOverflow, onGone } = options;
    const retry = () => this.#feed.unblock();
    this.backlog = new Backlog({ format, limit, now, retry, onOverflow: (_records, isFirst) => onOverflow(isFirst) });
    this.#feed = new Feed(this.backlog, onGone);
    this.#outlet = accept({ onWritable: () => this.#feed.unblock(), onGone });
    this.#feed.attach(this.#outlet);
  }

  offer(batch: Batch): void {
    this.backlog.offer(batch);
    this.#feed.pump();
  }

  close(): void {
    this.#feed.detach();
    this.#outlet.close();
    this.backlog.clear();
  }

  report(): ClientReport {
    const { records, sentRecords, lostRecords } = this.backlog;
    return { ...this.#peer, backlogRecords: records, sentRecords, lostRecords };
  }
}
