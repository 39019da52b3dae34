import inspector from 'node:inspector';
import net from 'node:net';
import { constants } from 'node:os';
import { addon, native } from '../binding/addon.ts';

/** A signal with who sent it, by the kernel's word: sigaction(2), si_pid and si_uid. */
export interface ReceivedSignal {
  readonly name: HandledSignal;
  /** 0: the kernel itself. */
  readonly senderPid: number;
  readonly senderUid: number;
}

/** Ours, which the reference ignores: become the installed version, end and be started again. */
const OWN_SIGNALS = { 'SIGRTMIN+2': 36, 'SIGRTMIN+3': 37 } as const;

export type HandledSignal =
  | 'SIGTERM'
  | 'SIGHUP'
  | 'SIGUSR1'
  | 'SIGUSR2'
  | 'SIGCONT'
  | 'SIGINT'
  | keyof typeof OWN_SIGNALS;

const NUMBERS: Readonly<Record<string, number>> = { ...constants.signals, ...OWN_SIGNALS };

const MESSAGE_BYTES = 12;
const LAST_SIGNAL = 64;

/** Left alone: they cannot be caught, mean a fault of this program, or are libuv's (CHLD) and the C library's own. */
const untouched = new Set([
  ...(
    ['SIGKILL', 'SIGSTOP', 'SIGSEGV', 'SIGBUS', 'SIGFPE', 'SIGILL', 'SIGABRT', 'SIGTRAP', 'SIGSYS', 'SIGCHLD'] as const
  ).map(name => constants.signals[name]),
  32,
  33,
]);

/**
 * Signals as events. Once constructed, none of them reaches Node, which would open its inspector on SIGUSR1; until
 * `listen` they wait in a pipe. All others are ignored for life, as the reference does.
 */
export class Signals {
  readonly #fd: number;
  #socket: net.Socket | null = null;

  constructor(handled: readonly HandledSignal[]) {
    const numbers = handled.map(name => NUMBERS[name] ?? 0);
    const ignored: number[] = [];
    for (let number = 1; number <= LAST_SIGNAL; number++) {
      if (!numbers.includes(number) && !untouched.has(number)) ignored.push(number);
    }
    this.#fd = native(() => addon.routeSignals(numbers, ignored));
    closeInspector();
    // Node may have noted a SIGUSR1 just before; it acts on it from another thread.
    setImmediate(closeInspector);
  }

  listen(onSignal: (signal: ReceivedSignal) => void): void {
    let rest = Buffer.alloc(0);
    const names = new Map(Object.entries(NUMBERS).map(([name, number]) => [number, name as HandledSignal]));
    this.#socket = new net.Socket({ fd: this.#fd, readable: true, writable: false });
    this.#socket.on('data', chunk => {
      rest = Buffer.concat([rest, chunk]);
      for (; rest.length >= MESSAGE_BYTES; rest = rest.subarray(MESSAGE_BYTES)) {
        const name = names.get(rest.readInt32LE(0));
        if (name !== undefined) onSignal({ name, senderPid: rest.readInt32LE(4), senderUid: rest.readUInt32LE(8) });
      }
    });
  }

  /** Signals keep being caught, but nobody hears of them any more. */
  close(): void {
    this.#socket?.destroy();
  }
}

function closeInspector(): void {
  const wasAskedFor = process.execArgv.some(argument => argument.startsWith('--inspect'));
  if (inspector.url() !== undefined && !wasAskedFor) inspector.close();
}
