/** What `auditctl --signal` can send to the daemon. */
export type DaemonSignal = 'SIGTERM' | 'SIGHUP' | 'SIGUSR1' | 'SIGUSR2' | 'SIGCONT';

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
};

/** The signal of a name in any case, or of what it makes the daemon do; null for any other word. */
export function daemonSignal(word: string): DaemonSignal | null {
  const name = word.toLowerCase();
  return Object.hasOwn(SIGNALS, name) ? (SIGNALS[name] ?? null) : null;
}
