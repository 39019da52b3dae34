import t from 'tap';
import { Rotation } from './rotation.ts';

t.test('A rotation resumes at the step that failed', async t => {
  for (const failing of ['shift', 'reopen', 'seal']) {
    const ran: string[] = [];
    let fails = true;
    const step = (name: string) => async () => {
      ran.push(name);
      if (fails && name === failing) throw new Error(name);
    };
    const rotation = new Rotation({ shift: step('shift'), reopen: step('reopen'), seal: step('seal') });
    t.notOk(rotation.isUnfinished);
    await t.rejects(rotation.resume(), { message: failing });
    await t.rejects(rotation.resume(), { message: failing });
    t.ok(rotation.isUnfinished);
    t.equal(rotation.isShifting, failing === 'shift');
    fails = false;
    await rotation.resume();
    t.notOk(rotation.isUnfinished);
    t.strictSame(
      ran.filter(name => name !== failing),
      ['shift', 'reopen', 'seal'].filter(name => name !== failing),
      'no other step ran twice',
    );
  }
});

t.test('An abandoned rotation starts from the beginning', async t => {
  const ran: string[] = [];
  let fails = true;
  const rotation = new Rotation({
    shift: async () => void ran.push('shift'),
    reopen: async () => {
      if (fails) throw new Error('reopen');
    },
    seal: async () => void ran.push('seal'),
  });
  await t.rejects(rotation.resume());
  rotation.abandon();
  t.notOk(rotation.isUnfinished);
  fails = false;
  await rotation.resume();
  t.strictSame(ran, ['shift', 'shift', 'seal']);
});
