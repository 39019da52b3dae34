import { getPriority, setPriority } from 'node:os';
import t from 'tap';
import { Priority } from './priority.ts';

t.test('A boost replaces the one before', { skip: process.getuid?.() !== 0 && 'needs CAP_SYS_NICE' }, async t => {
  const before = getPriority();
  t.teardown(() => setPriority(before));
  const priority = new Priority();
  priority.boost(4);
  t.equal(getPriority(), before - 4);
  priority.boost(2);
  t.equal(getPriority(), before - 2);
  priority.boost(0);
  t.equal(getPriority(), before);
  priority.boost(100);
  t.equal(getPriority(), -20, 'no higher than there is');
});
