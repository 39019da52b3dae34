const FIRST_LISTEN_FD = 3;
const MOST_DESCRIPTORS = 64;

export const RING_NAME = 'audit-ring';
export const WINDOW_NAME = 'audit-window';
/** A file that says which plugins go on under another program: handedPlugins.ts. */
export const PLUGINS_NAME = 'audit-plugins';
const SOCKET_NAME = /^audit-socket-(\d{1,9})$/;

/** Names and descriptors that an execve(2) of this program hands on: `name=fd`, with colons between. */
export const EXEC_VARIABLE = 'NODE_AUDITD_DESCRIPTORS';

export interface HeldSocket {
  readonly name: string;
  readonly fd: number;
}

/** What an earlier process of this daemon left with whoever starts it, or to its own pid. */
export interface HeldDescriptors {
  readonly ring: number | null;
  /** Audit sockets, the newest last. */
  readonly sockets: readonly HeldSocket[];
  readonly window: number | null;
  readonly plugins: number | null;
  /** The name for the next audit socket: no held one has it. */
  readonly nextSocketName: string;
  /** They came by execve(2): the newest socket is registered, and this process's. */
  readonly isSameProcess: boolean;
  /** Names that are not ours, or twice there: nobody needs them. */
  readonly unknown: readonly HeldSocket[];
}

/**
 * Takes the descriptors out of the environment: LISTEN_FDS as sd_listen_fds(3) has it, or those of an execve(2).
 *
 * @param isOpen  Whether the process has such a descriptor: a variable that somebody left behind names none.
 */
export function takeHeldDescriptors(
  environment: NodeJS.ProcessEnv,
  pid: number,
  isOpen: (fd: number) => boolean,
): HeldDescriptors {
  const isSameProcess = environment[EXEC_VARIABLE] !== undefined;
  const named = (isSameProcess ? fromExec(environment) : fromListen(environment, pid)).filter(({ fd }) => isOpen(fd));
  for (const name of ['LISTEN_FDS', 'LISTEN_FDNAMES', 'LISTEN_PID', 'LISTEN_PIDFDID', EXEC_VARIABLE]) {
    delete environment[name];
  }
  const ring = named.find(({ name }) => name === RING_NAME) ?? null;
  const window = named.find(({ name }) => name === WINDOW_NAME) ?? null;
  const plugins = named.find(({ name }) => name === PLUGINS_NAME) ?? null;
  const sockets = named.filter(({ name }) => SOCKET_NAME.test(name)).toSorted((a, b) => numberOf(a) - numberOf(b));
  const newest = sockets.at(-1);
  return {
    ring: ring?.fd ?? null,
    sockets,
    window: window?.fd ?? null,
    plugins: plugins?.fd ?? null,
    nextSocketName: `audit-socket-${newest === undefined ? 1 : numberOf(newest) + 1}`,
    isSameProcess: isSameProcess && newest !== undefined,
    unknown: named.filter(held => held !== ring && held !== window && held !== plugins && !sockets.includes(held)),
  };
}

/** The variable's value for these descriptors. */
export function execValue(descriptors: readonly HeldSocket[]): string {
  return descriptors.map(({ name, fd }) => `${name}=${fd}`).join(':');
}

function fromListen(environment: NodeJS.ProcessEnv, pid: number): HeldSocket[] {
  if (Number(environment['LISTEN_PID']) !== pid) return [];
  const count = Number(environment['LISTEN_FDS']);
  if (!Number.isInteger(count) || count < 1 || count > MOST_DESCRIPTORS) return [];
  const names = (environment['LISTEN_FDNAMES'] ?? '').split(':');
  return Array.from({ length: count }, (_, i) => ({ name: names[i] ?? '', fd: FIRST_LISTEN_FD + i }));
}

function fromExec(environment: NodeJS.ProcessEnv): HeldSocket[] {
  const pairs = (environment[EXEC_VARIABLE] ?? '').split(':').slice(0, MOST_DESCRIPTORS);
  return pairs.flatMap(pair => {
    const match = /^([a-z0-9-]+)=(\d{1,9})$/.exec(pair);
    return match?.[1] === undefined ? [] : [{ name: match[1], fd: Number(match[2]) }];
  });
}

function numberOf({ name }: HeldSocket): number {
  return Number(SOCKET_NAME.exec(name)?.[1] ?? 0);
}
