import { AnswerError } from './answerError.ts';
import { readWord } from './nativeWords.ts';

/** Who last sent the audit daemon a signal that the kernel notes: HUP, TERM, USR1, USR2. */
export interface SignalInfo {
  /** The sender's login uid, in spite of the structure's name for it; 2^32 - 1 when unset. */
  auid: number;
  pid: number;
  /** The sender's security context; null without a security module. */
  context: string | null;
}

/** sizeof(struct audit_sig_info) without its context, as the kernel's include/linux/audit.h has it. */
const SIGNAL_INFO_BYTES = 8;

/**
 * The sender in an AUDIT_SIGNAL_INFO reply's payload.
 *
 * @throws {AnswerError} when the payload is too short.
 */
export function decodeSignalInfo(bytes: Uint8Array): SignalInfo {
  if (bytes.length < SIGNAL_INFO_BYTES) {
    throw new AnswerError(`audit signal info: ${bytes.length} bytes, expected at least ${SIGNAL_INFO_BYTES}`);
  }
  const text = Buffer.from(bytes.subarray(SIGNAL_INFO_BYTES)).toString('latin1');
  const end = text.indexOf('\0');
  const context = end < 0 ? text : text.slice(0, end);
  return { auid: readWord(bytes, 0), pid: readWord(bytes, 4) | 0, context: context === '' ? null : context };
}
