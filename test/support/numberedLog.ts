import { closeSync, fstatSync, openSync, readdirSync, readSync } from 'node:fs';
import { isErrno } from '../../src/base/errors.ts';

export interface Verdict {
  readonly missing: number;
  readonly repeated: number;
  /** Lines that are not one whole record. */
  readonly torn: readonly string[];
}

export const WHOLE: Verdict = { missing: 0, repeated: 0, torn: [] };

const RECORD = /^type=(\S+) msg=audit\(\d+\.\d{3}:(\d+)\): /;
const CHUNK_BYTES = 1 << 20;
const NEWLINE = 0x0a;

/** A log with its archives that grows and rotates, read on from where it was read to; for events that flood.c made. */
export class NumberedLog {
  /** Lines of the daemon's own: DAEMON_START and the like. */
  readonly own: string[] = [];
  readonly #directory: string;
  readonly #key: string;
  /** How many bytes of each file were read, by its number: whole lines. */
  readonly #offsets = new Map<number, number>();
  /** How often there is a SYSCALL record of each event, and its serial. */
  readonly #times: number[] = [];
  readonly #serials: string[] = [];
  /** How often there is a PROCTITLE record, by serial. */
  readonly #titles = new Map<string, number>();
  readonly #torn: string[] = [];

  /** @param key  Of the rule that records the load. */
  constructor(directory: string, key: string) {
    this.#directory = directory;
    this.#key = ` key="${key}"`;
  }

  /** Reads what is new, as far as it ends with a newline: a torn line may yet be cut off. */
  read(): this {
    for (const name of readdirSync(this.#directory)) this.#readFile(`${this.#directory}/${name}`, null);
    return this;
  }

  has(number: number): boolean {
    return (this.#times[number] ?? 0) > 0;
  }

  /** Of the events from `first` on, before `end`, with their SYSCALL and PROCTITLE records. */
  verdict(end: number, first: number): Verdict {
    const torn = [...this.#torn];
    for (const name of readdirSync(this.#directory)) this.#readFile(`${this.#directory}/${name}`, torn);
    let missing = 0;
    let repeated = 0;
    for (let number = first; number < end; number++) {
      const counts = [this.#times[number] ?? 0, this.#titles.get(this.#serials[number] ?? '') ?? 0];
      if (counts.includes(0)) missing++;
      if (counts.some(times => times > 1)) repeated++;
    }
    return { missing, repeated, torn };
  }

  // A file that is renamed meanwhile is known by its number; one that is missed is found the next time.
  #readFile(path: string, torn: string[] | null): void {
    const fd = openIfThere(path);
    if (fd === null) return;
    try {
      const { ino } = fstatSync(fd);
      const chunk = Buffer.allocUnsafe(CHUNK_BYTES);
      for (;;) {
        const offset = this.#offsets.get(ino) ?? 0;
        const bytes = chunk.subarray(0, readSync(fd, chunk, 0, CHUNK_BYTES, offset));
        const whole = bytes.lastIndexOf(NEWLINE) + 1;
        this.#offsets.set(ino, offset + whole);
        if (whole === 0) {
          if (bytes.length > 0) torn?.push(bytes.toString('latin1'));
          return;
        }
        for (const line of bytes.toString('latin1', 0, whole - 1).split('\n')) this.#addLine(line);
      }
    } finally {
      closeSync(fd);
    }
  }

  #addLine(line: string): void {
    const record = RECORD.exec(line);
    // A second stamp: the end of one record or the start of another is torn off.
    if (record === null || line.includes('msg=audit(', record[0].length)) {
      this.#torn.push(line);
      return;
    }
    const [, type = '', serial = ''] = record;
    if (type.startsWith('DAEMON_')) this.own.push(line);
    if (type === 'PROCTITLE') this.#titles.set(serial, (this.#titles.get(serial) ?? 0) + 1);
    if (type !== 'SYSCALL' || !line.includes(this.#key)) return;
    const number = Number.parseInt(/ a0=([0-9a-f]+) /.exec(line)?.[1] ?? '', 16);
    this.#times[number] = (this.#times[number] ?? 0) + 1;
    this.#serials[number] = serial;
  }
}

function openIfThere(path: string): number | null {
  try {
    return openSync(path, 'r');
  } catch (error) {
    if (isErrno(error, 'ENOENT')) return null; // it has another name now
    throw error;
  }
}
