import t from 'tap';
import { AuditEvent } from '../auditEvent.ts';
import { readBuffer } from '../auditLog.ts';
import { Expression, search } from './expression.ts';

const HEAD = 'msg=audit(1700000000.123:45):';
const EVENT = AuditEvent.parse(
  [
    `type=SYSCALL ${HEAD} arch=c000003e syscall=257 uid=1000 auid=0 comm="cat" key=(null)`,
    `type=PATH ${HEAD} item=0 name=612062 ouid=0`,
  ].join('\n'),
);

function matches(expression: string | Expression): boolean {
  const parsed = typeof expression === 'string' ? Expression.parse(expression) : expression;
  return EVENT !== null && parsed.match(EVENT) !== null;
}

t.test('Terms compare what they say', async t => {
  for (const expression of [
    'comm r= "\\"cat\\""',
    'comm i= cat',
    'name i= "a b"',
    'name r= 612062',
    'uid == 1000',
    'uid >= 1000 && uid < 1001',
    'syscall i= openat',
    '!(comm i= dog)',
    'comm i!= dog',
    '\\record_type == PATH',
    '\\record_type == "UNKNOWN[1302]"',
    '\\record_type > 1301 && name r= 612062',
    '\\timestamp == ts:1700000000.123',
    '\\timestamp_ex < ts:1700000000.123:46',
    '\\timestamp >= ts:-5.0',
    '\\regexp /comm="c.t"/',
    '\\regexp "sys[a-z]+=257"',
    'comm i= dog || comm i= cat && uid == 1000',
    '"comm" i= cat',
    '!comm i= dog',
  ]) {
    t.ok(matches(expression), expression);
  }
});

t.test('A missing field fits nothing, and records are looked at by themselves', async t => {
  for (const expression of [
    'nosuch i!= x',
    'nosuch r= x',
    'egid == 0',
    'comm i= cat && name i= "a b"',
    '\\timestamp r= x',
    '\\record_type i!= SYSCALL',
  ]) {
    t.notOk(matches(expression), expression);
  }
  t.ok(matches('!(nosuch i= x)'));
});

t.test('What cannot be understood is said in the words of the C library', async t => {
  for (const [expression, message] of [
    [' \t\n', 'Empty expression'],
    ['&&', "Unexpected token `&&'"],
    ['@', "Unexpected token `@'"],
    ['a', "Operator expected, got `'"],
    ['a = b', "Operator expected, got `='"],
    ['a != b', "Operator expected, got `!'"],
    ['a r=', "Value expected, got `'"],
    ['a r= b c', "Unexpected trailing token `c'"],
    ['(a r= b', "Right paren expected, got `'"],
    ['\\', 'Field name expected after field escape'],
    ['\\foo r= a', "Unknown escaped field name `foo'"],
    ['comm == 1', "Field `comm' does not support value comparison"],
    ['uid == 0x1', "Error converting number `0x1'"],
    ['uid == 4294967296', "Error converting number `4294967296'"],
    ['\\timestamp == x', "Invalid timestamp value `x'"],
    ['\\timestamp_ex == ts:1.2', "Invalid timestamp value `ts'"],
    ['\\timestamp == ts:1.1000', "Millisecond out of range in `ts'"],
    ['\\timestamp == ts:99999999999999999999.1', "Timestamp overflow in `ts'"],
    ['\\record_type == NOSUCH', "Invalid record type `NOSUCH'"],
    ['\\regexp (', "Regexp expected, got `('"],
    ['\\regexp "("', 'Invalid regexp: Unmatched ( or \\('],
    ['"abc', 'Terminating delimiter missing'],
    ['\\regexp /abc', 'Terminating delimiter missing'],
    ['"a\\n" r= x', "Unknown escape sequence ``\\n''"],
  ] as const) {
    t.throws(() => Expression.parse(expression), { name: 'ExpressionError', message, expression }, expression);
  }
  t.throws(() => Expression.parse('('.repeat(100_000)), { message: 'Expression nested too deeply' });
});

t.test('Expressions are built and combined by functions', async t => {
  const comm = Expression.interpreted('comm', '=', 'cat');
  t.ok(matches(comm));
  t.ok(matches(Expression.field('comm', 'exists')));
  t.notOk(matches(Expression.field('comm', '=', 'cat')));
  t.ok(matches(Expression.field('comm', '!=', 'cat')));
  t.ok(matches(comm.and(Expression.regexp('uid=1000'))));
  t.ok(matches(comm.or(Expression.regexp('nothing'))));
  t.notOk(matches(comm.not().and(Expression.field('comm', 'exists'))));
  t.ok(matches(Expression.timestamp('=', { seconds: 1700000000, milliseconds: 123 })));
  t.notOk(matches(Expression.timestamp('=', { seconds: 1700000000, milliseconds: 123, serial: 0 })));
  t.ok(matches(Expression.timestamp('>', { seconds: 1700000000, milliseconds: 123, serial: 0 })));
  t.throws(() => Expression.timestamp('=', { seconds: 1, milliseconds: 1000 }), /expected 0 to 999/);
  t.throws(() => Expression.regexp('['), { name: 'ExpressionError' });
});

t.test('A search says where an event fits', async t => {
  const log = readBuffer(`type=USER_AUTH ${HEAD} pid=1 acct="x"\ntype=USER_AUTH ${HEAD.replace('45', '46')} pid=2\n`);
  const found: (string | number | undefined)[] = [];
  for await (const { event, record, field } of search(log, Expression.parse('pid r= 2'))) {
    found.push(event.serial, record.typeName ?? '', field?.name);
  }
  t.strictSame(found, [46, 'USER_AUTH', 'pid']);
});
