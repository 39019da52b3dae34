/** glibc's struct utmp: its size where time is 64 bits wide in it and where it is not. @see utmp(5) */
const RECORD_BYTES = process.arch === 'arm64' || process.arch === 'riscv64' || process.arch === 'loong64' ? 400 : 384;
const LINE_AT = 8;
const LINE_BYTES = 32;
const USER_PROCESS = 7;

/**
 * The terminals that somebody is logged in on: `pts/0`, `tty1`. A half record at the end is left out, and so is a
 * name that would lead out of /dev.
 */
export function terminalsInUse(utmp: Uint8Array, recordBytes: number = RECORD_BYTES): string[] {
  const view = Buffer.from(utmp.buffer, utmp.byteOffset, utmp.byteLength);
  const lines = new Set<string>();
  for (let at = 0; at + recordBytes <= view.length; at += recordBytes) {
    // A native short: the machines with these layouts are little-endian, but for s390x and its kin.
    const type = isLittleEndian ? view.readInt16LE(at) : view.readInt16BE(at);
    if (type !== USER_PROCESS) continue;
    const line = view.toString('latin1', at + LINE_AT, at + LINE_AT + LINE_BYTES).replace(/\0.*$/s, '');
    if (/^[A-Za-z0-9][A-Za-z0-9_-]*(\/[A-Za-z0-9_-]+)*$/.test(line)) lines.add(line);
  }
  return [...lines];
}

const isLittleEndian = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1;
