/** One thing that lint has to say about a line of a rules file. */
export interface Finding {
  file: string;
  /** From 1; null where it is about the whole. */
  line: number | null;
  /** error: loading stops there. warning: it loads and does not do what it seems to. note: it could be better. */
  severity: 'error' | 'warning' | 'note';
  check: Check;
  message: string;
}

export type Check =
  | 'unreadable-file'
  | 'bad-line'
  | 'line-too-long'
  | 'carriage-return'
  | 'kernel-refuses'
  | 'duplicate-rule'
  | 'missing-directory'
  | 'deleted-rules'
  | 'dead-rule'
  | 'shadowed-rule'
  | 'too-many-rules'
  | 'after-lock'
  | 'replaced-directive'
  | 'no-arch'
  | 'missing-twin'
  | 'missing-path'
  | 'symbolic-link'
  | 'mount-point'
  | 'duplicate-key'
  | 'old-watch'
  | 'cost';

/** `rules:12: warning: … [missing-twin]`, without a newline. */
export function formatFinding({ file, line, severity, check, message }: Finding): string {
  const where = line === null ? file : `${file}:${line}`;
  return `${where}: ${severity}: ${message} [${check}]`;
}
