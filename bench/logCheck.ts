import { readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';

/** What the load should have left in a log. */
export interface ExpectedLog {
  /** Events of the load, numbered from 1 in a0 of their SYSCALL records. */
  readonly events: number;
  /** The key on those records. */
  readonly key: string;
  /** Whether names follow byte 0x1D in those records. */
  readonly isEnriched: boolean;
  /** What every line must begin with; null: no line may have a node. */
  readonly node: string | null;
}

/** What a log holds, against what it should. The counts of faults are 0 in a whole log. */
export interface LogVerdict {
  readonly lines: number;
  readonly bytes: number;
  /** Events of the load that are there. */
  readonly found: number;
  /** The lowest number among them; 0 when there is none. What archives that were removed held lies before it. */
  readonly lowest: number;
  readonly missing: number;
  /** Records that are there again. */
  readonly repeated: number;
  /** Events that stand behind one with a higher number. */
  readonly disordered: number;
  /** Events without their PROCTITLE record. */
  readonly incomplete: number;
  /** Lines that are not one whole record in the expected format. */
  readonly malformed: number;
  /** What the daemon calls itself in its DAEMON_START record. */
  readonly daemonVersion: string | null;
}

const RECORD = /^(?:node=(\S+) )?type=([A-Z][A-Z0-9_]*(?:\[\d+\])?) msg=audit\(\d+\.\d{3}:(\d+)\): /;
const ENRICHED = '\x1d';

/** Reads lines in the order in which they were written and compares them with the load's events. */
export class LogCheck {
  readonly #expected: ExpectedLog;
  readonly #keyText: string;
  readonly #seen: Uint8Array;
  #lines = 0;
  #bytes = 0;
  #found = 0;
  #lowest = 0;
  #repeated = 0;
  #disordered = 0;
  #malformed = 0;
  #titled = 0;
  #highest = 0;
  /** Serial of the load's event read last, until its PROCTITLE has come. */
  #untitledSerial: string | null = null;
  #titledSerial: string | null = null;
  #daemonVersion: string | null = null;

  constructor(expected: ExpectedLog) {
    this.#expected = expected;
    this.#keyText = ` key="${expected.key}"`;
    this.#seen = new Uint8Array(expected.events + 1);
  }

  /** One file's bytes. A file holds whole lines. */
  addFile(bytes: Buffer): void {
    this.#bytes += bytes.length;
    const text = bytes.toString('latin1');
    let start = 0;
    for (let end = text.indexOf('\n'); end !== -1; end = text.indexOf('\n', start)) {
      this.#addLine(text.slice(start, end));
      start = end + 1;
    }
    if (start < text.length) {
      this.#lines++;
      this.#malformed++;
    }
  }

  verdict(): LogVerdict {
    return {
      lines: this.#lines,
      bytes: this.#bytes,
      found: this.#found,
      lowest: this.#lowest,
      missing: this.#expected.events - this.#found,
      repeated: this.#repeated,
      disordered: this.#disordered,
      incomplete: this.#found - this.#titled,
      malformed: this.#malformed,
      daemonVersion: this.#daemonVersion,
    };
  }

  #addLine(line: string): void {
    this.#lines++;
    const record = RECORD.exec(line);
    // A second stamp: two records in one line, the end of the first or the start of the second torn off.
    if (record === null || line.includes('msg=audit(', record[0].length)) {
      this.#malformed++;
      return;
    }
    const [, node = null, type, serial = ''] = record;
    if (node !== this.#expected.node) this.#malformed++;
    else if (type === 'SYSCALL' && line.includes(this.#keyText)) this.#addSyscall(line, serial);
    else if (type === 'PROCTITLE') this.#addTitle(serial);
    else if (type === 'DAEMON_START') this.#daemonVersion = / ver=(\S+)/.exec(line)?.[1] ?? null;
  }

  #addSyscall(line: string, serial: string): void {
    const number = Number.parseInt(/ a0=([0-9a-f]+) /.exec(line)?.[1] ?? '', 16);
    const isExpected = number >= 1 && number <= this.#expected.events;
    if (!isExpected || line.includes(ENRICHED) !== this.#expected.isEnriched) {
      this.#malformed++;
      return;
    }
    if (this.#seen[number] === 1) {
      this.#repeated++;
      return;
    }
    this.#seen[number] = 1;
    this.#found++;
    this.#lowest = this.#found === 1 ? number : Math.min(this.#lowest, number);
    if (number < this.#highest) this.#disordered++;
    this.#highest = Math.max(this.#highest, number);
    this.#untitledSerial = serial;
  }

  #addTitle(serial: string): void {
    if (serial === this.#titledSerial) this.#repeated++;
    if (serial !== this.#untitledSerial) return; // of an event that is not the load's
    this.#titled++;
    this.#titledSerial = serial;
    this.#untitledSerial = null;
  }
}

/** Checks a log and all its archives: `audit.log.2`, `audit.log.1`, `audit.log`. */
export function checkLog(path: string, expected: ExpectedLog): LogVerdict {
  const check = new LogCheck(expected);
  for (const file of generations(path)) check.addFile(readFileSync(file));
  return check.verdict();
}

/** The files of a log, oldest first. */
export function generations(path: string): string[] {
  const name = basename(path);
  const age = (file: string) => (file === name ? 0 : Number(file.slice(name.length + 1)));
  return readdirSync(dirname(path))
    .filter(file => file === name || (file.startsWith(`${name}.`) && Number.isInteger(age(file))))
    .sort((a, b) => age(b) - age(a))
    .map(file => join(dirname(path), file));
}

/** Whether the log holds the load's events, each exactly once, in order, and nothing that is not a record. */
export function isWhole(verdict: LogVerdict): boolean {
  const { missing, repeated, disordered, incomplete, malformed } = verdict;
  return missing + repeated + disordered + incomplete + malformed === 0;
}
