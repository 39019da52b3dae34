import t from 'tap';
import { type KeyValueLine, readKeyValueLines } from './keyValueFile.ts';

const read = (text: string | Uint8Array) => [
  ...readKeyValueLines(typeof text === 'string' ? Buffer.from(text) : text, 'a.conf'),
];
const entry = (line: number, key: string, value: string, ...options: string[]) => ({
  kind: 'entry',
  entry: { line, key, value, options },
});
const messages = (lines: readonly KeyValueLine[]) =>
  lines.map(line => (line.kind === 'fault' ? `${line.fault.severity} ${line.fault.error.message}` : line));

t.test('Key, value and options are words between spaces', async t => {
  t.strictSame(read('a = b\n'), [entry(1, 'a', 'b')]);
  t.strictSame(read('  a   =  b   c d \n'), [entry(1, 'a', 'b', 'c', 'd')]);
  t.strictSame(read('Key = /Path\n'), [entry(1, 'Key', '/Path')], 'case is kept');
  t.strictSame(read('a = \tb\r\n'), [entry(1, 'a', '\tb\r')], 'tab and carriage return are ordinary characters');
  t.strictSame(read('a = b # c\n'), [entry(1, 'a', 'b', '#', 'c')], 'a trailing comment is none');
});

t.test('Empty lines and comments yield nothing and are counted', async t => {
  t.strictSame(read(''), []);
  t.strictSame(read('\n   \n# a\n  #b = c\n#\xe4\na = b\n'), [entry(6, 'a', 'b')]);
  const latin1 = Buffer.from('# gr\xfc\xdfe\na = b\n', 'latin1');
  t.strictSame(read(latin1), [entry(2, 'a', 'b')], 'a comment in another encoding is a comment');
});

t.test('A last line without newline counts', async t => {
  t.strictSame(read('a = b\nc = d'), [entry(1, 'a', 'b'), entry(2, 'c', 'd')]);
});

t.test('A duplicate is yielded as often as it stands there', async t => {
  t.strictSame(read('a = b\na = c\n'), [entry(1, 'a', 'b'), entry(2, 'a', 'c')]);
});

const refused = [
  { text: 'a', expected: 'a.conf:1: "a": expected key = value' },
  { text: 'a b c', expected: 'a.conf:1: "a b c": expected key = value' },
  { text: 'a=b', expected: 'a.conf:1: "a=b": expected key = value, with a space on both sides of the equal sign' },
  { text: 'a =b', expected: 'a.conf:1: "a =b": expected key = value, with a space on both sides of the equal sign' },
  {
    text: 'a\t=\tb',
    expected: 'a.conf:1: "a\\t=\\tb": expected key = value, separated by spaces and not by tabs',
  },
  { text: '\r', expected: 'a.conf:1: "\\r": expected key = value, and lines that end in a newline alone' },
  { text: 'a =', expected: 'a.conf:1: "a =": expected a value after "a ="' },
  { text: 'a = \0b', expected: 'a.conf:1: "a = \\u0000b": expected UTF-8 text without NUL bytes' },
];
for (const { text, expected } of refused) {
  t.test(`${JSON.stringify(text)} is fatal, and reading goes on`, async t => {
    t.strictSame(messages(read(`${text}\nc = d\n`)), [`fatal ${expected}`, entry(2, 'c', 'd')]);
  });
}

t.test('Text that is not UTF-8 is refused, as no path or name would survive it', async t => {
  t.match(messages(read(Buffer.from('a = \xe4\n', 'latin1'))), [/fatal a\.conf:1: "a = ä": expected UTF-8/]);
});

t.test('A line over 511 bytes is left out, and later line numbers stay right', async t => {
  const long = (bytes: number) => `a = ${'b'.repeat(bytes - 5)}\n`;
  t.equal(read(long(511))[0]?.kind, 'entry');
  t.strictSame(messages(read(`${long(512)}${long(5000)}c = d\n`)), [
    'err a.conf:1: expected at most 511 bytes in a line; this one is left out',
    'err a.conf:2: expected at most 511 bytes in a line; this one is left out',
    entry(3, 'c', 'd'),
  ]);
  t.equal(read(`# ${'x'.repeat(510)}\n`)[0]?.kind, 'fault', 'a comment has the same limit');
  t.strictSame([...readKeyValueLines(Buffer.from('ab = cd\n'), 'b', 8)].length, 1);
  t.equal([...readKeyValueLines(Buffer.from('ab = cde\n'), 'b', 8)][0]?.kind, 'fault', 'the limit can be another');
});

t.test('Random bytes give entries and faults, and never throw', async t => {
  let seed = 1;
  const random = (below: number) => {
    seed = (Math.imul(seed, 1103515245) + 12345) >>> 0;
    return (seed >>> 8) % below;
  };
  const alphabet = Buffer.from('a=# \n\n\t\r\0\xc3\xa4\xff', 'latin1');
  for (let round = 0; round < 2000; round++) {
    const bytes = Uint8Array.from({ length: random(200) }, () =>
      round % 2 === 0 ? random(256) : (alphabet[random(alphabet.length)] ?? 0),
    );
    let last = 0;
    for (const said of read(bytes)) {
      const line = said.kind === 'entry' ? said.entry.line : (said.fault.error.line ?? 0);
      if (line <= last) t.fail(`line ${line} after ${last}`);
      last = line;
    }
  }
});

t.test('Megabytes of nonsense take time in proportion', async t => {
  const start = process.hrtime.bigint();
  for (const filler of [' ', '\n', 'x', 'a = b c\n']) {
    for (const _ of readKeyValueLines(Buffer.alloc(2 << 20, filler), 'a.conf'));
  }
  t.ok(process.hrtime.bigint() - start < 10_000_000_000n, 'quadratic time would be hours');
});
