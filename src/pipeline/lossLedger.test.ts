import t from 'tap';
import { LossLedger } from './lossLedger.ts';

function ledger() {
  const clock = { now: 0 };
  return { clock, ledger: new LossLedger(() => clock.now, 1000) };
}

t.test('What was counted before the daemon began is not its loss', async t => {
  const { ledger: made } = ledger();
  made.begin({ 'kernel-lost': 40 });
  t.strictSame(made.observe({ 'kernel-lost': 40 }), []);
  t.strictSame(made.observe({ 'kernel-lost': 43 }), [{ name: 'kernel-lost', by: 3 }]);
});

t.test('Every place that moved is named, once', async t => {
  const { ledger: made, clock } = ledger();
  t.strictSame(made.observe({ 'receive-buffer': 2, 'log-discarded': 5, 'serials-missing': 0 }), [
    { name: 'receive-buffer', by: 2 },
    { name: 'log-discarded', by: 5 },
  ]);
  clock.now = 5000;
  t.strictSame(made.observe({ 'receive-buffer': 2, 'log-discarded': 5 }), []);
});

t.test('What moves during the pause is said after it, none of it lost', async t => {
  const { ledger: made, clock } = ledger();
  made.observe({ 'kernel-lost': 1 });
  clock.now = 500;
  t.strictSame(made.observe({ 'kernel-lost': 3 }), []);
  clock.now = 999;
  t.strictSame(made.observe({ 'kernel-lost': 4 }), []);
  clock.now = 1000;
  t.strictSame(made.observe({ 'kernel-lost': 4 }), [{ name: 'kernel-lost', by: 3 }]);
});

t.test('At the end nothing waits for the pause', async t => {
  const { ledger: made } = ledger();
  made.observe({ 'kernel-lost': 1 });
  t.strictSame(made.observe({ 'kernel-lost': 2 }, true), [{ name: 'kernel-lost', by: 1 }]);
});

t.test('A count that somebody reset starts from there', async t => {
  const { ledger: made, clock } = ledger();
  made.begin({ 'kernel-lost': 100 });
  t.strictSame(made.observe({ 'kernel-lost': 0 }), []);
  clock.now = 2000;
  t.strictSame(made.observe({ 'kernel-lost': 7 }), [{ name: 'kernel-lost', by: 7 }]);
});

t.test('A place that cannot be asked now is not a loss, and not forgotten', async t => {
  const { ledger: made, clock } = ledger();
  made.begin({ 'kernel-lost': 5 });
  t.strictSame(made.observe({}), []);
  clock.now = 2000;
  t.strictSame(made.observe({ 'kernel-lost': 6 }), [{ name: 'kernel-lost', by: 1 }]);
});
