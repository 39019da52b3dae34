import t from 'tap';
import { AnswerError } from './answerError.ts';
import { decodeFeatures, encodeFeatures, FEATURE, formatFeatures } from './features.ts';
import { decodeSignalInfo } from './signalInfo.ts';
import { decodeStatus, encodeStatusChange, formatStatus } from './status.ts';
import { decodeTtyStatus, encodeTtyStatus } from './tty.ts';

const words = (...values: number[]): Uint8Array => new Uint8Array(Uint32Array.from(values).buffer);
const ANSWER = words(0, 1, 1, 815, 0, 8192, 3, 2, 0x7f, 60000, 1167);

t.test('A status is read word by word', async t => {
  t.strictSame(decodeStatus(ANSWER), {
    enabled: 1,
    failure: 1,
    pid: 815,
    rateLimit: 0,
    backlogLimit: 8192,
    lost: 3,
    backlog: 2,
    featureBitmap: 0x7f,
    backlogWaitTime: 60000,
    backlogWaitTimeActual: 1167,
  });
});

t.test('An old kernel gives a shorter status, and what is missing is null', async t => {
  t.match(decodeStatus(ANSWER.subarray(0, 40)), { backlogWaitTime: 60000, backlogWaitTimeActual: null });
  t.match(decodeStatus(ANSWER.subarray(0, 32)), { backlog: 2, featureBitmap: null, backlogWaitTime: null });
  t.throws(() => decodeStatus(ANSWER.subarray(0, 28)), AnswerError);
});

t.test('A change of the status names one field and leaves the rest 0', async t => {
  t.strictSame(encodeStatusChange('enabled', 1), words(1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0));
  t.strictSame(encodeStatusChange('backlogLimit', 8192), words(0x10, 0, 0, 0, 0, 8192, 0, 0, 0, 0, 0));
  t.strictSame(encodeStatusChange('backlogWaitTime', 0xffffffff), words(0x20, 0, 0, 0, 0, 0, 0, 0, 0, 0xffffffff, 0));
  t.strictSame(encodeStatusChange('lost', 0), words(0x40, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0));
  t.strictSame(encodeStatusChange('backlogWaitTimeActual', 0), words(0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0));
});

t.test('A status is printed in numbers or in words', async t => {
  const status = decodeStatus(ANSWER);
  t.match(formatStatus(status, false), /^enabled 1\nfailure 1\npid 815\n/);
  t.match(formatStatus(status, true), /^enabled enabled\nfailure printk\n/);
  t.match(formatStatus({ ...status, enabled: 2, failure: 7 }, true), /^enabled enabled\+immutable\nfailure unknown\n/);
  t.match(
    formatStatus({ ...status, backlogWaitTime: null, backlogWaitTimeActual: null }, false),
    /\nbacklog_wait_time 0\n$/,
  );
});

t.test('Features keep their three words', async t => {
  const bit = 1 << FEATURE.loginuidImmutable;
  t.strictSame(encodeFeatures({ mask: bit, features: bit, lock: bit }), words(0, 2, 2, 2));
  t.strictSame(decodeFeatures(words(1, 0xffffffff, 2, 0)), { mask: 0xffffffff, features: 2, lock: 0 });
  t.equal(formatFeatures({ mask: bit, features: bit, lock: bit }), 'loginuid_immutable 1 locked\n');
  t.equal(formatFeatures({ mask: bit, features: 0, lock: 0 }), 'loginuid_immutable 0 unlocked\n');
  t.equal(formatFeatures({ mask: 1, features: 1, lock: 1 }), '');
  t.throws(() => decodeFeatures(new Uint8Array(12)), AnswerError);
});

t.test('The terminal status keeps both switches', async t => {
  t.strictSame(decodeTtyStatus(encodeTtyStatus({ isEnabled: true, logsPasswords: false })), {
    isEnabled: true,
    logsPasswords: false,
  });
  t.strictSame(decodeTtyStatus(words(1)), { isEnabled: true, logsPasswords: false });
  t.throws(() => decodeTtyStatus(new Uint8Array(3)), AnswerError);
});

t.test("A signal's sender may have a security context", async t => {
  t.strictSame(decodeSignalInfo(words(1000, 77)), { auid: 1000, pid: 77, context: null });
  const withContext = Buffer.concat([words(0xffffffff, 1), Buffer.from('system_u:system_r:init_t:s0\0')]);
  t.strictSame(decodeSignalInfo(withContext), { auid: 0xffffffff, pid: 1, context: 'system_u:system_r:init_t:s0' });
  t.throws(() => decodeSignalInfo(words(1000)), AnswerError);
});
