import t from 'tap';
import { SystemError } from '../base/errors.ts';
import type { ControlAnswer } from '../binding/control.ts';
import { AnswerError } from './answerError.ts';
import { AuditControl } from './auditControl.ts';
import { parseCNumber } from './cNumber.ts';
import { encodeValue, formatUserMessage } from './userMessage.ts';

const answering = (answer: Partial<ControlAnswer>) => {
  const asked: { name: string; type: number; payload: Uint8Array; completion: string }[] = [];
  const control = new AuditControl({
    request: (name, type, payload, completion) => {
      asked.push({ name, type, payload, completion });
      return { acknowledged: 0, replies: [], ...answer };
    },
  });
  return { control, asked };
};

t.test('Requests have the kernel numbers and the payloads it expects', async t => {
  const { control, asked } = answering({ acknowledged: 17 });
  t.equal(control.resetLost(), 17);
  control.trimTrees();
  control.makeEquivalent('/mnt', '/usr/share');
  control.userMessage(1005, 'text=é');
  t.strictSame(
    asked.map(({ name, type, completion }) => [name, type, completion]),
    [
      ['AUDIT_SET', 1001, 'ack'],
      ['AUDIT_TRIM', 1014, 'ack'],
      ['AUDIT_MAKE_EQUIV', 1015, 'ack'],
      ['AUDIT_USER', 1005, 'ack'],
    ],
  );
  t.equal(
    Buffer.from(asked[2]?.payload ?? []).toString('hex'),
    `040000000a000000${Buffer.from('/mnt/usr/share').toString('hex')}`,
  );
  t.equal(Buffer.from(asked[3]?.payload ?? []).toString('latin1'), 'text=é\0');
});

t.test('An answer without a reply, or with half of one, is no answer', async t => {
  t.throws(() => answering({}).control.status(), AnswerError);
  t.throws(() => answering({ replies: [new Uint8Array(8)] }).control.status(), AnswerError);
  t.throws(() => answering({ replies: [new Uint8Array(8)] }).control.rules(), AnswerError);
  t.throws(() => answering({ replies: [new Uint8Array(1)] }).control.ttyStatus(), AnswerError);
});

t.test("The kernel's errno reaches the caller, known or not", async t => {
  const control = new AuditControl({
    request: name => {
      throw new SystemError({ syscall: name, errno: 524, path: null });
    },
  });
  t.throws(() => control.rules(), { code: 'errno 524', syscall: 'AUDIT_LIST_RULES' });
});

t.test('Values that would break a record are written in hexadecimal', async t => {
  t.equal(encodeValue('/usr/bin/su'), '"/usr/bin/su"');
  t.equal(encodeValue(''), '""');
  t.equal(encodeValue('a b'), '612062');
  t.equal(encodeValue('a"b'), '612262');
  t.equal(encodeValue('\xe9'), 'E9');
  t.equal(
    formatUserMessage({ message: 'op=x', exe: null, hostname: 'h', addr: null, terminal: 'pts/0', isSuccess: false }),
    'op=x exe="?" hostname=h addr=? terminal=pts/0 res=failed',
  );
});

t.test('Numbers are read as C reads them', async t => {
  const read = (text: string) => parseCNumber(text, 'signed').word;
  t.equal(read('0x1F'), 31);
  t.equal(read('0777'), 511);
  t.equal(read('08'), 0);
  t.equal(read('12abc'), 12);
  t.equal(read('-1'), 0xffffffff);
  t.equal(read('abc'), 0);
  t.equal(read('99999999999'), 0x4876e7ff);
  t.strictSame(parseCNumber('99999999999999999999', 'signed'), { word: 0xffffffff, isOverflow: true });
  t.strictSame(parseCNumber('18446744073709551615', 'unsigned'), { word: 0xffffffff, isOverflow: false });
  t.strictSame(parseCNumber('18446744073709551616', 'unsigned'), { word: 0xffffffff, isOverflow: true });
});
