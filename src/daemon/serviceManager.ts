import { reasonOf } from '../base/errors.ts';
import type { Messages } from '../base/messages.ts';
import { addon } from '../binding/addon.ts';

/** What is sent to it: the calls of the addon, so that a test can listen instead. */
export type SendNotification = (path: string, text: string, descriptors: readonly number[]) => void;

/**
 * Who started this daemon and holds its descriptors while it is dead: systemd, or `auditd --supervise`. Both speak the
 * protocol of sd_notify(3). Without one, every call does nothing.
 */
export class ServiceManager {
  /** How often the watchdog wants to hear, in milliseconds; null when there is none. */
  readonly watchdogMilliseconds: number | null;
  readonly #socket: string | null;
  readonly #messages: Messages;
  readonly #send: SendNotification;
  #hasFailed = false;

  /** Takes its variables out of the environment, so that no program started from here speaks in our name. */
  constructor(environment: NodeJS.ProcessEnv, messages: Messages, send: SendNotification = addon.notify) {
    this.#socket = environment['NOTIFY_SOCKET'] ?? null;
    this.#messages = messages;
    this.#send = send;
    this.watchdogMilliseconds = watchdogOf(environment);
    for (const name of ['NOTIFY_SOCKET', 'WATCHDOG_USEC', 'WATCHDOG_PID']) delete environment[name];
  }

  /** Its socket, for a process that goes on in this one's place. */
  get socket(): string | null {
    return this.#socket;
  }

  get isThere(): boolean {
    return this.#socket !== null;
  }

  /** The daemon records. `MAINPID` for the one that an earlier process of ours forked. */
  ready(status: string): void {
    this.#tell(`READY=1\nMAINPID=${process.pid}\nSTATUS=${oneLine(status)}`);
  }

  /** @param monotonicMicroseconds  Of CLOCK_MONOTONIC: systemd refuses a reload without it. */
  reloading(monotonicMicroseconds: bigint): void {
    this.#tell(`RELOADING=1\nMONOTONIC_USEC=${monotonicMicroseconds}\nSTATUS=Reading the configuration again`);
  }

  stopping(status: string): void {
    this.#tell(`STOPPING=1\nSTATUS=${oneLine(status)}`);
  }

  status(status: string): void {
    this.#tell(`STATUS=${oneLine(status)}`);
  }

  /** Records flow. */
  feedWatchdog(): void {
    this.#tell('WATCHDOG=1');
  }

  /** Keeps a copy of the descriptor for the next process, under this name; a second one of the same file is ignored. */
  store(name: string, descriptor: number): void {
    this.#tell(`FDSTORE=1\nFDNAME=${name}\nFDPOLL=0`, [descriptor]);
  }

  /** Lets go of every descriptor of this name. */
  forget(name: string): void {
    this.#tell(`FDSTOREREMOVE=1\nFDNAME=${name}`);
  }

  #tell(text: string, descriptors: readonly number[] = []): void {
    if (this.#socket === null) return;
    try {
      this.#send(this.#socket, text, descriptors);
    } catch (error) {
      // Records matter more than who hears of them; said once.
      if (!this.#hasFailed) this.#messages.warning(`Cannot notify the service manager (${reasonOf(error)})`);
      this.#hasFailed = true;
    }
  }
}

function watchdogOf(environment: NodeJS.ProcessEnv): number | null {
  const microseconds = Number(environment['WATCHDOG_USEC'] ?? 'none');
  const pid = environment['WATCHDOG_PID'];
  if (!Number.isFinite(microseconds) || microseconds <= 0) return null;
  return pid === undefined || Number(pid) === process.pid ? microseconds / 1000 : null;
}

function oneLine(text: string): string {
  return text.replaceAll(/[\0\n\r]/g, ' ');
}
