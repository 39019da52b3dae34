import t from 'tap';
import { jsonLine, utcTime } from './jsonLine.ts';

t.test('Bytes that are no text are replaced, and kept in base64 under their place', async t => {
  t.equal(
    jsonLine({ a: 'caf\xc3\xa9', b: { c: 'caf\xe9\xff', d: 1 }, e: null }),
    '{"a":"caf\xc3\xa9","b":{"c":"caf\xef\xbf\xbd\xef\xbf\xbd","d":1},"e":null,' +
      '"not_utf8":[{"at":"/b/c","base64":"Y2Fm6f8="}]}\n',
  );
});

t.test('Nothing in a line moves a cursor or turns text', async t => {
  const line = jsonLine({ a: '\x1b[2J\x7f\n\xc2\x9b\xe2\x80\xae\xe2\x80\xa8\xef\xbb\xbf' });
  t.equal(line, '{"a":"\\u001b[2J\\u007f\\n\\u009b\\u202e\\u2028\\ufeff"}\n');
  t.strictSame(JSON.parse(line), { a: '\x1b[2J\x7f\n\x9b\u202e\u2028\ufeff' });
});

t.test('Overlong forms and surrogates are no text', async t => {
  const line = Buffer.from(jsonLine({ a: '\xc0\xaf\xed\xa0\x80' }), 'latin1').toString('utf8');
  t.strictSame(JSON.parse(line), { a: '\ufffd'.repeat(5), not_utf8: [{ at: '/a', base64: 'wK/toIA=' }] });
});

t.test('A time beyond the year 9999 has no form', async t => {
  t.equal(utcTime(1_700_000_000_007), '2023-11-14T22:13:20.007Z');
  t.equal(utcTime(253_402_300_799_999), '9999-12-31T23:59:59.999Z');
  t.equal(utcTime(253_402_300_800_000), null);
  t.equal(utcTime(9e21), null);
});
