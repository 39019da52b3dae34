import { AnswerError } from './answerError.ts';
import { readWord, writeWord } from './nativeWords.ts';

/** Switches of the kernel's audit that lock. Each word has one bit for each feature: 1 << FEATURE. */
export interface AuditFeatures {
  /** Features this kernel knows, or, in a request, the ones it is about. */
  mask: number;
  /** The ones that are on. */
  features: number;
  /** The ones that cannot be changed before the next boot. */
  lock: number;
}

/** Bit numbers in the words of AuditFeatures. @see AUDIT_FEATURE_ONLY_UNSET_LOGINUID in linux/audit.h */
export const FEATURE = { onlyUnsetLoginuid: 0, loginuidImmutable: 1 } as const;

/** sizeof(struct audit_features) of linux/audit.h: version, mask, features, lock. */
const FEATURES_BYTES = 16;

/**
 * The features in an AUDIT_GET_FEATURE reply's payload.
 *
 * @throws {AnswerError} when the payload is too short.
 */
export function decodeFeatures(bytes: Uint8Array): AuditFeatures {
  if (bytes.length < FEATURES_BYTES) {
    throw new AnswerError(`audit features: ${bytes.length} bytes, expected ${FEATURES_BYTES}`);
  }
  return { mask: readWord(bytes, 4), features: readWord(bytes, 8), lock: readWord(bytes, 12) };
}

/** Payload of AUDIT_SET_FEATURE. The version word stays 0: no kernel reads it. */
export function encodeFeatures(features: AuditFeatures): Uint8Array {
  const bytes = new Uint8Array(FEATURES_BYTES);
  writeWord(bytes, 4, features.mask);
  writeWord(bytes, 8, features.features);
  writeWord(bytes, 12, features.lock);
  return bytes;
}

/** The features as `auditctl -s` prints them, newline at the end; empty when the kernel knows none we name. */
export function formatFeatures(features: AuditFeatures): string {
  const bit = 1 << FEATURE.loginuidImmutable;
  if ((features.mask & bit) === 0) return '';
  const isOn = (features.features & bit) !== 0;
  const isLocked = (features.lock & bit) !== 0;
  return `loginuid_immutable ${isOn ? 1 : 0} ${isLocked ? 'locked' : 'unlocked'}\n`;
}
