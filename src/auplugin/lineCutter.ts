/** Longest record text that is handed on, without its newline: MAX_AUDIT_MESSAGE_LENGTH in libaudit.h, less its NUL. */
export const MOST_RECORD_BYTES = 8969;

const LF = 10;

/** Cuts what arrives in pieces into records, one a line. Holds at most one unfinished line, and that bounded. */
export class LineCutter {
  #rest: Buffer[] = [];
  #restBytes = 0;
  #isSkipping = false;
  #cutRecords = 0;

  /** Records that were longer than `MOST_RECORD_BYTES` and lost their end. */
  get cutRecords(): number {
    return this.#cutRecords;
  }

  /**
   * The records that end in `chunk`, without their newlines; empty lines are none.
   *
   * @param chunk  Kept: the records are views of it.
   */
  cut(chunk: Buffer): Buffer[] {
    const records: Buffer[] = [];
    let start = 0;
    for (let end = chunk.indexOf(LF); end !== -1; end = chunk.indexOf(LF, start)) {
      const line = this.#join(chunk.subarray(start, end));
      if (line.length > 0) records.push(line);
      this.#isSkipping = false;
      start = end + 1;
    }
    this.#keep(chunk.subarray(start));
    return records;
  }

  /** What stands after the last newline when the input has ended: a record that nobody will finish. Null without one. */
  end(): Buffer | null {
    const line = this.#join(Buffer.alloc(0));
    return line.length > 0 ? line : null;
  }

  #join(tail: Buffer): Buffer {
    this.#keep(tail);
    const [only] = this.#rest;
    const line = this.#rest.length === 1 && only !== undefined ? only : Buffer.concat(this.#rest);
    this.#rest = [];
    this.#restBytes = 0;
    return line;
  }

  #keep(piece: Buffer): void {
    const room = MOST_RECORD_BYTES - this.#restBytes;
    if (piece.length > room && !this.#isSkipping) {
      this.#cutRecords++;
      this.#isSkipping = true;
    }
    const kept = piece.subarray(0, room);
    if (kept.length === 0) return;
    this.#rest.push(kept);
    this.#restBytes += kept.length;
  }
}
