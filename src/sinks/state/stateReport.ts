/** What the state report tells. Sizes carry their unit; a null leaves the reference's line out. */
export interface DaemonState {
  readonly version: string;
  readonly now: Date;
  readonly priority: number;
  readonly writesLogs: boolean;
  /** Null in the foreground and without logs. */
  readonly log: LogState | null;
  readonly plugins: PluginState;
  readonly network: NetworkState;
  readonly heap: HeapUse;
  /** The report before this one. */
  readonly previousHeap: HeapUse;
  readonly path: RecordPathState;
  /** Null while no indexes are built. */
  readonly indexes: IndexState | null;
}

export interface LogState {
  readonly sizeBytes: number;
  readonly maxMegabytes: number;
  /** Archives seen by the last rotation. */
  readonly generations: number;
  readonly hasSpace: boolean;
  /** Null when the partition could not be asked. */
  readonly partition: {
    readonly freeMegabytes: number;
    spaceLeftMegabytes: number;
    adminSpaceLeftMegabytes: number;
  } | null;
  readonly isSuspended: boolean;
  readonly spaceActionDone: boolean;
  readonly adminSpaceActionDone: boolean;
  readonly diskError: boolean;
}

export interface PluginState {
  readonly active: number;
  /** Most records that wait for one plugin, now and at any time. */
  readonly backlog: number;
  readonly mostBacklog: number;
  readonly backlogLimit: number;
  readonly hasOverflowed: boolean;
  readonly isSuspended: boolean;
  /** Memory in which records wait for plugins. */
  readonly slabBytes: number;
  readonly each: readonly OnePluginState[];
}

export interface OnePluginState {
  readonly name: string;
  readonly kind: string;
  readonly condition: string;
  /** Null without a process. */
  readonly pid: number | null;
  readonly restarts: number;
  readonly backlogRecords: number;
  readonly mostBacklogRecords: number;
  readonly sentRecords: number;
  readonly lostRecords: number;
  readonly isSuspended: boolean;
  readonly spool: { readonly bytes: number; readonly limitBytes: number } | null;
  /** Null for what is no socket. */
  readonly clients: readonly PluginClientState[] | null;
  /** Of a socket: most records that may wait for one client. */
  readonly clientLimitRecords?: number;
}

export interface PluginClientState {
  readonly pid: number;
  readonly uid: number;
  readonly gid: number;
  readonly backlogRecords: number;
  readonly sentRecords: number;
  readonly lostRecords: number;
}

export interface NetworkState {
  readonly isListening: boolean;
  readonly activeConnections: number;
  readonly counters: {
    readonly accepted: number;
    readonly refused: number;
    readonly refusedUnrecorded: number;
    readonly recordsReceived: number;
    readonly recordsReturned: number;
    readonly recordsLost: number;
    readonly textIgnored: number;
    readonly clientsBroken: number;
  };
}

/** Indexes of rotated logs, since the start. */
export interface IndexState {
  readonly built: number;
  readonly builtBytes: number;
  readonly failed: number;
  /** Their log was gone. */
  readonly removed: number;
}

export interface HeapUse {
  readonly arenaBytes: number;
  readonly inUseBytes: number;
  readonly freeBytes: number;
}

/** Ours: where each record is, and where one may have been lost. */
export interface RecordPathState {
  readonly source: string;
  readonly recordsReceived: number;
  readonly recordsWritten: number;
  readonly recordsDiscarded: number;
  readonly recordsMalformed: number;
  readonly recordsCut: number;
  readonly recordsCleaned: number;
  readonly messagesSpoofed: number;
  readonly messagesUnreadable: number;
  readonly receiveErrors: number;
  readonly ringBytes: number;
  readonly ringUsedBytes: number;
  readonly ringMostUsedBytes: number;
  readonly ringTimesFull: number;
  readonly ringFullMilliseconds: number;
  readonly recordsAbandoned: number;
  /** Null without a socket of our own. */
  readonly receiveBufferDrops: number | null;
  /** Null when the kernel could not be asked. */
  readonly kernel: { readonly lost: number; readonly backlog: number; readonly backlogLimit: number } | null;
  readonly serialsMissing: number;
}

/**
 * The state report's text. First every line of the reference, in its order and wording, as scripts and its statsd
 * plugin read them; then ours, in the same form.
 */
export function stateReport(state: DaemonState): string {
  const { path, network, plugins, indexes } = state;
  return [
    ...referenceLines(state),
    ...ourLines(path),
    ...networkLines(network),
    ...pluginLines(plugins),
    ...indexLines(indexes),
  ]
    .map(line => `${line}\n`)
    .join('');
}

/** Raised when a name of the JSON report goes or changes its meaning; new names do not raise it. */
const JSON_SCHEMA = 1;

/** The same as one JSON object: the names and units of DaemonState, `now` in ISO 8601, `schema` first. */
export function stateJson(state: DaemonState): string {
  return `${JSON.stringify({ schema: JSON_SCHEMA, ...state }, null, 2)}\n`;
}

/** What the reference's socket plugin writes of itself, for each plugin that is a socket; its name and the text. */
export function socketReports(state: DaemonState): { readonly name: string; readonly text: string }[] {
  return state.plugins.each.flatMap(({ name, clients, ...plugin }) => {
    if (clients === null) return [];
    const lines = [
      `current time = ${dateAndTime(state.now)}`,
      `client_connected = ${yesNo(clients.length > 0)}`,
      `queue_length = ${plugin.backlogRecords}`,
      `max_queue_length = ${plugin.mostBacklogRecords}`,
      `queue_size = ${plugin.clientLimitRecords ?? state.plugins.backlogLimit}`,
      ...heapLines(state.heap, state.previousHeap),
    ];
    return [{ name, text: lines.map(line => `${line}\n`).join('') }];
  });
}

function* referenceLines(state: DaemonState): Generator<string> {
  const { log, plugins, network, heap, previousHeap } = state;
  yield `audit version = ${state.version}`;
  yield `current time = ${dateAndTime(state.now)}`;
  yield `process priority = ${state.priority}`;
  yield `writing to logs = ${yesNo(state.writesLogs)}`;
  if (log !== null) yield* logLines(log);
  yield `Number of active plugins = ${plugins.active}`;
  yield `current plugin queue depth = ${plugins.backlog}`;
  yield `max plugin queue depth used = ${plugins.mostBacklog}`;
  yield `plugin queue size = ${plugins.backlogLimit}`;
  yield `plugin queue overflow detected = ${yesNo(plugins.hasOverflowed)}`;
  yield `plugin queueing suspended = ${yesNo(plugins.isSuspended)}`;
  yield `listening for network connections = ${yesNo(network.isListening)}`;
  if (network.isListening) {
    yield `active connections = ${network.activeConnections}`;
    yield `total connections = ${network.counters.accepted}`;
  }
  yield* heapLines(heap, previousHeap);
}

function* heapLines(heap: HeapUse, previous: HeapUse): Generator<string> {
  yield `glibc arena (total memory) is: ${kib(heap.arenaBytes)}, was: ${kib(previous.arenaBytes)}`;
  yield `glibc uordblks (in use memory) is: ${kib(heap.inUseBytes)}, was: ${kib(previous.inUseBytes)}`;
  yield `glibc fordblks (total free space) is: ${kib(heap.freeBytes)}, was: ${kib(previous.freeBytes)}`;
}

function* logLines(log: LogState): Generator<string> {
  yield `current log size = ${kib(log.sizeBytes)}`;
  yield `max log size = ${log.maxMegabytes * 1024} KiB`;
  yield `logs detected last rotate/shift = ${log.generations}`;
  yield `space left on partition = ${yesNo(log.hasSpace)}`;
  if (log.partition !== null) {
    yield `Logging partition free space = ${log.partition.freeMegabytes} MiB`;
    yield `space_left setting = ${log.partition.spaceLeftMegabytes} MiB`;
    yield `admin_space_left setting = ${log.partition.adminSpaceLeftMegabytes} MiB`;
  }
  yield `logging suspended = ${yesNo(log.isSuspended)}`;
  yield `file system space action performed = ${yesNo(log.spaceActionDone)}`;
  yield `admin space action performed = ${yesNo(log.adminSpaceActionDone)}`;
  yield `disk error detected = ${yesNo(log.diskError)}`;
}

function* ourLines(path: RecordPathState): Generator<string> {
  yield `record source = ${path.source}`;
  yield `records received = ${path.recordsReceived}`;
  yield `records written = ${path.recordsWritten}`;
  yield `records discarded = ${path.recordsDiscarded}`;
  yield `records abandoned at stop = ${path.recordsAbandoned}`;
  yield `records malformed = ${path.recordsMalformed}`;
  yield `records cut to length = ${path.recordsCut}`;
  yield `records with control bytes replaced = ${path.recordsCleaned}`;
  yield `messages not from the kernel = ${path.messagesSpoofed}`;
  yield `messages unreadable = ${path.messagesUnreadable}`;
  yield `receive errors = ${path.receiveErrors}`;
  yield `ring use = ${kib(path.ringUsedBytes)}`;
  yield `ring size = ${kib(path.ringBytes)}`;
  yield `max ring use = ${kib(path.ringMostUsedBytes)}`;
  yield `ring full = ${path.ringTimesFull} times, ${path.ringFullMilliseconds} ms`;
  if (path.receiveBufferDrops !== null) yield `receive buffer drops = ${path.receiveBufferDrops}`;
  if (path.kernel !== null) {
    yield `kernel lost = ${path.kernel.lost}`;
    yield `kernel backlog = ${path.kernel.backlog} of ${path.kernel.backlogLimit}`;
  }
  yield `serials missing = ${path.serialsMissing}`;
}

function* networkLines({ isListening, counters }: NetworkState): Generator<string> {
  if (!isListening && counters.accepted + counters.refused === 0) return;
  yield `connections refused = ${counters.refused}`;
  yield `connections refused without a record = ${counters.refusedUnrecorded}`;
  yield `remote records received = ${counters.recordsReceived}`;
  yield `remote records returned = ${counters.recordsReturned}`;
  yield `remote records lost = ${counters.recordsLost}`;
  yield `remote text ignored = ${counters.textIgnored}`;
  yield `clients that sent no audit messages = ${counters.clientsBroken}`;
}

function* pluginLines(plugins: PluginState): Generator<string> {
  if (plugins.each.length > 0) yield `plugin memory = ${kib(plugins.slabBytes)}`;
  for (const plugin of plugins.each) {
    const name = `plugin ${plugin.name}`;
    const process = plugin.pid === null ? '' : `, pid ${plugin.pid}`;
    yield `${name} state = ${plugin.isSuspended ? 'suspended' : plugin.condition}${process}`;
    yield `${name} queue = ${plugin.backlogRecords}, most ${plugin.mostBacklogRecords}`;
    yield `${name} records sent = ${plugin.sentRecords}`;
    yield `${name} records lost = ${plugin.lostRecords}`;
    if (plugin.clients === null) yield `${name} restarts = ${plugin.restarts}`;
    else yield `${name} clients = ${plugin.clients.length}`;
    if (plugin.spool !== null) yield `${name} spool = ${kib(plugin.spool.bytes)} of ${kib(plugin.spool.limitBytes)}`;
    for (const client of plugin.clients ?? []) {
      const { pid, uid, gid, backlogRecords, sentRecords, lostRecords } = client;
      const who = `pid ${pid}, uid ${uid}, gid ${gid}`;
      yield `${name} client = ${who}, queue ${backlogRecords}, sent ${sentRecords}, lost ${lostRecords}`;
    }
  }
}

function* indexLines(indexes: IndexState | null): Generator<string> {
  if (indexes === null) return;
  yield `indexes built = ${indexes.built}, ${kib(indexes.builtBytes)}`;
  yield `indexes failed = ${indexes.failed}`;
  yield `indexes removed = ${indexes.removed}`;
}

function yesNo(claim: boolean): string {
  return claim ? 'yes' : 'no';
}

function kib(bytes: number): string {
  return `${Math.floor(bytes / 1024)} KiB`;
}

/** strftime's `%x %X` in the C locale, local time: `MM/DD/YY HH:MM:SS`. */
function dateAndTime(date: Date): string {
  const two = (value: number) => String(value).padStart(2, '0');
  const day = [date.getMonth() + 1, date.getDate(), date.getFullYear() % 100].map(two).join('/');
  return `${day} ${[date.getHours(), date.getMinutes(), date.getSeconds()].map(two).join(':')}`;
}
