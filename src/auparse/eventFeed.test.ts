import t from 'tap';
import { EventFeed } from './eventFeed.ts';
import { metricsText } from './readCounts.ts';

const line = (type: string, serial: number, seconds = 100) => `type=${type} msg=audit(${seconds}.000:${serial}): a=1\n`;
const serials = (events: readonly { serial: number }[]) => events.map(({ serial }) => serial);

t.test('Events come when they are complete', async t => {
  const feed = new EventFeed({ endOfEventTimeoutSeconds: 2 });
  t.strictSame(serials(feed.feed(line('SYSCALL', 1))), []);
  t.equal(feed.hasData, true);
  t.equal(feed.hasReadyEvent, false);
  t.strictSame(serials(feed.feed(line('PROCTITLE', 1))), []);
  t.equal(feed.hasReadyEvent, true);
  t.strictSame(serials(feed.feed('')), [1]);
  t.equal(feed.hasData, false);
  t.strictSame(serials(feed.feed(line('USER_AUTH', 2))), [2]);
});

t.test('A line may come in parts', async t => {
  const feed = new EventFeed({ endOfEventTimeoutSeconds: 2 });
  const text = line('USER_AUTH', 1);
  t.strictSame(serials(feed.feed(text.slice(0, 30))), []);
  t.strictSame(serials(feed.flush()), []);
  t.strictSame(serials(feed.feed(text.slice(30))), [1]);
  feed.feed(line('USER_AUTH', 2).trimEnd());
  t.strictSame(serials(feed.end()), [2]);
});

t.test('The clock completes what no record completes', async t => {
  const feed = new EventFeed({ endOfEventTimeoutSeconds: 2 });
  feed.feed(line('SYSCALL', 1));
  t.strictSame(serials(feed.ageEvents(101_999)), []);
  t.strictSame(serials(feed.ageEvents(102_000)), [1]);
});

t.test('What is malformed is counted, and the rest goes on', async t => {
  const feed = new EventFeed({ endOfEventTimeoutSeconds: 2 });
  t.strictSame(serials(feed.feed(`rubbish\n${line('USER_AUTH', 1)}`)), [1]);
  t.equal(feed.counts.malformedLines, 1);
  feed.feed(line('SYSCALL', 2));
  feed.reset();
  t.equal(feed.hasData, false);
  t.equal(feed.counts.malformedLines, 0);
  t.strictSame(serials(feed.flush()), []);
});

t.test('Metrics print as the C library prints them', async t => {
  const feed = new EventFeed({ endOfEventTimeoutSeconds: 2 });
  feed.feed(line('SYSCALL', 1) + line('SYSCALL', 2) + line('PROCTITLE', 2));
  t.equal(
    metricsText(feed.counts),
    'max lol available: 80\nmax lol used: 1\npending lol: 1\nuid cache size: 1024\ngid cache size: 1024',
  );
});
