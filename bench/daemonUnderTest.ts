import { existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { commandFile } from '../src/base/commandFile.ts';
import type { DaemonState } from '../src/sinks/state/stateReport.ts';
import type { AuditKernel } from './auditKernel.ts';
import { generations } from './logCheck.ts';
import { StartedProcess } from './startedProcess.ts';
import type { Undo } from './undo.ts';

/** Who takes the records: this repository's daemon, or the C daemon that is installed. */
export type DaemonName = 'ours' | 'reference';

/** How the log of a trial is written; the rest of auditd.conf is the same for every trial. */
export interface LogSettings {
  readonly logFormat: 'ENRICHED' | 'RAW';
  readonly nameFormat: 'NONE' | 'HOSTNAME';
  readonly flush: 'INCREMENTAL_ASYNC' | 'DATA';
  readonly maxLogFileMegabytes: number;
  readonly numLogs: number;
}

/** As auditd.conf is packaged. */
export const PACKAGED: LogSettings = {
  logFormat: 'ENRICHED',
  nameFormat: 'NONE',
  flush: 'INCREMENTAL_ASYNC',
  maxLogFileMegabytes: 8,
  numLogs: 5,
};

/** The same with archives that hold a whole load. */
export const KEEPING_ALL: LogSettings = { ...PACKAGED, maxLogFileMegabytes: 50, numLogs: 999 };

const REFERENCE = ['/usr/sbin/auditd', '/sbin/auditd'].find(path => existsSync(path)) ?? null;
const OURS = commandFile('auditd');
const REGISTRATION_PATIENCE_MILLISECONDS = 15_000;
const STATE_PATIENCE_MILLISECONDS = 10_000;
const SETTLED_MILLISECONDS = 500;
const SETTLE_PATIENCE_MILLISECONDS = 60_000;

/** Which daemons this machine has. */
export const installedDaemons: readonly DaemonName[] = REFERENCE === null ? ['ours'] : ['reference', 'ours'];

/** An audit daemon that writes its log into a directory of the bench. */
export class DaemonUnderTest {
  readonly logFile: string;
  /** Milliseconds from its start to the kernel naming it as the audit daemon. */
  readonly registeredMilliseconds: number;
  readonly #stateFile: string;
  readonly #process: StartedProcess;
  readonly #kernel: AuditKernel;

  private constructor(
    process: StartedProcess,
    logFile: string,
    stateFile: string,
    registeredMilliseconds: number,
    kernel: AuditKernel,
  ) {
    this.#process = process;
    this.logFile = logFile;
    this.#stateFile = stateFile;
    this.registeredMilliseconds = registeredMilliseconds;
    this.#kernel = kernel;
  }

  /**
   * Starts a daemon and waits until it is registered.
   *
   * @param directory  New, below directories that only root may change. Gets configuration and log.
   * @param plugins    Files of plugins.d: their names and what they say.
   */
  static async start(
    name: DaemonName,
    settings: LogSettings,
    directory: string,
    kernel: AuditKernel,
    undo: Undo,
    plugins: Readonly<Record<string, string>> = {},
  ): Promise<DaemonUnderTest> {
    const { logFile, configuration, run } = prepareDaemon(settings, directory, plugins);
    const { process, milliseconds } = await startRegistered(
      [...command(name), '-n', '-c', configuration],
      kernel,
      undo,
    );
    return new DaemonUnderTest(process, logFile, join(run, 'auditd.state.json'), milliseconds, kernel);
  }

  get pid(): number {
    return this.#process.pid;
  }

  /**
   * Settles once no record is on its way: none in the kernel, none in the daemon, which has stopped writing.
   *
   * @returns When the log was last written to, in milliseconds since the epoch.
   * @throws {Error} when that takes more than a minute.
   */
  async settled(): Promise<number> {
    const deadline = Date.now() + SETTLE_PATIENCE_MILLISECONDS;
    let since = Date.now();
    for (let size = -1; Date.now() - since < SETTLED_MILLISECONDS; await sleep(20)) {
      if (Date.now() > deadline) throw new Error('the daemon is still writing a minute after the load');
      const now = this.#files().reduce((sum, file) => sum + file.size, 0);
      if (now === size && !this.#kernel.holdsRecords) continue;
      size = now;
      since = Date.now();
    }
    return Math.max(...this.#files().map(file => file.mtimeMs));
  }

  stop(): Promise<unknown> {
    return this.#process.stop();
  }

  signal(signal: 'SIGHUP' | 'SIGCONT'): void {
    this.#process.signal(signal);
  }

  /** What our daemon answers to SIGCONT. @throws {Error} when it does not answer. */
  async state(): Promise<DaemonState> {
    const deadline = Date.now() + STATE_PATIENCE_MILLISECONDS;
    rmSync(this.#stateFile, { force: true });
    this.signal('SIGCONT');
    while (!existsSync(this.#stateFile)) {
      if (Date.now() > deadline) throw new Error('the daemon writes no state report');
      await sleep(20);
    }
    return JSON.parse(readFileSync(this.#stateFile, 'utf8')) as DaemonState; // written by stateJson
  }

  // A rotation may rename what was just listed: then the next look counts.
  #files(): { size: number; mtimeMs: number }[] {
    return generations(this.logFile)
      .map(path => statSync(path, { throwIfNoEntry: false }))
      .filter(file => file !== undefined);
  }
}

/** Configuration and directories for a daemon, below a new directory. */
export function prepareDaemon(
  settings: LogSettings,
  directory: string,
  plugins: Readonly<Record<string, string>> = {},
): { logFile: string; configuration: string; run: string } {
  const logFile = join(directory, 'log/audit.log');
  const configuration = join(directory, 'etc');
  const pluginDirectory = join(configuration, 'plugins.d');
  const run = join(directory, 'run');
  for (const path of [dirname(logFile), configuration, pluginDirectory, run]) mkdirSync(path, { mode: 0o700 });
  writeFileSync(join(configuration, 'auditd.conf'), auditdConf(settings, logFile, pluginDirectory), { mode: 0o600 });
  for (const [name, text] of Object.entries(plugins)) {
    writeFileSync(join(pluginDirectory, name), text, { mode: 0o600 });
  }
  // Of our daemon alone. The C daemon does not look for it.
  writeFileSync(join(configuration, 'node-auditd.conf'), `[daemon]\nrun_directory = ${run}\n`, { mode: 0o600 });
  return { logFile, configuration, run };
}

/** The node= that every line has with these settings. */
export function nodeOf(settings: LogSettings): string | null {
  return settings.nameFormat === 'HOSTNAME' ? hostname() : null;
}

/** Starts a program that registers as the audit daemon, and waits until it has. */
export async function startRegistered(
  argv: readonly string[],
  kernel: AuditKernel,
  undo: Undo,
): Promise<{ process: StartedProcess; milliseconds: number }> {
  const start = performance.now();
  const started = new StartedProcess(argv, undo);
  while (kernel.status().pid !== started.pid) {
    const { stdout, stderr } = started.output;
    const patience = start + REGISTRATION_PATIENCE_MILLISECONDS - performance.now();
    if (!started.isRunning || patience < 0) {
      throw new Error(`${argv.join(' ')} does not register with the kernel: ${stdout}${stderr}`);
    }
    await sleep(1);
  }
  return { process: started, milliseconds: performance.now() - start };
}

export function command(name: DaemonName): string[] {
  if (name === 'ours') return [process.execPath, OURS];
  if (REFERENCE === null) throw new Error('no C audit daemon is installed');
  return [REFERENCE];
}

function auditdConf(settings: LogSettings, logFile: string, pluginDirectory: string): string {
  return `local_events = yes
write_logs = yes
log_file = ${logFile}
log_group = root
log_format = ${settings.logFormat}
flush = ${settings.flush}
freq = ${settings.flush === 'DATA' ? 0 : 50}
max_log_file = ${settings.maxLogFileMegabytes}
max_log_file_action = ROTATE
num_logs = ${settings.numLogs}
name_format = ${settings.nameFormat}
priority_boost = 4
space_left = 75
space_left_action = SYSLOG
admin_space_left = 50
admin_space_left_action = SYSLOG
disk_full_action = SYSLOG
disk_error_action = SYSLOG
plugin_dir = ${pluginDirectory}
`;
}
