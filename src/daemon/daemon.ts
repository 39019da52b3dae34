import { constants, openSync, writeFileSync } from 'node:fs';
import { getPriority } from 'node:os';
import { setTimeout as pause } from 'node:timers/promises';
import { isErrno, reasonOf } from '../base/errors.ts';
import type { Messages } from '../base/messages.ts';
import { addon, type NativeFormatter, type ReaderSource, type RingMemory } from '../binding/addon.ts';
import { LogIndexer } from '../binding/logIndex.ts';
import type { AuditStatus } from '../control/status.ts';
import {
  abortText,
  configText,
  DAEMON_RECORD_TYPES,
  DaemonRecordStamps,
  type DaemonRecordType,
  endText,
  lossText,
  resumeText,
  rotateText,
  type Sender,
  startText,
  upgradeText,
} from '../pipeline/daemonRecords.ts';
import { LossLedger } from '../pipeline/lossLedger.ts';
import type { RecordForm } from '../ring/recordRenderer.ts';
import { RingError } from '../ring/ring.ts';
import { systemClock } from '../sinks/log/clock.ts';
import { LogWriter } from '../sinks/log/logWriter.ts';
import type { RecordSink } from '../sinks/recordSink.ts';
import { StateFile } from '../sinks/state/stateFile.ts';
import { type DaemonState, type HeapUse, socketReports, stateJson, stateReport } from '../sinks/state/stateReport.ts';
import { StdoutSink } from '../sinks/stdoutSink.ts';
import { ActionRunner, productionPaths } from './actions/actionRunner.ts';
import { LogPolicy } from './actions/logPolicy.ts';
import { realMachine } from './actions/machine.ts';
import { checkMailDomain } from './config/mailDomain.ts';
import { systemFacts } from './config/systemFacts.ts';
import { type Configuration, readConfiguration, say } from './configuration.ts';
import { type FlowFacts, FlowWatch } from './flowWatch.ts';
import { readHandedPlugins, writeHandedPlugins } from './handedPlugins.ts';
import { PLUGINS_NAME } from './heldDescriptors.ts';
import { KernelAudit } from './kernelAudit.ts';
import { KernelLog } from './kernelLog.ts';
import { connectionLimit } from './listener/connectionLimit.ts';
import { HostAccess, machineAccess } from './listener/hostAccess.ts';
import { ListenFailure, NetworkListener, SILENT_NETWORK } from './listener/networkListener.ts';
import { logFiles } from './logFiles.ts';
import { logSettings } from './logSettings.ts';
import { countLosses } from './lossCounts.ts';
import type { DaemonMessages } from './messages.ts';
import { machineNames, NodeNameError, resolveNodeName } from './nodeName.ts';
import type { DaemonOptions } from './options.ts';
import { ensureRunDirectory, PidFile } from './pidFile.ts';
import { pluginState } from './plugins/pluginState.ts';
import { type HandedPlugins, Plugins } from './plugins/plugins.ts';
import type { Priority } from './priority.ts';
import { describeSelf, describeUnregisteredSender, kernelRelease, processName } from './processFacts.ts';
import { queuedRecordsCame } from './queuedRecords.ts';
import { RecordPath } from './recordPath.ts';
import { recordPathState } from './recordPathState.ts';
import { RingJournal } from './ringJournal.ts';
import type { ServiceManager } from './serviceManager.ts';
import type { HandledSignal, ReceivedSignal, Signals } from './signals.ts';
import type { Succession } from './succession.ts';
import type { Successor } from './successor.ts';
import { REFERENCE_VERSION } from './version.ts';

const OOM_NEVER = '-1000';
/** Beyond what setInterval can count. report_interval may be 40 days. */
const LONGEST_INTERVAL_MILLISECONDS = 2 ** 31 - 1;
const LEDGER_MILLISECONDS = 10_000;
const TICK_MILLISECONDS = 60_000;
/** How long a stop waits for a log that cannot be written; then what the ring cannot hold is counted as lost. */
const STOP_PATIENCE_MILLISECONDS = 60_000;
/** How long an upgrade waits for the log. What is in the ring then is written by the version that follows. */
const UPGRADE_PATIENCE_MILLISECONDS = 2000;
/** Asks whoever started this daemon to start it again at once: EX_TEMPFAIL of sysexits.h. */
const EXIT_START_AGAIN = 75;

/** The daemon cannot start. It has been said why; the process exits with `exitCode`. */
export class StartFailure extends Error {
  override readonly name = 'StartFailure';
  readonly exitCode: number;

  constructor(exitCode: number, cause: unknown) {
    super('the daemon cannot start', { cause });
    this.exitCode = exitCode;
  }
}

export interface DaemonInputs {
  readonly options: DaemonOptions;
  /** Absolute: where SIGHUP reads the configuration again. */
  readonly configDirectory: string;
  readonly configuration: Configuration;
  readonly messages: DaemonMessages;
  readonly signals: Signals;
  readonly priority: Priority;
  /** Said once the daemon is up; null where nobody waits. */
  readonly ready: (() => void) | null;
  readonly manager: ServiceManager;
  readonly succession: Succession;
  readonly successor: Successor;
  /** Why an upgrade to another version has ended in this one again; null without one. */
  readonly failedUpgrade: string | null;
  /** Goes back to the version before this one. Returns when there is none, or it cannot be. */
  readonly fallBack: (error: unknown) => void;
}

/** The daemon's life: start, run until a signal or the end of the source, stop. */
export class Daemon {
  readonly #inputs: DaemonInputs;
  readonly #messages: Messages;
  readonly #stamps = new DaemonRecordStamps(Date.now);
  readonly #ledger = new LossLedger(() => performance.now(), LEDGER_MILLISECONDS);
  readonly #timers = new Set<NodeJS.Timeout>();
  /** The signals being answered, each with what the next of its kind, which came meanwhile, asks for. */
  readonly #underWay = new Map<HandledSignal, (() => Promise<void>) | null>();
  readonly #pidFile: PidFile | null;
  readonly #stateFile: StateFile | null;
  readonly #kernel: KernelAudit | null;
  readonly #log: LogWriter | null;
  readonly #policy: LogPolicy | null;
  readonly #sink: RecordSink;
  readonly #journal = new RingJournal();
  readonly #flow = new FlowWatch();
  readonly #actions: ActionRunner;
  #configuration: Configuration;
  #formatter: NativeFormatter | null = null;
  #node: string | null = null;
  #path: RecordPath | null = null;
  #network: NetworkListener | null = null;
  #plugins: Plugins | null = null;
  #kernelLog: KernelLog | null = null;
  #reportTimer: NodeJS.Timeout | null = null;
  #previousHeap: HeapUse = { arenaBytes: 0, inUseBytes: 0, freeBytes: 0 };
  #isStopping = false;
  #finish: (exitCode: number) => void = () => undefined;
  #openedPath: () => void = () => undefined;
  readonly #pathIsOpen = new Promise<void>(resolve => {
    this.#openedPath = resolve;
  });

  /** @throws {StartFailure} */
  constructor(inputs: DaemonInputs) {
    const { options, configuration, messages } = inputs;
    this.#inputs = inputs;
    this.#configuration = configuration;
    this.#messages = messages;
    // An observer and a replay are not the machine's audit daemon: its files are not theirs.
    const isDaemon = options.source.kind === 'daemon';
    const { runDirectory } = configuration.node;
    this.#pidFile = isDaemon ? new PidFile(`${runDirectory}/auditd.pid`) : null;
    this.#stateFile = isDaemon ? new StateFile(`${runDirectory}/auditd.state`, messages) : null;
    const readsKernel = isDaemon && configuration.auditd.receivesLocalEvents;
    this.#kernel = readsKernel ? orFailure(() => new KernelAudit(messages)) : null;
    this.#actions = new ActionRunner(realMachine, productionPaths, messages);
    this.#log = options.isForeground ? null : this.#makeLog();
    this.#policy = this.#log === null ? null : this.#makePolicy(this.#log);
    this.#sink = this.#log ?? new StdoutSink(() => messages.warning('Standard output is closed: records go nowhere'));
  }

  /**
   * Starts in the reference's order, then runs until the daemon is told to stop.
   *
   * @returns The exit code.
   * @throws {StartFailure}
   */
  async run(): Promise<number> {
    const ended = new Promise<number>(resolve => {
      this.#finish = resolve;
    });
    const { messages } = this.#inputs;
    messages.hold(); // records first
    try {
      try {
        await this.#start();
        messages.release();
      } catch (error) {
        this.#path?.reader?.leave();
        this.#inputs.fallBack(error);
        throw error;
      }
      return await ended;
    } finally {
      messages.release();
      this.#stopTimers();
      this.#inputs.succession.stop();
      this.#path?.close();
      this.#kernel?.close();
      this.#kernelLog?.close();
      this.#pidFile?.remove(this.#inputs.messages);
      await this.#stateFile?.remove();
      await this.#plugins?.stop();
    }
  }

  // --- Start ---------------------------------------------------------------------------------------------------

  #makeLog(): LogWriter {
    const settings = logSettings(this.#configuration.auditd, this.#configuration.node);
    return new LogWriter(
      settings,
      logFiles,
      this.#messages,
      async crossing => this.#policy?.crossed(crossing),
      systemClock,
      this.#journal,
      new LogIndexer(),
    );
  }

  #makePolicy(log: LogWriter): LogPolicy {
    return new LogPolicy({
      log,
      actions: this.#actions,
      messages: this.#messages,
      settings: this.#configuration.auditd,
      between: step => this.#between(step),
      pause: milliseconds => pause(milliseconds),
      now: () => performance.now(),
    });
  }

  async #start(): Promise<void> {
    const { options, signals, ready, succession, manager } = this.#inputs;
    await this.#orFail(() => this.#writePidFile());
    // What an earlier process left is compared with the log as that process left it.
    if (!succession.hasPredecessor) await this.#openLog();
    const node = await this.#orFail(() => resolveNodeName(this.#configuration.auditd, machineNames));
    this.#node = node;
    this.#formatter = new addon.LineFormatter(this.#isEnriched, node ?? '');
    const path = await this.#orFail(() => this.#openRecordPath(node), openFailure);
    this.#path = path;
    this.#journal.bind(path.ring);
    if (succession.hasPredecessor) {
      const torn = succession.recover(this.#log === null ? null : this.#configuration.auditd.logFile);
      this.#background(this.#startPlugins(path, node)); // they get what is left in the ring
      await this.#openLog();
      this.#openedPath();
      this.#beginAgain(path, torn);
    } else {
      this.#openedPath();
      await this.#startPlugins(path, node);
      await this.#begin(path);
    }
    if (options.source.kind === 'daemon') {
      // Asked once: the answer comes from a kernel thread made for it, which on a busy machine takes 20 ms.
      const status = this.#kernel?.status() ?? null;
      if (!succession.hasPredecessor) await this.#setEnabled(status);
      this.#ledger.begin(this.#lossCounts(status));
      if (!succession.isSameProcess) await this.#register(path);
      // A change is a record, and waits for room in the backlog: not before somebody makes room again.
      if (succession.hasPredecessor) await this.#setEnabled(status);
      succession.watch();
      // Not before: what the kernel printed while nobody was registered is not our loss.
      if (this.#kernel !== null) this.#kernelLog = new KernelLog();
    }
    signals.listen(signal => this.#onSignal(signal));
    if (options.source.kind === 'daemon') this.#every(LEDGER_MILLISECONDS, () => this.#recordLosses());
    if (this.#policy !== null) this.#every(TICK_MILLISECONDS, () => this.#tick());
    this.#scheduleReports();
    if (!(await this.#startNetwork(path))) return;
    this.#watchFlow();
    ready?.();
    manager.ready(this.#readyText());
    this.#messages.info(this.#readyText());
    void this.#checkMail();
  }

  // False: the daemon has told of it, and stops. What the log and the kernel are owed at an end, they get.
  async #startNetwork(path: RecordPath): Promise<boolean> {
    if (this.#inputs.options.source.kind !== 'daemon') return true;
    this.#network = new NetworkListener({
      settings: this.#configuration.auditd,
      messages: this.#messages,
      facts: systemFacts(name => addon.groupNumber(name)),
      access: new HostAccess(machineAccess, this.#messages),
      target: path.pipeline,
      record: (type, text) => this.#emit(type, text),
      distribute: (type, line) => this.#plugins?.dispatchRemote(type, line),
      isLowOnSpace: () => this.#log?.isLowOnSpace ?? false,
      mostConnections: connectionLimit(),
      now: Date.now,
      onFault: error => this.#onFault(error),
    });
    try {
      await this.#network.start();
      return true;
    } catch (error) {
      if (!(error instanceof ListenFailure)) throw error;
      await this.#emit('ABORT', abortText('network-init', describeSelf()));
      await this.#stop(null, 1);
      return false;
    }
  }

  async #openLog(): Promise<void> {
    await this.#orFail(async () => this.#log?.open(), null); // it has said why
  }

  async #begin(path: RecordPath): Promise<void> {
    if (this.#inputs.options.source.kind === 'daemon') {
      // On the disk before the kernel knows us.
      await this.#orFail(() => this.#emit('START', this.#startText()));
      this.#protectFromOomKiller();
    }
    path.start();
  }

  // After an earlier process of this daemon. Nothing waits for the disk: it may be what that one died of, and until this
  // one is registered the kernel takes it for any other process, and may make it wait for itself.
  #beginAgain(path: RecordPath, ownRecord: Uint8Array | null): void {
    path.start();
    if (ownRecord !== null) this.#background(path.pipeline.emit(ownRecord));
    this.#background(this.#emit('START', this.#startText()));
    const { lostRing } = this.#inputs.succession;
    if (lostRing !== null) this.#background(this.#emit('ERR', lossText([{ name: 'ring-unreadable', by: 1 }])));
    const failure = this.#inputs.failedUpgrade;
    if (failure !== null) {
      this.#messages.error(`The installed version did not come up, this one goes on: ${failure}`);
      this.#background(this.#emit('ERR', upgradeText(null, 'failed')));
    }
    this.#protectFromOomKiller();
  }

  #background(work: Promise<void>): void {
    work.catch((error: unknown) => this.#onFault(error));
  }

  #watchFlow(): void {
    const { manager, options } = this.#inputs;
    const { watchdogMilliseconds } = manager;
    if (watchdogMilliseconds === null || options.source.kind !== 'daemon') return;
    let stood = false;
    const look = async () => {
      const flows = this.#flow.flows(this.#flowFacts());
      if (flows) manager.feedWatchdog();
      else if (!stood) this.#messages.critical('Records do not flow: the watchdog is not fed');
      stood = !flows;
    };
    this.#every(watchdogMilliseconds / 4, look);
  }

  #flowFacts(): FlowFacts {
    const { reader, ring, pipeline } = this.#pathOrThrow();
    return {
      isReadable: reader?.isReadable ?? false,
      batches: ring?.counters().batches ?? 0,
      waitingBytes: ring?.usedBytes ?? 0,
      ringBytes: ring?.textBytes ?? 0,
      settledLines: pipeline.writtenLines + pipeline.discardedLines,
      isHeldUp: this.#log?.isFailing ?? false,
    };
  }

  // Ends once every plugin has started, or has said why not.
  async #startPlugins(path: RecordPath, node: string | null, handed = this.#handedPlugins()): Promise<void> {
    if (this.#inputs.options.source.kind !== 'daemon') return;
    this.#plugins = new Plugins({
      memory: path.memory,
      form: this.#recordForm(this.#configuration, node),
      configuration: this.#configuration,
      messages: this.#messages,
      changeRunlevel: level => this.#actions.changeRunlevel(level),
      handed,
    });
    path.tapBy(this.#plugins.dispatcher);
    await this.#plugins.start();
  }

  #handedPlugins(): HandedPlugins | null {
    const fd = this.#inputs.succession.pluginsDescriptor;
    return fd === null ? null : readHandedPlugins(fd);
  }

  #recordForm({ auditd }: Configuration, node: string | null): RecordForm {
    return { wholeLines: auditd.logFormat === 'enriched' || node !== null, node };
  }

  #writePidFile(): void {
    if (this.#pidFile === null) return;
    ensureRunDirectory(this.#configuration.node.runDirectory);
    this.#pidFile.write(this.#messages);
  }

  get #isEnriched(): boolean {
    return this.#configuration.auditd.logFormat === 'enriched';
  }

  #startText(): string {
    const format = this.#configuration.auditd.logFormat;
    return startText({ version: REFERENCE_VERSION, format, kernel: kernelRelease(), self: describeSelf() });
  }

  #openRecordPath(node: string | null): RecordPath {
    const { auditd, node: settings } = this.#configuration;
    const { options, succession } = this.#inputs;
    const receiveBytes = settings.kernelReceiveBufferBytes;
    const kernel = auditd.receivesLocalEvents ? succession.source(receiveBytes) : null;
    const source = readerSource(options, kernel, receiveBytes);
    const path = (ring: RingMemory) =>
      new RecordPath({
        source,
        ring,
        isEnriched: this.#isEnriched,
        node,
        destination: () => this.#sink,
        onFailure: async error => this.#policy?.failed(error) ?? 'discard',
        onFault: error => this.#onFault(error),
        onEnd: () => void this.#stop(null),
      });
    return source?.kind === 'kernel'
      ? succession.openPath(settings.ringBytes, path)
      : path({ bytes: settings.ringBytes, memfd: null });
  }

  #protectFromOomKiller(): void {
    try {
      writeFileSync('/proc/self/oom_score_adj', OOM_NEVER);
    } catch (error) {
      this.#messages.notice(`Unable to adjust out of memory score (${reasonOf(error)})`);
    }
  }

  async #setEnabled(status: AuditStatus | null): Promise<void> {
    const { startupState } = this.#inputs.options;
    if (startupState === 'nochange' || this.#kernel === null) return;
    try {
      this.#kernel.setEnabled(startupState === 'enable', status);
    } catch (error) {
      this.#messages.warning(`Error sending enable request (${reasonOf(error)})`);
      await this.#emit('ABORT', abortText('set-enable', describeSelf()));
      this.#messages.error(`Unable to set initial audit startup state to '${startupState}', exiting`);
      throw new StartFailure(1, error);
    }
  }

  async #register(path: RecordPath): Promise<void> {
    const { reader } = path;
    if (reader === null) return;
    if (!reader.receiveBytesGranted) {
      const granted = Math.floor(reader.receiveBytes / 2 / 1024);
      this.#messages.warning(
        `The audit socket's receive buffer is ${granted} KiB, less than [kernel] receive_buffer asks for: ` +
          'that needs CAP_NET_ADMIN, or a larger net.core.rmem_max',
      );
    }
    try {
      await path.register();
    } catch (error) {
      this.#messages.warning(`Error setting audit daemon pid (${reasonOf(error)})`);
      this.#messages.error(this.#whyNotRegistered(error));
      await this.#emit('ABORT', abortText('set-pid', describeSelf()));
      this.#messages.error('Unable to set audit pid, exiting');
      throw new StartFailure(1, error);
    }
  }

  #whyNotRegistered(error: unknown): string {
    const instead = 'Use --observe to record beside it, or --replay FILE to read a recorded log';
    if (isErrno(error, 'EEXIST')) {
      const pid = this.#kernel?.status()?.pid ?? 0;
      return `Another audit daemon is registered with the kernel: pid ${pid} (${processName(pid) ?? 'gone'}). ${instead}`;
    }
    if (isErrno(error, 'EPERM')) {
      return `The kernel lets only CAP_AUDIT_CONTROL in its initial namespaces register an audit daemon. ${instead}`;
    }
    return `The kernel refused the registration (${reasonOf(error)}). ${instead}`;
  }

  #readyText(): string {
    const { source, startupState } = this.#inputs.options;
    switch (source.kind) {
      case 'daemon':
        return `Init complete, auditd ${REFERENCE_VERSION} listening for events (startup state ${startupState})`;
      case 'observe':
        return 'Observing the kernel’s audit records beside the registered daemon';
      case 'replay':
        return `Replaying ${source.file ?? 'standard input'}`;
    }
  }

  // One step of the start. `explain` words the failure; null: the step has said it.
  async #orFail<T>(
    step: () => T | Promise<T>,
    explain: ((error: unknown) => string) | null = error => (error instanceof Error ? error.message : String(error)),
  ): Promise<T> {
    try {
      return await step();
    } catch (error) {
      if (explain !== null) this.#messages.error(explain(error));
      throw new StartFailure(1, error);
    }
  }

  // --- Signals -------------------------------------------------------------------------------------------------

  #onSignal(signal: ReceivedSignal): void {
    switch (signal.name) {
      case 'SIGTERM':
      case 'SIGINT':
        void this.#stop(signal);
        break;
      case 'SIGHUP':
        this.#answer(signal, () => this.#reload(signal));
        break;
      case 'SIGUSR1':
        this.#answer(signal, () => this.#rotate(signal));
        break;
      case 'SIGUSR2':
        this.#answer(signal, () => this.#resume(signal));
        break;
      case 'SIGCONT':
        this.#answer(signal, () => this.#report());
        break;
      case 'SIGRTMIN+2':
        this.#answer(signal, () => this.#upgrade(signal));
        break;
      case 'SIGRTMIN+3':
        void this.#restart(signal);
        break;
    }
  }

  // As the kernel does with a blocked signal: of those that come while one is answered, the first waits its turn. What it
  // asks for may be newer than what is under way: a file changed since, a report taken away.
  #answer({ name }: Pick<ReceivedSignal, 'name'>, act: () => Promise<void>): void {
    if (this.#isStopping) return;
    const waiting = this.#underWay.get(name);
    if (waiting !== undefined) {
      if (waiting === null) this.#underWay.set(name, act);
      return;
    }
    this.#underWay.set(name, null);
    act()
      .catch((error: unknown) => this.#onFault(error))
      .finally(() => {
        const next = this.#underWay.get(name) ?? null;
        this.#underWay.delete(name);
        if (next !== null) this.#answer({ name }, next);
      });
  }

  async #rotate(signal: ReceivedSignal): Promise<void> {
    const sender = this.#senderOf(signal);
    await this.#pathOrThrow().pipeline.between(async () => {
      await this.#policy?.rotate();
      return this.#record('ROTATE', rotateText(sender)); // opens the new file
    });
  }

  async #resume(signal: ReceivedSignal): Promise<void> {
    const sender = this.#senderOf(signal);
    const resumed = this.#pathOrThrow().pipeline.between(async () => {
      await this.#policy?.resume();
      this.#plugins?.resume();
      return this.#record('RESUME', resumeText(sender));
    });
    this.#policy?.hurry();
    await resumed;
  }

  async #reload(signal: ReceivedSignal): Promise<void> {
    this.#messages.debug('HUP detected, starting config manager');
    const { manager } = this.#inputs;
    manager.reloading(process.hrtime.bigint() / 1000n);
    try {
      await this.#readAgain(signal);
    } finally {
      manager.ready(this.#readyText());
    }
  }

  async #readAgain(signal: ReceivedSignal): Promise<void> {
    const sender = this.#senderOf(signal);
    if (sender === null) return this.#emit('CONFIG', configText('no-change', null));
    const { configDirectory, options, messages } = this.#inputs;
    const next = readConfiguration(configDirectory, options.allowsLinks, messages);
    const node = next === null ? null : await this.#resolveAgain(next);
    if (next === null || node === null) return this.#emit('CONFIG', configText('no-change', sender));
    messages.notice(`config change requested by pid=${sender.pid} auid=${sender.auid} subj=${sender.subj ?? '?'}`);
    // Not between two writes: clients that are sent away wait for theirs.
    await this.#network?.reconfigure(next.auditd);
    const reloaded = this.#pathOrThrow().pipeline.between(async () => {
      await this.#apply(next, node.name);
      const record = this.#record('CONFIG', configText('changed', sender));
      return next.auditd.writesLogs ? record : null;
    });
    this.#policy?.hurry();
    await reloaded;
    // Not waited for: the next SIGHUP shall not wait for a plugin that takes its time to end.
    this.#plugins?.reload(next).catch((error: unknown) => this.#onFault(error));
    void this.#checkMail();
  }

  // Null, and said why, when the node name cannot be found out: records without it could be anybody's.
  async #resolveAgain(next: Configuration): Promise<{ name: string | null } | null> {
    try {
      return { name: await resolveNodeName(next.auditd, machineNames) };
    } catch (error) {
      if (!(error instanceof NodeNameError)) throw error;
      this.#messages.error(error.message);
      return null;
    }
  }

  // Runs between two writes: no record is written under half of it.
  async #apply(next: Configuration, node: string | null): Promise<void> {
    const { options, priority, messages } = this.#inputs;
    const before = this.#configuration;
    this.#configuration = next;
    this.#node = node;
    for (const key of unchangeable(before, next)) messages.notice(`${key} change requires restart`);
    try {
      if (options.source.kind === 'daemon') priority.boost(next.auditd.priorityBoost);
    } catch (error) {
      messages.warning(`Cannot change priority in reconfigure (${reasonOf(error)})`);
    }
    if (!options.isForeground) messages.setLevel(next.node.messageLevel);
    this.#formatter?.reformat(this.#isEnriched, node ?? '');
    this.#path?.reader?.reformat(this.#isEnriched, node ?? '');
    if (this.#plugins !== null) this.#plugins.form = this.#recordForm(next, node);
    this.#scheduleReports();
    await this.#policy?.reconfigure(logSettings(next.auditd, next.node), next.auditd);
  }

  #senderOf(signal: ReceivedSignal): Sender | null {
    if (this.#kernel !== null) return this.#kernel.senderOf(signal);
    return describeUnregisteredSender({ pid: signal.senderPid, uid: signal.senderUid });
  }

  // --- Reports -------------------------------------------------------------------------------------------------

  #scheduleReports(): void {
    if (this.#reportTimer !== null) clearInterval(this.#reportTimer);
    this.#reportTimer = null;
    const seconds = this.#configuration.auditd.reportIntervalSeconds;
    if (seconds === 0) return;
    const milliseconds = Math.min(seconds * 1000, LONGEST_INTERVAL_MILLISECONDS);
    this.#reportTimer = setInterval(() => void this.#report(), milliseconds);
  }

  async #report(): Promise<void> {
    const state = await this.#state();
    const report = stateReport(state);
    const { logGroupId } = this.#configuration.auditd;
    if (this.#stateFile === null) {
      this.#messages.info(report.trimEnd().replaceAll('\n', '; '));
      return;
    }
    for (const { name, text } of socketReports(state)) await this.#stateFile.writeBeside(name, text, logGroupId);
    // Last: whoever asked waits for this one.
    await this.#stateFile.write(report, stateJson(state), logGroupId);
  }

  async #state(): Promise<DaemonState> {
    const heap = addon.heapUse();
    const previousHeap = this.#previousHeap;
    this.#previousHeap = heap;
    const isWriting = this.#log !== null && this.#configuration.auditd.writesLogs;
    return {
      version: REFERENCE_VERSION,
      now: new Date(),
      priority: getPriority(),
      writesLogs: isWriting,
      log: isWriting && this.#log !== null ? await this.#log.condition() : null,
      plugins: pluginState(this.#plugins?.state() ?? null),
      network: this.#network?.state ?? SILENT_NETWORK,
      heap,
      previousHeap,
      indexes: this.#indexState(),
      path: recordPathState(this.#inputs.options.source.kind, this.#pathOrThrow(), this.#kernel?.status() ?? null),
    };
  }

  #indexState(): DaemonState['indexes'] {
    const { indexesLogs } = this.#configuration.node;
    const counts = this.#log?.indexCounts ?? null;
    return indexesLogs && counts !== null ? { ...counts } : null;
  }

  #lossCounts(status = this.#kernel?.status() ?? null): ReturnType<typeof countLosses> {
    return countLosses(this.#pathOrThrow(), status, this.#kernelLog, this.#network, this.#plugins?.lostRecords ?? 0);
  }

  async #recordLosses(isLast = false): Promise<void> {
    const moved = this.#ledger.observe(this.#lossCounts(), isLast);
    if (moved.length === 0) return;
    this.#messages.error(`Audit records were lost: ${moved.map(({ name, by }) => `${by} ${name}`).join(', ')}`);
    await this.#emit('ERR', lossText(moved));
  }

  async #tick(): Promise<void> {
    await this.#between(async () => this.#policy?.tick());
  }

  async #checkMail(): Promise<void> {
    const fault = await checkMailDomain(`${this.#inputs.configDirectory}/auditd.conf`, this.#configuration.auditd);
    if (fault !== null) say(fault, this.#messages);
  }

  // --- Stop ----------------------------------------------------------------------------------------------------

  async #stop(signal: ReceivedSignal | null, exitCode = 0): Promise<void> {
    if (this.#isStopping) return;
    this.#isStopping = true;
    this.#stopTimers();
    const path = this.#pathOrThrow();
    this.#inputs.manager.stopping('Writing what is on its way');
    // Before the kernel forgets who it was: it keeps the last sender only while this process is registered.
    const sender = signal === null ? null : this.#senderOf(signal);
    this.#policy?.stopping();
    const patience = setTimeout(() => {
      this.#messages.critical('The log cannot be written: giving up what the ring cannot hold');
      path.abandon();
    }, STOP_PATIENCE_MILLISECONDS);
    // From the moment at which nobody is registered the kernel prints what it has; that is not our loss.
    this.#kernelLog?.close();
    try {
      await this.#network?.stop();
      await this.#awaitQueued(path);
      await path.stop();
      // What an observer misses, or a recorded log lacks, is not this machine's loss.
      if (this.#inputs.options.source.kind === 'daemon') {
        await this.#recordLosses(true);
        await this.#emit('END', endText(sender));
      }
      await Promise.all([this.#plugins?.stop(), this.#policy?.close()]);
      this.#inputs.succession.forgetAll();
      this.#messages.info('The audit daemon is exiting.');
      this.#finish(exitCode);
    } catch (error) {
      this.#onFault(error);
    } finally {
      clearTimeout(patience);
    }
  }

  async #awaitQueued({ ring }: RecordPath): Promise<void> {
    if (ring === null || this.#kernel === null) return;
    const came = await queuedRecordsCame({
      backlog: () => this.#kernel?.status()?.backlog ?? null,
      received: () => {
        const { records, dispatchOnly, ignored } = ring.counters();
        return records + dispatchOnly + ignored;
      },
      pause: milliseconds => pause(milliseconds),
      now: () => performance.now(),
    });
    if (!came) this.#messages.warning('Not all that the kernel had queued has come');
  }

  // Another program takes this one's place, with the same pid, socket, ring and plugins: the kernel notices nothing.
  async #upgrade(signal: ReceivedSignal): Promise<void> {
    const { successor, succession } = this.#inputs;
    const path = this.#pathOrThrow();
    const sender = whoSent(signal);
    const { reader } = path;
    if (reader === null || this.#inputs.options.source.kind !== 'daemon') return;
    const fault = await successor.preflight(reader.descriptors().ring);
    if (fault !== null || this.#isStopping) {
      this.#messages.error(`The installed version would not come up, this one goes on: ${fault ?? 'stopping'}`);
      return this.#emit('ERR', upgradeText(sender, 'failed'));
    }
    this.#messages.notice('Becoming the installed version');
    this.#background(this.#emit('CONFIG', upgradeText(sender, 'success')));
    await path.leave();
    await Promise.race([path.pipeline.drain(), pause(UPGRADE_PATIENCE_MILLISECONDS)]);
    const handed = (await this.#plugins?.handOver()) ?? { next: path.ring?.head ?? 0, programs: [], events: [] };
    try {
      const state = writeHandedPlugins(handed, this.#configuration.node.runDirectory);
      const descriptors = [...succession.descriptors, { name: PLUGINS_NAME, fd: state }];
      successor.becomeInstalled(
        descriptors,
        handed.programs.map(({ fd }) => fd),
      );
    } catch (error) {
      this.#messages.error(`Cannot become the installed version, this one goes on (${reasonOf(error)})`);
      await this.#startPlugins(path, this.#node, handed);
      path.start();
      await this.#emit('ERR', upgradeText(sender, 'failed'));
    }
  }

  // Ends without unregistering: what the kernel sends meanwhile waits for the process that is started next.
  async #restart(signal: ReceivedSignal): Promise<void> {
    if (this.#isStopping) return;
    const { manager, options, succession, successor } = this.#inputs;
    if (options.source.kind !== 'daemon') return;
    this.#isStopping = true;
    this.#stopTimers();
    const path = this.#pathOrThrow();
    this.#kernelLog?.close();
    try {
      await this.#network?.stop();
      await path.leave();
      await Promise.race([this.#endInOrder(whoSent(signal)), pause(UPGRADE_PATIENCE_MILLISECONDS)]);
      this.#messages.info('The audit daemon is restarting.');
      // With nobody to start it again, this process does it itself.
      if (!manager.isThere) successor.becomeInstalled(succession.descriptors, []);
      this.#finish(EXIT_START_AGAIN);
    } catch (error) {
      this.#onFault(error);
    }
  }

  async #endInOrder(sender: Sender): Promise<void> {
    await this.#pathOrThrow().pipeline.drain();
    await this.#recordLosses(true);
    await this.#emit('END', endText(sender));
    await this.#plugins?.stop();
  }

  #onFault(error: unknown): void {
    if (error instanceof RingError) this.#path?.ring?.condemn();
    const what = error instanceof Error ? (error.stack ?? error.message) : String(error);
    this.#messages.emergency(`The record path has failed, exiting: ${what}`);
    this.#finish(1);
  }

  // --- The record path -----------------------------------------------------------------------------------------

  // A record of the daemon's own: plugins get it here, and the log the line that is returned.
  #record(type: DaemonRecordType, text: string): Uint8Array | null {
    const payload = Buffer.from(this.#stamps.stamp(text), 'latin1');
    const line = this.#formatter?.format(DAEMON_RECORD_TYPES[type], payload) ?? null;
    if (line !== null) this.#plugins?.dispatch(DAEMON_RECORD_TYPES[type], line);
    return line;
  }

  async #emit(type: DaemonRecordType, text: string): Promise<void> {
    const line = this.#record(type, text);
    if (line !== null) await this.#pathOrThrow().pipeline.emit(line);
  }

  async #between(step: () => Promise<void>): Promise<void> {
    // A helper of the log's, started when it was opened, may end before the path is there.
    await this.#pathIsOpen;
    await this.#pathOrThrow().pipeline.between(async () => {
      await step();
      return null;
    });
  }

  #stopTimers(): void {
    for (const timer of this.#timers) clearInterval(timer);
    if (this.#reportTimer !== null) clearInterval(this.#reportTimer);
  }

  #every(milliseconds: number, act: () => Promise<void>): void {
    this.#timers.add(setInterval(() => void act().catch((error: unknown) => this.#onFault(error)), milliseconds));
  }

  #pathOrThrow(): RecordPath {
    if (this.#path === null) throw new Error('the record path is not open yet');
    return this.#path;
  }
}

function orFailure<T>(step: () => T): T {
  try {
    return step();
  } catch (error) {
    throw new StartFailure(1, error);
  }
}

const STANDARD_INPUT = 0;

function readerSource(
  { source }: DaemonOptions,
  kernel: ReaderSource | null,
  receiveBytes: number,
): ReaderSource | null {
  switch (source.kind) {
    case 'daemon':
      return kernel;
    case 'observe':
      return { kind: 'observe', receiveBytes };
    case 'replay': {
      const fd = source.file === null ? STANDARD_INPUT : openSync(source.file, constants.O_RDONLY);
      return { kind: 'recorded', fd };
    }
  }
}

/** The kernel notes a sender for the reference's signals alone; for ours, the signal itself tells. */
function whoSent({ senderPid, senderUid }: ReceivedSignal): Sender {
  return describeUnregisteredSender({ pid: senderPid, uid: senderUid });
}

function openFailure(error: unknown): string {
  if (isErrno(error, 'EPERM')) {
    return 'Reading the kernel’s audit records needs CAP_AUDIT_READ. Use --replay FILE to read a recorded log';
  }
  if (isErrno(error, 'EPROTONOSUPPORT')) return 'Error - audit support not in kernel';
  return `Cannot open the record source (${error instanceof Error ? error.message : String(error)})`;
}

/** Keys that changed and are only read at the start, as the specification's table has them. */
function unchangeable(before: Configuration, next: Configuration): string[] {
  const keys: string[] = [];
  if (before.auditd.receivesLocalEvents !== next.auditd.receivesLocalEvents) keys.push('local_events');
  if (before.node.runDirectory !== next.node.runDirectory) keys.push('[daemon] run_directory');
  if (before.node.ringBytes !== next.node.ringBytes) keys.push('[ring] size');
  if (before.node.kernelReceiveBufferBytes !== next.node.kernelReceiveBufferBytes) keys.push('[kernel] receive_buffer');
  return keys;
}
