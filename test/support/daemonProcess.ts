import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { commandFile } from '../../src/base/commandFile.ts';
import { ControlSocket } from '../../src/binding/control.ts';
import { AuditControl } from '../../src/control/auditControl.ts';
import type { AuditRule } from '../../src/control/rule.ts';
import { parseRuleLine } from '../../src/control/ruleLine.ts';

const root = fileURLToPath(new URL('../../../', import.meta.url));
export const DAEMON = commandFile('auditd');

/** Where logs of tests may lie: every directory down to it is root's, as the daemon wants it. */
const SAFE_PARENT = '/var/lib';

const DEFAULTS: Readonly<Record<string, string>> = {
  log_format: 'ENRICHED',
  flush: 'INCREMENTAL_ASYNC',
  freq: '50',
  max_log_file: '8',
  num_logs: '5',
  max_log_file_action: 'ROTATE',
  space_left: '2',
  admin_space_left: '1',
  space_left_action: 'SYSLOG',
  admin_space_left_action: 'SYSLOG',
  disk_full_action: 'SYSLOG',
  disk_error_action: 'SYSLOG',
};

/** A directory of one test's own: configuration, log, run directory. */
export class DaemonHome {
  readonly directory: string;

  constructor(settings: Readonly<Record<string, string>> = {}, nodeSettings = '', parent = SAFE_PARENT) {
    this.directory = mkdtempSync(join(parent, 'node-auditd-test-'));
    mkdirSync(this.run);
    const merged = { ...DEFAULTS, log_file: this.log, plugin_dir: `${this.directory}/plugins.d`, ...settings };
    const lines = Object.entries(merged).map(([key, value]) => `${key} = ${value}\n`);
    writeFileSync(`${this.directory}/auditd.conf`, lines.join(''), { mode: 0o640 });
    writeFileSync(`${this.directory}/node-auditd.conf`, `[daemon]\nrun_directory = ${this.run}\n${nodeSettings}`, {
      mode: 0o640,
    });
  }

  get log(): string {
    return `${this.directory}/log/audit.log`;
  }

  get run(): string {
    return `${this.directory}/run`;
  }

  makeLogDirectory(): this {
    mkdirSync(`${this.directory}/log`, { mode: 0o700 });
    return this;
  }

  /** The lines of all generations, oldest first. */
  logLines(): string[] {
    const files = readdirSync(`${this.directory}/log`)
      .map(name => ({ name, number: Number(/\.(\d+)$/.exec(name)?.[1] ?? 0) }))
      .sort((a, b) => b.number - a.number);
    const text = files.map(({ name }) => readFileSync(`${this.directory}/log/${name}`, 'latin1')).join('');
    return text === '' ? [] : text.replace(/\n$/, '').split('\n');
  }

  remove(): void {
    rmSync(this.directory, { recursive: true, force: true });
  }
}

export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

const running = new Set<ChildProcess>();
// A test that throws must not leave a registered daemon in the way of all that follow.
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

/** A daemon as a child of the test: ours, or another program. */
export class DaemonProcess {
  readonly child: ChildProcess;
  readonly ended: Promise<Ended>;
  #stdout = '';
  #stderr = '';

  constructor(
    args: readonly string[],
    stdin: 'ignore' | 'pipe' = 'ignore',
    program: readonly [string, ...string[]] = [process.execPath, DAEMON],
  ) {
    const [file, ...first] = program;
    this.child = spawn(file, [...first, ...args], { stdio: [stdin, 'pipe', 'pipe'] });
    running.add(this.child);
    this.child.once('exit', () => running.delete(this.child));
    this.child.stdout?.setEncoding('latin1').on('data', (text: string) => {
      this.#stdout += text;
    });
    this.child.stderr?.setEncoding('latin1').on('data', (text: string) => {
      this.#stderr += text;
    });
    this.ended = once(this.child, 'close').then(([code]) => ({
      code,
      stdout: this.#stdout,
      stderr: this.#stderr,
    }));
  }

  get pid(): number {
    if (this.child.pid === undefined) throw new Error('the daemon was not started');
    return this.child.pid;
  }

  get stdout(): string {
    return this.#stdout;
  }

  get stderr(): string {
    return this.#stderr;
  }

  /** Waits for what is true sooner or later; fails with what the daemon said when it ends before. */
  async until(what: string, isTrue: () => boolean): Promise<void> {
    const deadline = Date.now() + 30_000;
    while (!isTrue()) {
      if (this.child.exitCode !== null) throw new Error(`the daemon ended before ${what}: ${this.#stderr}`);
      if (Date.now() > deadline) throw new Error(`waited for ${what} in vain: ${this.#stderr}`);
      await new Promise(resolve => setTimeout(resolve, 5));
    }
  }

  stop(): Promise<Ended> {
    if (this.child.exitCode === null) this.child.kill('SIGTERM');
    return this.ended;
  }
}

/** The kernel's audit for one test: refuses to start beside a daemon, and puts back what it found. */
export class KernelAudit {
  readonly control: AuditControl;
  readonly #socket = new ControlSocket();
  readonly #rules: AuditRule[] = [];
  readonly #before;

  constructor() {
    this.control = new AuditControl(this.#socket);
    this.#before = this.control.status();
    const { pid } = this.#before;
    if (pid !== 0 && existsSync(`/proc/${pid}`)) throw new Error(`another audit daemon is registered: pid ${pid}`);
    // Room and patience enough that the kernel makes a flood wait instead of dropping it.
    this.control.setStatus('backlogLimit', 8192);
    this.control.setStatus('backlogWaitTime', 60_000);
  }

  load(line: string): void {
    const request = parseRuleLine(line, {
      nativeMachine: () => 'x86_64',
      userId: () => null,
      groupId: () => null,
      isDirectory: () => false,
      featureBitmap: () => 0x7f,
      warn: () => undefined,
    });
    if (request === null) throw new Error(`no rule: ${line}`);
    this.control.addRule(request.rule);
    this.#rules.push(request.rule);
  }

  get daemonPid(): number {
    return this.control.status().pid;
  }

  restore(): void {
    for (const rule of this.#rules.splice(0)) this.control.deleteRule(rule);
    this.control.setStatus('backlogLimit', this.#before.backlogLimit);
    if (this.#before.backlogWaitTime !== null) this.control.setStatus('backlogWaitTime', this.#before.backlogWaitTime);
    this.control.setStatus('enabled', this.#before.enabled);
    this.#socket.close();
  }
}

/** Compiles test/support/flood.c into the directory. Returns the program's path. */
export function compileFlood(directory: string): string {
  const program = `${directory}/flood`;
  execFileSync('cc', ['-O2', '-o', program, `${root}test/support/flood.c`]);
  return program;
}

/** Runs a program to its end without stopping this process's event loop. */
export async function runProgram(program: string, ...args: string[]): Promise<void> {
  const [code] = await once(spawn(program, args, { stdio: 'ignore' }), 'exit');
  if (code !== 0) throw new Error(`${program} exited with ${code}`);
}
