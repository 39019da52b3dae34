import t from 'tap';
import { type FlowFacts, FlowWatch } from './flowWatch.ts';

const quiet: FlowFacts = {
  isReadable: false,
  batches: 5,
  waitingBytes: 0,
  ringBytes: 1000,
  settledLines: 10,
  isHeldUp: false,
};
const asked = (...facts: Partial<FlowFacts>[]) => {
  const watch = new FlowWatch();
  return facts.map(changes => watch.flows({ ...quiet, ...changes }));
};

t.test('Where nothing waits, records flow', async t => {
  t.strictSame(asked({}, {}, {}, {}), [true, true, true, true]);
});

t.test('A reader that leaves records in the socket stands, after one more look', async t => {
  const waiting = { isReadable: true };
  t.strictSame(asked(waiting, waiting, waiting, waiting), [true, true, false, false]);
  t.strictSame(asked(waiting, waiting, { ...waiting, batches: 6 }, { ...waiting, batches: 6 }), [
    true,
    true,
    true,
    true,
  ]);
});

t.test('A full ring excuses the reader, not the writer', async t => {
  const full = { isReadable: true, waitingBytes: 950 };
  t.strictSame(asked(full, full, full), [true, true, false]);
  t.strictSame(asked({ ...full }, { ...full, settledLines: 11 }, { ...full, settledLines: 12 }), [true, true, true]);
});

t.test('A log that cannot be written, and is seen to, excuses the writer', async t => {
  const held = { waitingBytes: 100, isHeldUp: true };
  t.strictSame(asked(held, held, held), [true, true, true]);
  t.strictSame(asked(held, held, { ...held, isHeldUp: false }, { ...held, isHeldUp: false }), [
    true,
    true,
    true,
    false,
  ]);
});
