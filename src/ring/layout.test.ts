import { readFileSync } from 'node:fs';
import t from 'tap';
import * as layout from './layout.ts';

// dist/src/ring/ → native/
const header = ['layout.h', 'ring.h']
  .map(name => readFileSync(new URL(`../../../native/ring/${name}`, import.meta.url), 'utf8'))
  .join('');

function constant(name: string): bigint {
  const match = new RegExp(`\\b${name} = (\\w+?)u?;`).exec(header);
  if (match?.[1] === undefined) throw new Error(`native/ring/layout.h has no ${name}`);
  return BigInt(match[1]);
}

t.test('Both sides of the ring agree on sizes and versions', async t => {
  t.equal(layout.MAGIC, constant('kRingMagic'));
  t.equal(BigInt(layout.LAYOUT_VERSION), constant('kLayoutVersion'));
  t.equal(BigInt(layout.FIRST_LAYOUT_VERSION), constant('kFirstLayoutVersion'));
  t.equal(BigInt(layout.MOST_RECOVERIES), constant('kMostRecoveries'));
  t.equal(BigInt(layout.OWN_RECORD_BYTES), constant('kOwnRecordBytes'));
  t.equal(BigInt(layout.HEADER_BYTES), constant('kHeaderBytes'));
  t.equal(BigInt(layout.ENTRY_BYTES), constant('kEntryBytes'));
});

t.test('Both sides of the ring agree on the cursors', async t => {
  const asserted = [...header.matchAll(/offsetof\(Header, (\w+)\) == (\d+)/g)].map(m => [m[1], Number(m[2])]);
  t.strictSame(Object.fromEntries(asserted), {
    head: layout.HEAD_OFFSET,
    tail: layout.TAIL_OFFSET,
    text_tail: layout.TEXT_TAIL_OFFSET,
    tail_copy: layout.TAIL_COPY_OFFSET,
    counters: layout.COUNTERS_OFFSET,
    recoveries: layout.RECOVERIES_OFFSET,
    note: layout.NOTE_OFFSET,
    own_record: layout.OWN_RECORD_OFFSET,
  });
});

t.test('Both sides of the ring agree on the entry and on the counters', async t => {
  const bytes: Record<string, number> = { 'std::atomic<uint32_t>': 4, uint16_t: 2, uint32_t: 4, uint64_t: 8 };
  const fields = (struct: string) => {
    const body = new RegExp(`struct ${struct} \\{([^}]*)\\}`).exec(header)?.[1] ?? '';
    return [...body.matchAll(/^\s*([\w:<>]+) (\w+);/gm)].map(m => ({ type: m[1] ?? '', name: m[2] ?? '' }));
  };
  let offset = 0;
  const offsets: Record<string, number> = {};
  for (const field of fields('Entry')) {
    offsets[field.name] = offset;
    offset += bytes[field.type] ?? Number.NaN;
  }
  t.strictSame(offsets, {
    mark: 0,
    type: layout.ENTRY_TYPE,
    flags: layout.ENTRY_FLAGS,
    length: layout.ENTRY_LENGTH,
    text_end: layout.ENTRY_TEXT_END,
    lines: layout.ENTRY_LINES,
    serial: layout.ENTRY_SERIAL,
    milliseconds: layout.ENTRY_MILLISECONDS,
  });
  t.equal(offset, layout.ENTRY_BYTES);
  const camel = (name: string) => name.replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase());
  t.strictSame(
    fields('Counters').map(field => camel(field.name)),
    layout.COUNTER_NAMES,
  );
});
