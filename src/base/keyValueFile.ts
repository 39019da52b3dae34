import { FieldError } from './errors.ts';

/**
 * Something wrong in a file, and what follows from it. `fatal`: the file cannot be used, and a program that needs it
 * says so at the level err. `err`, `warning`, `notice`: the level to report it at; the rest of the file stands.
 */
export interface Fault {
  readonly severity: 'fatal' | 'err' | 'warning' | 'notice';
  readonly error: FieldError;
}

/** One line that says something: `key = value option option`. */
export interface KeyValueEntry {
  /** From 1. */
  readonly line: number;
  /** As written; keys are compared without regard to case. */
  readonly key: string;
  /** The first word after the equal sign; never empty. */
  readonly value: string;
  /** The words after the value. How many a key may have is for the file's own rules. */
  readonly options: readonly string[];
}

export type KeyValueLine =
  | { readonly kind: 'entry'; readonly entry: KeyValueEntry }
  | { readonly kind: 'fault'; readonly fault: Fault };

/**
 * Reads the files of the audit system that hold one `key = value` a line, in order, and goes on after a fault. Empty
 * lines and comments yield nothing. Words are separated by the space character alone: a tab or a carriage return
 * belongs to the word it touches, and a comment needs a line of its own. Takes time linear in the file's size.
 *
 * @param file          Name for the errors.
 * @param maxLineBytes  Longest line, its newline included; a longer one is an `err` and is left out.
 */
export function* readKeyValueLines(
  bytes: Uint8Array,
  file: string,
  maxLineBytes: number = LINE_BYTES,
): Generator<KeyValueLine, void, undefined> {
  let line = 0;
  for (let start = 0; start < bytes.length; ) {
    line++;
    const newline = bytes.indexOf(LF, start);
    const end = newline === -1 ? bytes.length : newline;
    const text = bytes.subarray(start, end);
    start = end + 1;
    if (text.length >= maxLineBytes) {
      yield fault('err', file, line, null, `at most ${maxLineBytes} bytes in a line; this one is left out`);
      continue;
    }
    const read = readLine(text, file, line);
    if (read !== null) yield read;
  }
}

/** Of auditd.conf and of the plugins' files, the newline included. */
const LINE_BYTES = 511;
const LF = 0x0a;
const SPACE = 0x20;
const HASH = 0x23;

function readLine(bytes: Uint8Array, file: string, line: number): KeyValueLine | null {
  const first = bytes.findIndex(byte => byte !== SPACE);
  // A comment may be in any encoding, so it is told apart before the text is decoded.
  if (first === -1 || bytes[first] === HASH) return null;
  const text = decodeUtf8(bytes);
  // Every value ends as a path, a name or a number; none of them can hold a NUL.
  if (text === null || text.includes('\0')) {
    return fault('fatal', file, line, Buffer.from(bytes).toString('latin1'), 'UTF-8 text without NUL bytes');
  }
  const [key, equals, value, ...options] = text.split(' ').filter(word => word !== '');
  if (key === undefined) return null;
  if (equals !== '=') return fault('fatal', file, line, text, `key = value${formHint(text)}`);
  if (value === undefined) return fault('fatal', file, line, text, `a value after "${key} ="`);
  return { kind: 'entry', entry: { line, key, value, options } };
}

/** What an editor most likely did to a line that looks right and is not. */
function formHint(text: string): string {
  if (text.includes('\t')) return ', separated by spaces and not by tabs';
  if (text.endsWith('\r')) return ', and lines that end in a newline alone';
  return text.includes('=') ? ', with a space on both sides of the equal sign' : '';
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

function decodeUtf8(bytes: Uint8Array): string | null {
  try {
    return utf8.decode(bytes);
  } catch (error) {
    // A fatal decoder's only complaint: these bytes are not UTF-8. The caller reports the line.
    if (error instanceof TypeError) return null;
    throw error;
  }
}

function fault(
  severity: Fault['severity'],
  file: string,
  line: number,
  value: string | null,
  expected: string,
): KeyValueLine {
  return { kind: 'fault', fault: { severity, error: new FieldError({ file, line, field: null, value, expected }) } };
}
