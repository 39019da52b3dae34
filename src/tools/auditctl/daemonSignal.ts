/** What `auditctl --signal` can send to the daemon. */
export type DaemonSignal = 'SIGTERM' | 'SIGHUP' | 'SIGUSR1' | 'SIGUSR2' | 'SIGCONT' | 'SIGRTMIN+2' | 'SIGRTMIN+3';

/** Those that Node has no name for. Other daemons ignore them. */
const OWN_NUMBERS: Readonly<Partial<Record<DaemonSignal, number>>> = { 'SIGRTMIN+2': 36, 'SIGRTMIN+3': 37 };

const SIGNALS: Readonly<Record<string, DaemonSignal>> = {
  term: 'SIGTERM',
  stop: 'SIGTERM',
  hup: 'SIGHUP',
  reload: 'SIGHUP',
  usr1: 'SIGUSR1',
  rotate: 'SIGUSR1',
  usr2: 'SIGUSR2',
  resume: 'SIGUSR2',
  cont: 'SIGCONT',
  state: 'SIGCONT',
  upgrade: 'SIGRTMIN+2',
  restart: 'SIGRTMIN+3',
};

/** The signal of a name in any case, or of what it makes the daemon do; null for any other word. */
export function daemonSignal(word: string): DaemonSignal | null {
  const name = word.toLowerCase();
  return Object.hasOwn(SIGNALS, name) ? (SIGNALS[name] ?? null) : null;
}

/** What kill(2) is to be given. */
export function signalNumber(signal: DaemonSignal): string | number {
  return OWN_NUMBERS[signal] ?? signal;
}
