import t from 'tap';
import { isRecordText, remoteLine, remoteType } from './remoteRecord.ts';

const line = (text: string) => remoteLine(Buffer.from(text, 'latin1'))?.toString('latin1') ?? null;

for (const [what, text, expected] of [
  [
    'as it came',
    'node=a type=SYSCALL msg=audit(1.000:2): x\x1dARCH=y',
    'node=a type=SYSCALL msg=audit(1.000:2): x\x1dARCH=y\n',
  ],
  ['without the newline it was sent with', 'type=A msg=b\n', 'type=A msg=b\n'],
  ['without what a C string ends in', 'type=A msg=b\n\0\0', 'type=A msg=b\n'],
  [
    'as one record, whatever newlines are in it',
    'type=A msg=b\ntype=USER_LOGIN msg=c\n',
    'type=A msg=b type=USER_LOGIN msg=c\n',
  ],
  ['whole, whatever NUL is in it', 'type=A msg=b\0hidden', 'type=A msg=b hidden\n'],
  ['with bytes that are no UTF-8', 'type=A msg=\xff\xfe', 'type=A msg=\xff\xfe\n'],
  ['not at all when there is none', '\n', null],
  ['not at all when it is NULs', '\0\0', null],
] as const) {
  t.test(`A remote record is logged ${what}`, async t => {
    t.equal(line(text), expected);
  });
}

t.test('The type is found first or after the node name', async t => {
  const type = (text: string) => remoteType(Buffer.from(text));
  t.equal(type('type=SYSCALL msg=x'), 1300);
  t.equal(type('node=host.example type=EOE msg=x'), 1320);
  t.equal(type('type=UNKNOWN[1950] msg=x'), 1950);
  t.equal(type('type=NOSUCH msg=x'), null);
  t.equal(type('msg=x type=SYSCALL '), null);
});

t.test('Text is a record when it says its type', async t => {
  t.equal(isRecordText(Buffer.from('type=USER_LOGIN msg=audit(1.000:2): x')), true);
  t.equal(isRecordText(Buffer.from('node=a type=USER_LOGIN msg=audit(1.000:2): x')), true);
  t.equal(isRecordText(Buffer.from('GET / HTTP/1.1\r')), false);
  t.equal(isRecordText(Buffer.from('')), false);
});
