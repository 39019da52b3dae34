import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { Test } from 'tap';
import { DAEMON, DaemonHome, type KernelAudit } from './daemonProcess.ts';
import { NumberedLog, type Verdict } from './numberedLog.ts';

const root = fileURLToPath(new URL('../../../', import.meta.url));
const PATIENCE_MILLISECONDS = 60_000;
const LAST_MILLISECONDS = 10_000;
const NUDGE_MILLISECONDS = 250;
/** So many a second never end before they are told to. */
const ENDLESS = 1e9;

/** What test/support/faults.c can do to a daemon. */
export type Fault = 'received' | 'torn' | 'written' | 'disconnected' | 'registered' | 'reader-stands' | 'writer-stands';

/** What a test of several daemons in one kernel shares. */
export interface KeptScene {
  readonly kernel: KernelAudit;
  /** The program of test/support/flood.c, and the key of the rule that records it. */
  readonly flood: string;
  readonly key: string;
}

export interface KeptOptions {
  readonly script?: string;
  readonly settings?: Readonly<Record<string, string>>;
  readonly nodeSettings?: string;
  /** Where `settings` let the log be; null: at home. */
  readonly logDirectory?: string | null;
  /** Of `compileFaults`; null: none can be had. */
  readonly faults?: string | null;
  /** Files of plugins.d. */
  readonly plugins?: (home: DaemonHome) => Readonly<Record<string, string>>;
  /** Starts another keeper than `--supervise` does: its command line, given the daemon's. */
  readonly keeper?: (home: DaemonHome, daemon: readonly string[]) => readonly string[];
}

/** Compiles test/support/faults.c into the directory. Returns the library's path. */
export function compileFaults(directory: string): string {
  const library = `${directory}/faults.so`;
  execFileSync('cc', ['-O2', '-shared', '-fPIC', '-o', library, `${root}test/support/faults.c`, '-ldl']);
  return library;
}

/** A daemon under its keeper, and numbered events for it. */
export class KeptDaemon {
  static #next = 0;
  readonly home: DaemonHome;
  readonly keeper: ChildProcess;
  readonly log: NumberedLog;
  /** The number of the first event that is this daemon's: what one before it left in the kernel has others. */
  readonly first = KeptDaemon.#next;
  readonly #scene: KeptScene;

  constructor(t: Test, scene: KeptScene, options: KeptOptions = {}) {
    const { script = DAEMON, settings = {}, nodeSettings = '', logDirectory = null, faults = null } = options;
    this.#scene = scene;
    this.home = new DaemonHome({ max_log_file: '1', num_logs: '999', ...settings }, nodeSettings).makeLogDirectory();
    this.log = new NumberedLog(logDirectory ?? `${this.home.directory}/log`, scene.key);
    mkdirSync(`${this.home.directory}/faults`);
    mkdirSync(`${this.home.directory}/plugins.d`, { mode: 0o750 });
    for (const [name, text] of Object.entries(options.plugins?.(this.home) ?? {})) {
      writeFileSync(`${this.home.directory}/plugins.d/${name}.conf`, text, { mode: 0o640 });
    }
    const daemon = [process.execPath, script, '-n', '-c', this.home.directory];
    const [program = '', ...args] = options.keeper?.(this.home, daemon) ?? [...daemon, '--supervise'];
    const preload = faults === null ? {} : { LD_PRELOAD: faults, AUDITD_TEST_FAULTS: `${this.home.directory}/faults` };
    this.keeper = spawn(program, args, {
      stdio: 'ignore',
      env: { ...process.env, NODE_OPTIONS: '--trace-uncaught', ...preload },
    });
    t.teardown(async () => {
      this.keeper.kill('SIGCONT');
      await this.stop();
      this.home.remove();
    });
  }

  /** Waits for what is true sooner or later. */
  async until(what: string, isTrue: () => boolean): Promise<void> {
    const deadline = Date.now() + PATIENCE_MILLISECONDS;
    while (!isTrue()) {
      if (this.hasEnded) throw new Error(`the keeper ended before ${what}`);
      if (Date.now() > deadline) throw new Error(`waited for ${what} in vain`);
      await pause(10);
    }
  }

  get hasEnded(): boolean {
    return this.keeper.exitCode !== null || this.keeper.signalCode !== null;
  }

  /** Waits for a registered daemon with another pid than `before`. Returns it. */
  async registered(before = 0): Promise<number> {
    const { kernel } = this.#scene;
    let pid = 0;
    await this.until('a daemon was registered', () => {
      pid = kernel.daemonPid;
      return pid !== 0 && pid !== before && existsSync(`/proc/${pid}`);
    });
    return pid;
  }

  /** The keeper's child; 0 while there is none. */
  get child(): number {
    const { pid } = this.keeper;
    return Number(readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim() || 0);
  }

  /** How many daemons, or versions of one, have started. */
  get starts(): number {
    return this.log.read().own.filter(line => line.startsWith('type=DAEMON_START ')).length;
  }

  /** To the registered daemon. */
  signal(signal: NodeJS.Signals | number): void {
    process.kill(this.#scene.kernel.daemonPid, signal);
  }

  /** Sets a fault; it happens at its next occasion. */
  fault(name: Fault): void {
    writeFileSync(this.#faultPath(name), '');
  }

  hasFault(name: Fault): boolean {
    return existsSync(this.#faultPath(name));
  }

  /** The daemon goes on. */
  endFault(name: Fault): void {
    rmSync(this.#faultPath(name));
  }

  #faultPath(name: Fault): string {
    return `${this.home.directory}/faults/${name}`;
  }

  /** The ring that the keeper holds, open for changes, as soon as it has been given it. The caller closes it. */
  async openRing(): Promise<number> {
    const directory = `/proc/${this.keeper.pid}/fd`;
    let held: string | undefined;
    await this.until('the keeper held the ring', () => {
      held = readdirSync(directory).find(fd => readlinkSync(`${directory}/${fd}`).includes('auditd-ring'));
      return held !== undefined;
    });
    return openSync(`${directory}/${held}`, 'r+');
  }

  /** The number after that of the last event that was made. */
  get end(): number {
    return KeptDaemon.#next;
  }

  /** Makes so many events at once. */
  async make(count: number): Promise<void> {
    await this.#ended(this.#flood(count));
    KeptDaemon.#next += count;
  }

  /** Runs `disturb` while events pour in. */
  async underLoad(rate: number, disturb: () => Promise<void>): Promise<void> {
    const load = this.#flood(ENDLESS, rate);
    let made = '';
    load.stdout?.setEncoding('utf8').on('data', (text: string) => {
      made += text;
    });
    try {
      await disturb();
    } finally {
      load.kill('SIGTERM');
      await this.#ended(load);
      KeptDaemon.#next += Number(made);
    }
  }

  /** What the whole log says, once all events are there, or none comes any more. */
  async verdict(first = this.first): Promise<Verdict> {
    await this.until('the last event was written', () => this.log.read().has(this.end - 1));
    // What only the window of a take-over has seen is written behind it.
    const deadline = Date.now() + LAST_MILLISECONDS;
    for (;;) {
      const verdict = this.log.read().verdict(this.end, first);
      if ((verdict.missing === 0 && verdict.torn.length === 0) || Date.now() > deadline) return verdict;
      await pause(10);
    }
  }

  /** Ends keeper and daemon. Returns the exit code. */
  async stop(): Promise<number | null> {
    if (!this.hasEnded) {
      this.keeper.kill('SIGTERM');
      await once(this.keeper, 'exit');
    }
    return this.keeper.exitCode;
  }

  // A program that waits for room in the kernel's backlog may miss that there is some, until another makes a record.
  async #ended(load: ChildProcess): Promise<void> {
    const { control } = this.#scene.kernel;
    const nudge = setInterval(
      () => control.setStatus('backlogLimit', control.status().backlogLimit),
      NUDGE_MILLISECONDS,
    );
    try {
      if (load.exitCode === null && load.signalCode === null) await once(load, 'close');
    } finally {
      clearInterval(nudge);
    }
  }

  #flood(count: number, ...rate: number[]): ChildProcess {
    const args = [KeptDaemon.#next, count, ...rate].map(String);
    return spawn(this.#scene.flood, args, { stdio: ['ignore', 'pipe', 'ignore'] });
  }
}
