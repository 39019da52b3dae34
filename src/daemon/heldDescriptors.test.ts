import t from 'tap';
import { EXEC_VARIABLE, execValue, takeHeldDescriptors } from './heldDescriptors.ts';

const open = () => true;

t.test('Stored descriptors are told apart by their names', async t => {
  const environment = {
    LISTEN_PID: '7',
    LISTEN_FDS: '5',
    LISTEN_FDNAMES: 'audit-socket-10:audit-ring:audit-socket-9:stored:audit-window',
    OTHER: 'stays',
  };
  const held = takeHeldDescriptors(environment, 7, open);
  t.equal(held.ring, 4);
  t.equal(held.window, 7);
  t.strictSame(
    held.sockets.map(({ fd }) => fd),
    [5, 3],
    'the newest last, by number and not by letter',
  );
  t.equal(held.nextSocketName, 'audit-socket-11');
  t.strictSame(held.unknown, [{ name: 'stored', fd: 6 }]);
  t.notOk(held.isSameProcess);
  t.strictSame(environment, { OTHER: 'stays' }, 'no program started from here takes them for its own');
});

t.test('What is meant for another process, or makes no sense, is nothing', async t => {
  for (const environment of [
    {},
    { LISTEN_PID: '8', LISTEN_FDS: '1', LISTEN_FDNAMES: 'audit-ring' },
    { LISTEN_PID: '7', LISTEN_FDS: '-1', LISTEN_FDNAMES: 'audit-ring' },
    { LISTEN_PID: '7', LISTEN_FDS: '99999999', LISTEN_FDNAMES: 'audit-ring' },
    { LISTEN_PID: '7', LISTEN_FDS: 'two', LISTEN_FDNAMES: 'audit-ring' },
    { [EXEC_VARIABLE]: 'audit-ring=:=4:audit-ring=-1:audit ring=5' },
  ]) {
    const held = takeHeldDescriptors(environment, 7, open);
    t.strictSame([held.ring, held.sockets, held.window], [null, [], null]);
    t.equal(held.nextSocketName, 'audit-socket-1');
  }
  const closed = { LISTEN_PID: '7', LISTEN_FDS: '1', LISTEN_FDNAMES: 'audit-ring' };
  t.equal(takeHeldDescriptors(closed, 7, () => false).ring, null);
});

t.test('What one program hands to the next in the same process arrives', async t => {
  const descriptors = [
    { name: 'audit-ring', fd: 20 },
    { name: 'audit-socket-3', fd: 21 },
    { name: 'audit-plugins', fd: 22 },
  ];
  const held = takeHeldDescriptors({ [EXEC_VARIABLE]: execValue(descriptors) }, 7, open);
  t.ok(held.isSameProcess);
  t.strictSame([held.ring, held.sockets.at(-1)?.fd, held.plugins], [20, 21, 22]);
});
