import { AnswerError } from './answerError.ts';
import { byteStringFromBytes, bytesOfByteString } from './byteString.ts';
import { readWord, writeWord } from './nativeWords.ts';
import {
  type AuditRule,
  FIELDS_MAX,
  FILTER_PREPEND,
  type RuleField,
  STRING_FIELDS,
  SYSCALL_MASK_WORDS,
} from './rule.ts';

// struct audit_rule_data of linux/audit.h: three words, four arrays of 64, the length of the strings, the strings.
const FLAGS = 0;
const ACTION = 4;
const FIELD_COUNT = 8;
const MASK = 12;
const FIELDS = MASK + 4 * SYSCALL_MASK_WORDS;
const VALUES = FIELDS + 4 * FIELDS_MAX;
const FIELD_FLAGS = VALUES + 4 * FIELDS_MAX;
const STRINGS_LENGTH = FIELD_FLAGS + 4 * FIELDS_MAX;
const STRINGS = STRINGS_LENGTH + 4;

/** Bytes of a rule without its strings. */
export const RULE_BYTES = STRINGS;

/**
 * The rule as the kernel takes it in AUDIT_ADD_RULE and AUDIT_DEL_RULE: struct audit_rule_data, strings at its end,
 * words in this machine's order.
 *
 * @throws {RangeError} for more than 64 fields.
 */
export function encodeRule(rule: AuditRule): Uint8Array {
  if (rule.fields.length > FIELDS_MAX) throw new RangeError(`audit rule: ${rule.fields.length} fields, at most 64`);
  const strings = bytesOfByteString(rule.fields.map(field => field.text ?? '').join(''));
  const bytes = new Uint8Array(STRINGS + strings.length);
  writeWord(bytes, FLAGS, rule.isPrepended ? rule.list | FILTER_PREPEND : rule.list);
  writeWord(bytes, ACTION, rule.action);
  writeWord(bytes, FIELD_COUNT, rule.fields.length);
  bytes.set(new Uint8Array(rule.mask.buffer, rule.mask.byteOffset, rule.mask.byteLength), MASK);
  rule.fields.forEach((field, i) => {
    writeWord(bytes, FIELDS + 4 * i, field.field);
    writeWord(bytes, VALUES + 4 * i, field.value);
    writeWord(bytes, FIELD_FLAGS + 4 * i, field.operator);
  });
  writeWord(bytes, STRINGS_LENGTH, strings.length);
  bytes.set(strings, STRINGS);
  return bytes;
}

/**
 * The rule in one AUDIT_LIST_RULES reply, or in what encodeRule gave. Padding at the end is ignored.
 *
 * @throws {AnswerError} when counts and lengths contradict the bytes.
 */
export function decodeRule(bytes: Uint8Array): AuditRule {
  if (bytes.length < STRINGS) throw new AnswerError(`audit rule: ${bytes.length} bytes, expected at least ${STRINGS}`);
  const count = readWord(bytes, FIELD_COUNT);
  if (count > FIELDS_MAX) throw new AnswerError(`audit rule: ${count} fields, at most ${FIELDS_MAX}`);
  const stringsLength = readWord(bytes, STRINGS_LENGTH);
  if (stringsLength > bytes.length - STRINGS) {
    throw new AnswerError(`audit rule: ${stringsLength} bytes of strings in ${bytes.length - STRINGS}`);
  }
  const strings = byteStringFromBytes(bytes.subarray(STRINGS, STRINGS + stringsLength));
  const fields: RuleField[] = [];
  let start = 0;
  for (let i = 0; i < count; i++) {
    const field = readWord(bytes, FIELDS + 4 * i);
    const value = readWord(bytes, VALUES + 4 * i);
    let text: string | null = null;
    if (STRING_FIELDS.has(field)) {
      if (value > stringsLength - start) {
        throw new AnswerError(
          `audit rule: field ${field} has ${value} bytes of text, ${stringsLength - start} are left`,
        );
      }
      text = strings.slice(start, start + value);
      start += value;
    }
    fields.push({ field, operator: readWord(bytes, FIELD_FLAGS + 4 * i), value, text });
  }
  const flags = readWord(bytes, FLAGS);
  return {
    list: (flags & ~FILTER_PREPEND) >>> 0,
    isPrepended: (flags & FILTER_PREPEND) !== 0,
    action: readWord(bytes, ACTION),
    mask: Uint32Array.from({ length: SYSCALL_MASK_WORDS }, (_, i) => readWord(bytes, MASK + 4 * i)),
    fields,
  };
}
