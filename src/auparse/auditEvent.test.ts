import t from 'tap';
import { AuditEvent } from './auditEvent.ts';
import { FIELD_TYPE } from './fieldType.ts';

const HEAD = 'msg=audit(1700000000.123:45):';
const OPENED = [
  `node=h type=SYSCALL ${HEAD} arch=c000003e syscall=257 success=yes exit=3 a0=ffffff9c a1=7f a2=80000 a3=0 items=1 ` +
    'ppid=1 pid=2 auid=4294967295 uid=0 comm="cat" exe="/usr/bin/cat" key=6B31016B32\x1dARCH=x86_64 SYSCALL=openat',
  `node=h type=CWD ${HEAD} cwd="/home/u"`,
  `node=h type=PATH ${HEAD} item=0 name="../x" nametype=NORMAL mode=0100644`,
  `node=h type=PROCTITLE ${HEAD} proctitle=636174002E2E2F78`,
].join('\n');

function parsed(lines: string | Uint8Array): AuditEvent {
  const event = AuditEvent.parse(lines);
  if (event === null) throw new Error('no line has a head');
  return event;
}

t.test('An event has its head, records and fields', async t => {
  const event = parsed(OPENED);
  t.equal(event.seconds, 1700000000);
  t.equal(event.milliseconds, 123);
  t.equal(event.serial, 45);
  t.equal(event.node, 'h');
  t.equal(event.time.toISOString(), '2023-11-14T22:13:20.123Z');
  t.strictSame(
    event.records.map(({ typeName, type, number }) => [number, typeName, type]),
    [
      [0, 'SYSCALL', 1300],
      [1, 'CWD', 1307],
      [2, 'PATH', 1302],
      [3, 'PROCTITLE', 1327],
    ],
  );
  t.equal(event.records[0]?.interpretations, 'ARCH=x86_64 SYSCALL=openat');
  t.equal(event.record('PATH')?.text, OPENED.split('\n')[2]);
  t.equal(event.record(1327)?.number, 3);
  t.equal(event.record('SOCKADDR'), null);
  t.strictSame(
    event.record('PATH')?.fields.map(({ name, value }) => `${name}=${value}`),
    ['node=h', 'type=PATH', 'item=0', 'name="../x"', 'nametype=NORMAL', 'mode=0100644'],
  );
});

t.test('Fields say what they mean', async t => {
  const event = parsed(OPENED);
  const text = (name: string) => event.field(name)?.interpreted;
  t.equal(text('syscall'), 'openat');
  t.equal(text('a0'), 'AT_FDCWD');
  t.equal(text('a2'), 'O_RDONLY|O_CLOEXEC');
  t.equal(text('auid'), 'unset');
  t.equal(text('uid'), 'root');
  t.equal(text('mode'), 'file,644');
  t.equal(text('proctitle'), 'cat ../x');
  t.equal(event.field('exit')?.integer, 3);
  t.equal(event.field('auid')?.integer, -1);
  t.equal(event.field('comm')?.integer, 0);
  t.equal(event.field('name')?.type, FIELD_TYPE.ESCAPED_FILE);
  t.strictSame(
    event.records[0]?.fields.filter(({ name }) => name === 'key').map(({ interpreted }) => interpreted),
    ['k1', 'k2'],
  );
  t.equal(event.field('nosuch'), null);
});

t.test('Paths and addresses have parts', async t => {
  t.equal(parsed(OPENED).field('name')?.realPath, '/home/x');
  t.equal(parsed(OPENED).field('comm')?.realPath, null);
  const address = parsed(`type=SOCKADDR ${HEAD} saddr=020000357F0000350000000000000000`).field('saddr');
  t.strictSame([address?.socketFamily, address?.socketAddress, address?.socketPort], ['inet', '127.0.0.53', '53']);
  t.equal(parsed(OPENED).field('comm')?.socketFamily, null);
});

t.test('Bytes that are no text come out as they are', async t => {
  const event = parsed(Buffer.from(`type=PATH ${HEAD} name=FF2F0A other=\xff`, 'latin1'));
  t.equal(Buffer.from(event.field('name')?.interpretedBytes ?? []).toString('latin1'), '\xff/\\012');
  t.equal(event.field('name')?.interpreted, '\ufffd/\\012');
  t.strictSame([...(event.field('other')?.valueBytes ?? [])], [0xff]);
});

t.test('Text is escaped as wanted', async t => {
  const line = `type=PATH ${HEAD} name=612062`;
  t.equal(AuditEvent.parse(line, { escape: 'shell' })?.field('name')?.interpreted, 'a\\ b');
  t.equal(AuditEvent.parse(line)?.field('name')?.interpreted, 'a b');
  // @ts-expect-error what JavaScript may pass
  t.throws(() => AuditEvent.parse(line, { escape: 'html' }), /escape = "html": expected raw, tty, shell, shell_quote/);
});

t.test('Machines that the reference lacks have names when asked for', async t => {
  const line = `type=SYSCALL ${HEAD} arch=400000f3 syscall=56`;
  t.equal(AuditEvent.parse(line)?.field('arch')?.interpreted, 'unknown-elf-type(400000f3)');
  t.equal(AuditEvent.parse(line, { machines: 'all' })?.field('arch')?.interpreted, 'riscv32');
});

t.test('What no line begins is no event', async t => {
  t.equal(AuditEvent.parse('rubbish\nmore'), null);
  t.equal(AuditEvent.parse(''), null);
  t.equal(parsed(`rubbish\ntype=USER ${HEAD} a=1`).records.length, 1);
});

t.test('A cursor moves as the C library moves', async t => {
  const cursor = parsed(OPENED).cursor();
  t.equal(cursor.findField('name')?.value, '"../x"');
  t.equal(cursor.record?.typeName, 'PATH');
  t.equal(cursor.findNextField(), null);
  t.equal(cursor.record, null);
  t.equal(cursor.field, null);
  t.equal(cursor.gotoRecord(9), false);
  t.equal(cursor.firstRecord(), true);
  t.equal(cursor.field?.name, 'node');
  t.equal(cursor.nextField(), true);
  t.equal(cursor.field?.name, 'type');
  t.equal(cursor.gotoField(99), false);
  t.equal(parsed(OPENED).cursor().findNextField(), null);
});

t.test('An event is normalized', async t => {
  const normalized = parsed(OPENED).normalize();
  t.equal(normalized?.action, 'opened-file');
  t.equal(normalized?.object.primary?.value, '"../x"');
  t.equal(normalized?.object.kind, 'file');
  t.equal(normalized?.subject.secondary?.interpreted, 'root');
  t.equal(normalized?.results?.interpreted, 'yes');
  t.equal(normalized?.how, '/usr/bin/cat');
  t.equal(parsed(`type=CWD ${HEAD} cwd="/"\ntype=PATH ${HEAD} item=0`).normalize(), null);
});
