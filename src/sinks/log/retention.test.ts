import t from 'tap';
import { chooseDeletions, type StoredArchive } from './retention.ts';

const NOW = 1_000_000_000;
const HOUR = 3600;

/** Archives of 100 bytes, the newest one hour old, each further one an hour older. */
const archives = (count: number): StoredArchive[] =>
  Array.from({ length: count }, (_, index) => ({
    number: index + 1,
    bytes: 100,
    writtenAt: NOW - (index + 1) * HOUR * 1000,
  }));

const off = { maxAgeSeconds: null, maxTotalBytes: null, leastArchives: 0 };
const numbers = (deletions: readonly { number: number }[]) => deletions.map(({ number }) => number);

t.test('Without limits nothing goes', async t => {
  t.strictSame(chooseDeletions(archives(9), 1e12, off, NOW), []);
});

t.test('What is older than the limit goes, oldest first; the limit itself stays', async t => {
  t.strictSame(numbers(chooseDeletions(archives(5), 0, { ...off, maxAgeSeconds: 3 * HOUR }, NOW)), [5, 4]);
});

t.test('What is beyond the total goes, the live log counted', async t => {
  t.strictSame(numbers(chooseDeletions(archives(5), 50, { ...off, maxTotalBytes: 350 }, NOW)), [5, 4]);
  t.strictSame(numbers(chooseDeletions(archives(5), 0, { ...off, maxTotalBytes: 500 }, NOW)), []);
  t.strictSame(numbers(chooseDeletions(archives(2), 1000, { ...off, maxTotalBytes: 10 }, NOW)), [2, 1]);
});

t.test('The newest stay whatever the limits say', async t => {
  for (const [least, expected] of [
    [0, [3, 2, 1]],
    [1, [3, 2]],
    [3, []],
    [9, []],
  ] as const) {
    const retention = { maxAgeSeconds: 0, maxTotalBytes: 0, leastArchives: least };
    t.strictSame(numbers(chooseDeletions(archives(3), 0, retention, NOW)), expected);
  }
});

t.test('An archive from the future stays, and what is newer by number with it', async t => {
  const strange = archives(3).map(archive => (archive.number === 3 ? { ...archive, writtenAt: NOW + 1e9 } : archive));
  t.strictSame(chooseDeletions(strange, 0, { ...off, maxAgeSeconds: 1 }, NOW), []);
});
