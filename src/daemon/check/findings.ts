/** `problem`: the daemon will not start, or will lose records. `advice`: it works, and could be safer. */
export type Level = 'problem' | 'advice';

export type Subject =
  | 'configuration'
  | 'permissions'
  | 'plugins'
  | 'partition'
  | 'kernel'
  | 'listeners'
  | 'privilege'
  | 'memory';

/** One thing to say about the machine. Texts are one line each; commands in them stand between backticks. */
export interface Finding {
  readonly level: Level;
  readonly subject: Subject;
  /** What was found, with the names and numbers of this machine. */
  readonly found: string;
  /** Why an operator should care. */
  readonly why: string;
  /** The key, command or kernel parameter that changes it. */
  readonly remedy: string;
}

/** What a question to the machine came to. */
export type Answer<T> =
  | { readonly kind: 'known'; readonly value: T }
  /** `reason` in the words of strerror(3). */
  | { readonly kind: 'unknown'; readonly reason: string; readonly needsRoot: boolean };

export function known<T>(value: T): Answer<T> {
  return { kind: 'known', value };
}

/** What could not be found out is said, and never taken for "nothing wrong". */
export function unchecked(subject: Subject, what: string, { reason, needsRoot }: Unanswered): Finding {
  return {
    level: 'advice',
    subject,
    found: `${what} could not be checked${needsRoot ? ': run as root' : ''} (${reason})`,
    why: 'Whether something is wrong there is not known.',
    remedy: needsRoot ? 'Run `auditd --check` as root.' : 'Remove what the reason names, then check again.',
  };
}

export type Unanswered = Omit<Extract<Answer<unknown>, { kind: 'unknown' }>, 'kind'>;

/** A path for a command line that is to be copied into a shell. */
export function shellWord(path: string): string {
  return /^[\w@%+=:,./-]+$/.test(path) ? path : `'${path.replaceAll("'", "'\\''")}'`;
}

const RANK: Readonly<Record<Level, number>> = { problem: 0, advice: 1 };

/** Worst first; equally bad ones stay in the order in which a record travels past them. */
export function worstFirst(findings: readonly Finding[]): Finding[] {
  return findings.toSorted((a, b) => RANK[a.level] - RANK[b.level]);
}

/** 0 nothing to say, 1 advice only, 2 problems. */
export function exitCodeFor(findings: readonly Finding[]): 0 | 1 | 2 {
  if (findings.some(({ level }) => level === 'problem')) return 2;
  return findings.length > 0 ? 1 : 0;
}
