import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import { reasonOf } from '../../base/errors.ts';
import type { Messages } from '../../base/messages.ts';
import { addon } from '../../binding/addon.ts';
import { type RecordForm, RingRenderer } from '../../ring/recordRenderer.ts';
import { Dispatcher } from '../../sinks/dispatch/dispatcher.ts';
import { FilePlugin } from '../../sinks/dispatch/filePlugin.ts';
import { type HandedEvents, JsonPlugin } from '../../sinks/dispatch/jsonPlugin.ts';
import type { Plugin, PluginReport } from '../../sinks/dispatch/plugin.ts';
import { type HandedProgram, type Launcher, ProgramPlugin } from '../../sinks/dispatch/programPlugin.ts';
import { type ListenerFactory, SocketPlugin } from '../../sinks/dispatch/socketPlugin.ts';
import { Spool } from '../../sinks/dispatch/spool.ts';
import type { StreamFormat } from '../../sinks/dispatch/streamFormat.ts';
import type { AuditdConfig } from '../config/auditdConfig.ts';
import type { NodeAuditdConfig } from '../config/nodeAuditdConfKeys.ts';
import type { Configuration } from '../configuration.ts';
import { openAppended } from './appendedFile.ts';
import { ProcessLauncher } from './launcher.ts';
import { OverflowPolicy } from './overflowPolicy.ts';
import { type PluginScan, scanPluginDirectory } from './pluginDirectory.ts';
import { pluginFacts } from './pluginFacts.ts';
import type { PluginDescription } from './pluginFile.ts';
import { unixListeners } from './unixListeners.ts';

export interface PluginsInputs {
  /** The ring's; null without one. */
  readonly memory: ArrayBuffer | null;
  readonly form: RecordForm;
  readonly configuration: Configuration;
  readonly messages: Messages;
  readonly changeRunlevel: (level: '0' | '1') => void;
  /** Where an earlier process has left off; null at a fresh start. */
  readonly handed: HandedPlugins | null;
}

/** What another process needs to go on with running plugins: see the README. */
export interface HandedPlugins {
  /** The ring's index number of the first record that was not given away. */
  readonly next: number;
  readonly programs: readonly HandedProgram[];
  /** Of plugins that get JSON, whatever they write it to. */
  readonly events: readonly HandedEvents[];
}

/** What the state report tells. */
export interface PluginsState {
  readonly limit: number;
  readonly slabBytes: number;
  readonly plugins: readonly PluginReport[];
}

/** Where auditd.conf says 0: then every event would end with its first record. */
const END_OF_EVENT_SECONDS = 2;

/** The plugins of plugin_dir, as the configuration has them: made, started, reloaded and stopped. */
export class Plugins {
  readonly dispatcher: Dispatcher;
  readonly #renderer: RingRenderer;
  readonly #messages: Messages;
  readonly #policy: OverflowPolicy;
  readonly #launcher: Launcher = new ProcessLauncher();
  readonly #listeners: ListenerFactory = unixListeners;
  readonly #handed: HandedPlugins | null;
  /** Running programs that nobody has taken over yet. */
  readonly #handedPrograms: Map<string, HandedProgram>;
  readonly #descriptions = new Map<string, PluginDescription>();
  #auditd: AuditdConfig;
  #node: NodeAuditdConfig;
  #working: Promise<void> = Promise.resolve();
  #isStopping = false;
  #stopped: Promise<void> | null = null;
  /** Of plugins that are no longer there. */
  #lostBefore = 0;
  readonly #ending = new Set<Plugin>();

  constructor(inputs: PluginsInputs) {
    const { memory, form, configuration, messages, changeRunlevel, handed } = inputs;
    this.#auditd = configuration.auditd;
    this.#node = configuration.node;
    this.#messages = messages;
    this.#handed = handed;
    this.#handedPrograms = new Map(handed?.programs.map(program => [program.name, program]));
    this.#policy = new OverflowPolicy(messages, changeRunlevel, configuration.auditd.overflowAction);
    this.#renderer = new RingRenderer(memory, form);
    this.dispatcher = new Dispatcher({ renderer: this.#renderer, pause }, handed?.next ?? null);
  }

  /** Starts what plugins.d asks for. Settles when each has started, or has said why not. */
  async start(): Promise<void> {
    const scan = this.#scan();
    const plugins = scan.plugins.map(description => this.#make(description));
    // Before they are started: what comes meanwhile waits for them.
    this.dispatcher.setPlugins(plugins);
    const started = Promise.all(plugins.map(plugin => this.#begin(plugin)));
    this.#endHanded();
    await started;
    const { pluginBacklogEvents } = this.#auditd;
    if (plugins.length === 0) this.#messages.notice('No plugins found, not dispatching events');
    else {
      this.#messages.info(
        `audit dispatcher initialized with q_depth=${pluginBacklogEvents} and ${plugins.length} active plugins`,
      );
    }
  }

  /** A record of the daemon's own: the line as it is in the log. */
  dispatch(type: number, line: Uint8Array): void {
    this.dispatcher.dispatchLine(type, line, false);
  }

  /** A record of another machine. Whatever this one's are like, it goes out whole. */
  dispatchRemote(type: number, line: Uint8Array): void {
    this.dispatcher.dispatchLine(type, line, true);
  }

  /** How records look from here on. */
  set form(form: RecordForm) {
    this.#renderer.form = form;
  }

  /**
   * Reads plugins.d again: new plugins start, those that are gone stop, all others are started anew, and what waits for
   * them waits for the new process. A socket whose file is the same keeps its clients. Reloads follow one another.
   */
  reload(configuration: Configuration): Promise<void> {
    this.#working = this.#working.then(() => (this.#isStopping ? undefined : this.#reload(configuration)));
    return this.#working;
  }

  /** SIGUSR2: plugins that an overflow has suspended get records again. */
  resume(): void {
    for (const plugin of this.dispatcher.plugins) plugin.resume();
  }

  /** Records that plugins did not get, in all. */
  get lostRecords(): number {
    const all = [...this.dispatcher.plugins, ...this.#ending];
    return all.reduce((sum, plugin) => sum + plugin.report().lostRecords, this.#lostBefore);
  }

  state(): PluginsState {
    return {
      limit: this.#auditd.pluginBacklogEvents,
      slabBytes: this.dispatcher.slabBytes,
      plugins: this.dispatcher.plugins.map(plugin => plugin.report()),
    };
  }

  /** Ends all plugins, in bounded time, with what still waits for them as long as they read. */
  stop(): Promise<void> {
    this.#stopped ??= this.#stop();
    return this.#stopped;
  }

  async #stop(): Promise<void> {
    this.#isStopping = true;
    await this.#working;
    if (this.dispatcher.plugins.length > 0) this.#messages.info('Terminating plugins');
    await this.dispatcher.stop();
  }

  /** Ends this side without ending the programs: what the process that takes over needs. Sockets are closed. */
  async handOver(): Promise<HandedPlugins> {
    this.#isStopping = true;
    await this.#working;
    const { plugins, next } = this.dispatcher;
    this.dispatcher.setPlugins([]);
    const programs: HandedProgram[] = [];
    const events: HandedEvents[] = [];
    for (const plugin of plugins) {
      if (plugin instanceof JsonPlugin) {
        const handed = await plugin.handOver();
        events.push(handed.events);
        if (handed.program !== null) programs.push(handed.program);
        continue;
      }
      const program = plugin instanceof ProgramPlugin ? await plugin.handOver() : null;
      if (program === null) await plugin.stop();
      else programs.push(program);
    }
    return { next, programs, events };
  }

  // --- Making ---------------------------------------------------------------------------------------------------

  #scan(): PluginScan {
    const scan = scanPluginDirectory(this.#auditd.pluginDirectory, pluginFacts, directory => readdirSync(directory));
    for (const { name, reason } of scan.skipped) this.#messages.debug(`Skipping ${name} plugin due to ${reason}`);
    for (const { severity, error } of scan.faults) {
      if (severity === 'warning') this.#messages.warning(error.message);
      else this.#messages.error(error.message);
    }
    for (const name of scan.broken) this.#messages.error(`Skipping ${name} plugin due to errors`);
    return scan;
  }

  #make(description: PluginDescription): Plugin {
    this.#descriptions.set(description.name, description);
    if (description.format !== 'json') return this.#makeTarget(description, description.format);
    return new JsonPlugin({
      target: this.#makeTarget(description, 'string'),
      lines: new addon.JsonFeed(this.#auditd.endOfEventTimeoutSeconds || END_OF_EVENT_SECONDS),
      limit: this.#auditd.pluginBacklogEvents,
      wallSeconds: () => Math.floor(Date.now() / 1000),
      every,
      onOverflow: (plugin, isFirst) => this.#policy.overflowed(plugin, isFirst),
    });
  }

  /** @param format  Of what it gets: JSON comes to it as lines. */
  #makeTarget({ name, target, format: named }: PluginDescription, format: StreamFormat): Plugin {
    const { pluginBacklogEvents: limit } = this.#auditd;
    const common = { name, format, limit, messages: this.#messages, now, pause };
    if (target.kind === 'file') {
      return new FilePlugin({
        ...common,
        path: target.path,
        mode: target.mode,
        open: openAppended,
        onOverflow: (plugin, isFirst) => this.#policy.overflowed(plugin, isFirst),
      });
    }
    if (target.kind === 'socket') {
      return new SocketPlugin({ ...common, settings: target, listeners: this.#listeners });
    }
    return new ProgramPlugin({
      ...common,
      settings: this.#programSettings(target),
      openSpool: this.#isSpooled(name) ? onLost => this.#openSpool(`${name}.${named}`, format, onLost) : null,
      launcher: this.#launcher,
      onOverflow: (plugin, isFirst) => this.#policy.overflowed(plugin, isFirst),
    });
  }

  #programSettings({ path, args }: { path: string; args: readonly string[] }) {
    return { path, args, maxRestarts: this.#auditd.maxRestarts };
  }

  async #openSpool(
    /** Of the plugin, and the format that its file names. */
    name: string,
    format: StreamFormat,
    onLost: (records: number) => void,
  ): Promise<Spool | null> {
    const directory = join(this.#node.spoolDirectory, name);
    try {
      return await Spool.open({
        directory,
        format,
        limitBytes: this.#node.spoolBytes,
        messages: this.#messages,
        onLost,
      });
    } catch (error) {
      this.#messages.error(
        `plugin ${name} has no spool: ${directory} (${reasonOf(error)}); its records wait in memory`,
      );
      return null;
    }
  }

  #isSpooled(name: string): boolean {
    const { spooledPlugins } = this.#node;
    return spooledPlugins.kind === 'all' || (spooledPlugins.kind === 'named' && spooledPlugins.names.includes(name));
  }

  #begin(plugin: Plugin): Promise<void> {
    const program = this.#handedPrograms.get(plugin.name) ?? null;
    const events = this.#handed?.events.find(({ name }) => name === plugin.name) ?? null;
    // What a program was promised when it was started holds for as long as it runs: records or events.
    const isSameStream = plugin instanceof JsonPlugin === (events !== null) && program?.format === plugin.format;
    const isProgram = plugin instanceof JsonPlugin ? plugin.feedsProgram : plugin instanceof ProgramPlugin;
    const adopted = isSameStream && isProgram ? program : null;
    if (adopted !== null) this.#handedPrograms.delete(plugin.name);
    if (plugin instanceof JsonPlugin && events !== null) return plugin.adopt(events, adopted);
    return adopted !== null && plugin instanceof ProgramPlugin ? plugin.adopt(adopted) : plugin.start();
  }

  // Those that the files no longer ask for, or ask something else of.
  #endHanded(): void {
    for (const handed of this.#handedPrograms.values()) {
      const program = this.#launcher.adopt(handed, { onWritable: () => undefined, onGone: () => undefined });
      program.outlet.close();
      program.kill('SIGTERM');
    }
    this.#handedPrograms.clear();
  }

  // --- Reload ---------------------------------------------------------------------------------------------------

  async #reload({ auditd, node }: Configuration): Promise<void> {
    const spoolsChange = !isDeepStrictEqual(spoolKeys(this.#node), spoolKeys(node));
    this.#auditd = auditd;
    this.#node = node;
    this.#policy.reconfigure(auditd.overflowAction);
    const scan = this.#scan();
    const gone = new Map(this.dispatcher.plugins.map(plugin => [plugin.name, plugin]));
    const starts: (() => Promise<void>)[] = [];
    const plugins = scan.plugins.map(description => {
      const before = gone.get(description.name);
      if (before !== undefined && !spoolsChange && this.#canGoOn(before, description)) {
        gone.delete(description.name);
        this.#descriptions.set(description.name, description);
        starts.push(() => this.#startAnew(before, description));
        return before;
      }
      const made = this.#make(description);
      // After its predecessor has ended: they may use the same files, and the same socket.
      starts.push(async () => {
        if (before !== undefined) await this.#end(before);
        await made.start();
      });
      if (before !== undefined) gone.delete(description.name);
      return made;
    });
    // From here on those that are gone get nothing, and for the new ones everything waits.
    this.dispatcher.setPlugins(plugins);
    await Promise.all([...[...gone.values()].map(plugin => this.#end(plugin)), ...starts.map(start => start())]);
    if (plugins.length === 0 && gone.size > 0) {
      this.#messages.info('After reconfigure, there are no active plugins, exiting');
      this.#messages.info('Dispatcher plugins cleaned up');
    }
  }

  // The same stream of records, for a program or a socket that may have other settings now.
  #canGoOn(plugin: Plugin, description: PluginDescription): boolean {
    const before = this.#descriptions.get(plugin.name);
    if (plugin.format !== description.format || before?.target.kind !== description.target.kind) return false;
    // A file is opened anew: somebody may have renamed it away.
    if (description.target.kind === 'file') return false;
    return description.target.kind === 'program' || isDeepStrictEqual(before, description);
  }

  async #startAnew(plugin: Plugin, { target }: PluginDescription): Promise<void> {
    plugin.setLimit(this.#auditd.pluginBacklogEvents);
    plugin.resume();
    if (plugin instanceof ProgramPlugin && target.kind === 'program') {
      await plugin.stop(false);
      await plugin.start(this.#programSettings(target));
    } else if (plugin.report().condition === 'off') await plugin.start();
  }

  async #end(plugin: Plugin): Promise<void> {
    this.#ending.add(plugin);
    await plugin.stop();
    this.#ending.delete(plugin);
    this.#lostBefore += plugin.report().lostRecords;
  }
}

function spoolKeys({ spooledPlugins, spoolDirectory, spoolBytes }: NodeAuditdConfig) {
  return { spooledPlugins, spoolDirectory, spoolBytes };
}

const every = (milliseconds: number, task: () => void): (() => void) => {
  const timer = setInterval(task, milliseconds);
  return () => clearInterval(timer);
};
const now = (): number => performance.now();
const pause = (milliseconds: number): Promise<void> => sleep(milliseconds, undefined);
