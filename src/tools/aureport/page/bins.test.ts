import t from 'tap';
import { bins, chartRange } from './bins.ts';
import { outages } from './outages.ts';
import { progressText } from './progress.ts';

const busy = Array.from({ length: 100 }, (_, index) => [1_700_000_000 + index, 0, 10, 1]);

t.test('A clock that was wrong for a moment is outside the chart', async t => {
  const wrong = [[0, 0, 1, 0], ...busy, [4_000_000_000, 3, 2, 2]];
  t.strictSame(chartRange(wrong, 1), { from: 1_700_000_000, to: 1_700_000_100, eventsOutside: 3 });
});

t.test('Two times of the same weight both stay in the chart', async t => {
  const later = busy.map(([start = 0, ...rest]) => [start + 1e7, ...rest]);
  t.strictSame(chartRange([...busy, ...later], 1), { from: 1_700_000_000, to: 1_710_000_100, eventsOutside: 0 });
});

t.test('Bars hold every event of the range', async t => {
  const bars = bins(busy, chartRange(busy, 1), 7);
  t.equal(bars.length, 7);
  t.strictSame(
    [bars.reduce((sum, bar) => sum + bar.all, 0), bars.reduce((sum, bar) => sum + bar.failed, 0)],
    [1000, 100],
  );
});

t.test('A daemon was down between its end and its start, or since its last word', async t => {
  t.strictSame(
    outages([
      [10, 'DAEMON_START', '', ''],
      [20, 'DAEMON_END', '', ''],
      [25, 'DAEMON_START', 'other', ''],
      [30, 'DAEMON_START', '', ''],
      [40, 'DAEMON_ROTATE', '', ''],
      [50, 'DAEMON_START', '', ''],
      [60, 'DAEMON_ABORT', '', ''],
    ]),
    [
      { node: '', from: 20, to: 30, hasEnded: true },
      { node: '', from: 40, to: 50, hasEnded: false },
      { node: '', from: 60, to: null, hasEnded: true },
    ],
  );
});

t.test('Progress names a share only of what has a size', async t => {
  t.equal(progressText({ bytes: 250e6, size: 1e9, events: 1234 }, 1000), '25 % of 1,000 MB, 250 MB/s, 1,234 events');
  t.equal(progressText({ bytes: 250e6, size: 0, events: 0 }, 500), '250 MB, 500 MB/s, 0 events');
});
