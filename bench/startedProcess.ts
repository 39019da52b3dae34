import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { isErrno } from '../src/base/errors.ts';
import { withoutNodeSettings } from '../src/daemon/nodeEnvironment.ts';
import type { Undo } from './undo.ts';

const STOP_PATIENCE_MILLISECONDS = 20_000;
/** TASK_COMM_LEN of the kernel, without the end. */
const MOST_COMMAND_NAME = 15;

export interface Exit {
  /** Null when a signal ended it. */
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * A process of a bench. It ends with the bench, however that ends: `undo` stops it, and the kernel sends it SIGTERM
 * should this process die without having undone anything.
 */
export class StartedProcess {
  readonly name: string;
  readonly exit: Promise<Exit>;
  readonly #child: ChildProcess;
  #stdout = '';
  #stderr = '';
  #exited: Exit | null = null;
  #onOutput: (() => void) | null = null;

  /** @param argv  The program, found in PATH, and its arguments. */
  constructor(argv: readonly string[], undo: Undo) {
    undo.requireOpen();
    this.name = argv[0] ?? '';
    const child = spawn('setpriv', ['--pdeathsig', 'TERM', ...argv], {
      env: withoutNodeSettings(process.env),
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#child = child;
    undo.add(async () => void (await this.stop()));
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      this.#stdout += text;
      this.#onOutput?.();
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      this.#stderr += text;
    });
    this.exit = new Promise((resolve, reject) => {
      child.on('error', reject);
      child.on('close', code => {
        this.#exited = { code, stdout: this.#stdout, stderr: this.#stderr };
        this.#onOutput?.();
        resolve(this.#exited);
      });
    });
    this.exit.catch(() => undefined); // whoever waits for it gets the error
  }

  /** Of the program itself: setpriv(1) became it. */
  get pid(): number {
    const { pid } = this.#child;
    if (pid === undefined) throw new Error(`${this.name} did not start`);
    return pid;
  }

  /** It is past the program that started it: what runs is the one that was asked for. */
  get isProgram(): boolean {
    const { pid } = this.#child;
    const name = pid === undefined ? null : readIfThere(`/proc/${pid}/comm`);
    return name !== null && name.trim() === basename(this.name).slice(0, MOST_COMMAND_NAME);
  }

  get isRunning(): boolean {
    return this.#exited === null && this.#child.pid !== undefined;
  }

  /** What it has printed so far. */
  get output(): Exit {
    return this.#exited ?? { code: null, stdout: this.#stdout, stderr: this.#stderr };
  }

  /** Settles once the process has printed `text`. @throws {Error} when it ends without. */
  async printed(text: string): Promise<void> {
    while (!this.#stdout.includes(text)) {
      if (!this.isRunning) throw this.#failure();
      await new Promise<void>(resolve => {
        this.#onOutput = resolve;
      });
    }
  }

  /** What it printed, once it has ended by itself. @throws {Error} when it failed. */
  async finished(): Promise<string> {
    const exit = await this.exit;
    if (exit.code !== 0) throw this.#failure();
    return exit.stdout;
  }

  signal(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  /** SIGTERM, and SIGKILL for one that does not end on it. */
  async stop(): Promise<Exit> {
    if (this.isRunning) this.#child.kill('SIGTERM');
    const patience = new AbortController();
    const kill = async () => {
      await sleep(STOP_PATIENCE_MILLISECONDS, undefined, { signal: patience.signal });
      this.#child.kill('SIGKILL');
    };
    const killing = kill().catch(() => undefined);
    const exit = await this.exit;
    patience.abort();
    await killing;
    return exit;
  }

  #failure(): Error {
    const { code, stderr } = this.output;
    return new Error(`${this.name} ended with ${code ?? 'a signal'}: ${stderr.trim()}`);
  }
}

/** Runs a program to its end. @returns What it printed. @throws {Error} when it fails. */
export function runProcess(argv: readonly string[], undo: Undo): Promise<string> {
  return new StartedProcess(argv, undo).finished();
}

function readIfThere(path: string): string | null {
  try {
    return readFileSync(path, 'latin1');
  } catch (error) {
    if (isErrno(error, 'ENOENT') || isErrno(error, 'ESRCH')) return null; // it has ended
    throw error;
  }
}
