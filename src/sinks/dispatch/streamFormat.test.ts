import t from 'tap';
import { countRecords, recordEnd, recordStart, wholeRecordsEnd } from './streamFormat.ts';

const lines = Buffer.from('one\ntwo\nthree');
const frame = (payload: string) =>
  Buffer.concat([new Uint8Array(new Uint32Array([1, 16, 1300, payload.length]).buffer), Buffer.from(payload)]);
const frames = Buffer.concat([frame('abc'), frame(''), frame('defgh').subarray(0, 18)]);

t.test('Records of lines begin behind a newline and end with one', async t => {
  const starts = [0, 1, 3, 4, 5, 8, 9, 13].map(offset => recordStart('string', lines, offset));
  t.strictSame(starts, [0, 0, 0, 4, 4, 8, 8, 8]);
  const ends = [0, 1, 4, 5, 8, 9].map(offset => recordEnd('string', lines, offset));
  t.strictSame(ends, [0, 4, 4, 8, 8, 13]);
  t.equal(wholeRecordsEnd('string', lines), 8);
  t.equal(countRecords('string', lines), 2);
});

t.test('Records of frames begin where the one before ends, as its header says', async t => {
  const starts = [0, 1, 18, 19, 20, 35, 40].map(offset => recordStart('binary', frames, offset));
  t.strictSame(starts, [0, 0, 0, 19, 19, 35, 35]);
  t.strictSame(
    [0, 1, 19, 20].map(offset => recordEnd('binary', frames, offset)),
    [0, 19, 19, 35],
  );
  t.equal(wholeRecordsEnd('binary', frames), 35);
  t.equal(countRecords('binary', frames), 2);
});

t.test('What is no frame ends the records, and is never followed', async t => {
  const wrong = [new Uint32Array([1, 17, 1300, 3]), new Uint32Array([1, 16, 1300, 0xffffffff]), new Uint32Array(4)];
  for (const header of wrong) {
    const bytes = Buffer.concat([frame('abc'), Buffer.from(header.buffer), Buffer.alloc(100)]);
    t.equal(wholeRecordsEnd('binary', bytes), 19);
  }
  t.equal(wholeRecordsEnd('binary', Buffer.alloc(0)), 0);
  t.equal(wholeRecordsEnd('string', Buffer.from('no newline')), 0);
});
