/**
 * What is done to interpreted text before it is handed out. `raw`: nothing. `tty`: control bytes become `\ooo`.
 * `shell`: and a backslash goes before `"` `'` `` ` `` `$` `\` `!` `(` `)` `|` and blank. `shell_quote`: and before
 * `;` `#` `&` `*` `?` `[` `]` `<` `>` `{` `}`. Texts that the log itself brings (its enrichment) are handed out as they
 * are.
 */
export type EscapeMode = 'raw' | 'tty' | 'shell' | 'shell_quote';

export interface ParseOptions {
  /** `tty` by default. */
  readonly escape?: EscapeMode;
  /**
   * Which machines have names. `reference`, the default: those of the reference build, and the running one; others are
   * `unknown-elf-type(c00000b7)`, as scripts know it. `all`: ARM and RISC-V too.
   */
  readonly machines?: 'reference' | 'all';
  /** Seconds after which an event is complete; by default what auditd.conf says, else 2. */
  readonly endOfEventTimeoutSeconds?: number;
}

const ESCAPE_MODES: readonly EscapeMode[] = ['raw', 'tty', 'shell', 'shell_quote'];

/** The number by which the native side knows a mode. @throws {TypeError} for a mode that is none. */
export function escapeModeNumber(mode: EscapeMode = 'tty'): number {
  const number = ESCAPE_MODES.indexOf(mode);
  if (number === -1) throw new TypeError(`escape = ${JSON.stringify(mode)}: expected ${ESCAPE_MODES.join(', ')}`);
  return number;
}

/** A timeout that can be used. @throws {RangeError} for 0, which the reference refuses too, and what is no number. */
export function checkedTimeout(seconds: number): number {
  if (Number.isInteger(seconds) && seconds > 0 && seconds <= 0xffffffff) return seconds;
  throw new RangeError(`endOfEventTimeoutSeconds = ${seconds}: expected a whole number of seconds, 1 or more`);
}
