import t from 'tap';
import { AnswerError } from './answerError.ts';
import { ACTION, type AuditRule, FIELD, FILTER, OPERATOR } from './rule.ts';
import { decodeRule, encodeRule, RULE_BYTES } from './ruleBytes.ts';

const rule = (fields: AuditRule['fields'], rest: Partial<AuditRule> = {}): AuditRule => ({
  list: FILTER.exit,
  isPrepended: false,
  action: ACTION.always,
  mask: new Uint32Array(64),
  fields,
  ...rest,
});
const path = { field: FIELD.path, operator: OPERATOR['='], value: 3, text: '/\xff ' };
const key = { field: FIELD.key, operator: OPERATOR['='], value: 3, text: 'a\x01b' };
const auid = { field: FIELD.auid, operator: OPERATOR['!='], value: 0xffffffff, text: null };

t.test('A rule survives its bytes', async t => {
  const original = rule([path, auid, key], { isPrepended: true, list: FILTER.io_uring });
  original.mask[63] = 0xffffffff;
  original.mask[0] = 4;
  const bytes = encodeRule(original);
  t.equal(bytes.length, RULE_BYTES + 6);
  t.strictSame(decodeRule(bytes), original);
});

t.test('Padding after a rule does not matter', async t => {
  const padded = new Uint8Array(RULE_BYTES + 8);
  padded.set(encodeRule(rule([path])));
  t.strictSame(decodeRule(padded), rule([path]));
});

t.test('Bytes that contradict themselves are refused', async t => {
  const damaged = (offset: number, value: number): Uint8Array => {
    const bytes = encodeRule(rule([path, key]));
    new DataView(bytes.buffer).setUint32(offset, value, true);
    return bytes;
  };
  t.throws(() => decodeRule(new Uint8Array(RULE_BYTES - 1)), AnswerError);
  t.throws(() => decodeRule(damaged(8, 65)), AnswerError, 'more fields than there is room for');
  t.throws(() => decodeRule(damaged(1036, 7)), AnswerError, 'strings longer than the bytes');
  t.throws(() => decodeRule(damaged(524, 7)), AnswerError, 'a text longer than the strings');
});

t.test('More fields than the structure holds are refused', async t => {
  t.throws(() => encodeRule(rule(Array.from({ length: 65 }, () => auid))), RangeError);
});
