import { AnswerError } from './answerError.ts';
import { readWord, writeWord } from './nativeWords.ts';

/** Whether the kernel records what is typed on the terminals of this process and its children. */
export interface TtyStatus {
  isEnabled: boolean;
  /** Whether it records input while echo is off, passwords above all. */
  logsPasswords: boolean;
}

/** sizeof(struct audit_tty_status) of linux/audit.h. */
const TTY_BYTES = 8;

/**
 * The status in an AUDIT_TTY_GET reply's payload. Kernels before 3.10 send the first word alone.
 *
 * @throws {AnswerError} when the payload is too short.
 */
export function decodeTtyStatus(bytes: Uint8Array): TtyStatus {
  if (bytes.length < 4) throw new AnswerError(`audit tty status: ${bytes.length} bytes, expected ${TTY_BYTES}`);
  return { isEnabled: readWord(bytes, 0) !== 0, logsPasswords: bytes.length >= TTY_BYTES && readWord(bytes, 4) !== 0 };
}

/** Payload of AUDIT_TTY_SET. */
export function encodeTtyStatus(status: TtyStatus): Uint8Array {
  const bytes = new Uint8Array(TTY_BYTES);
  writeWord(bytes, 0, status.isEnabled ? 1 : 0);
  writeWord(bytes, 4, status.logsPasswords ? 1 : 0);
  return bytes;
}
