import { closeSync, openSync, writeSync } from 'node:fs';
import t, { type Test } from 'tap';
import { SaidMessages } from '../../test/support/saidMessages.ts';
import { addon, type RingMemory } from '../binding/addon.ts';
import { RecordPath } from './recordPath.ts';
import { ServiceManager } from './serviceManager.ts';
import { Succession } from './succession.ts';

const BYTES = 1 << 20;
const recorded = () => ({ kind: 'recorded', fd: openSync('/dev/null', 'r') }) as const;

/** What becomes of a ring in which one byte is another than a process of before left it. */
function takeOver(t: Test, at: number, value: number) {
  const left = new addon.AuditReader({ bytes: BYTES, memfd: null }, recorded(), false, '', 0, () => {});
  const held = openSync(`/proc/self/fd/${left.descriptors().ring}`, 'r+');
  left.close();
  writeSync(held, Buffer.of(value), 0, 1, at);
  const messages = new SaidMessages();
  const told: string[] = [];
  const manager = new ServiceManager({ NOTIFY_SOCKET: '/none' }, messages, (_path, text) => told.push(text));
  const succession = new Succession(
    { ring: held, sockets: [], window: null, plugins: null, nextSocketName: 'x', isSameProcess: false, unknown: [] },
    manager,
    messages,
  );
  const open = (ring: RingMemory) =>
    new RecordPath({
      source: recorded(),
      ring,
      isEnriched: false,
      node: null,
      destination: () => ({ roomBytes: BYTES, write: async () => undefined }),
      onFailure: async () => 'discard',
      onFault: error => t.fail(String(error)),
      onEnd: () => undefined,
    });
  const path = succession.openPath(BYTES, open);
  t.teardown(() => path.close());
  return { said: messages.said, told, lostRing: succession.lostRing };
}

t.test('A ring of an unknown layout is let go of, another is made, and the message says what is lost', async t => {
  const { said, told, lostRing } = takeOver(t, 8, 99);
  t.equal(lostRing, 'has a layout that this version does not know');
  t.strictSame(said, [
    'error The records that an earlier process had not written are lost: its ring has a layout that this version does not know',
  ]);
  t.match(told[0], /^FDSTOREREMOVE=1\nFDNAME=audit-ring$/);
  t.match(told[1], /^FDSTORE=1\nFDNAME=audit-ring\n/, 'the new one is kept in its place');
});

t.test('A ring that is as it should be is gone on with', async t => {
  const { said, told, lostRing } = takeOver(t, 8, 2);
  t.equal(lostRing, null);
  t.strictSame(said, []);
  t.notOk(
    told.some(text => text.includes('audit-ring')),
    'it is kept already',
  );
});

t.test('Descriptors that are not ours are closed, and let go of by name', async t => {
  const messages = new SaidMessages();
  const told: string[] = [];
  const fd = openSync('/dev/null', 'r');
  const manager = new ServiceManager({ NOTIFY_SOCKET: '/none' }, messages, (_path, text) => told.push(text));
  const unknown = [{ name: 'other', fd }];
  new Succession(
    { ring: null, sockets: [], window: null, plugins: null, nextSocketName: 'x', isSameProcess: false, unknown },
    manager,
    messages,
  );
  t.throws(() => closeSync(fd), { code: 'EBADF' });
  t.strictSame(told, ['FDSTOREREMOVE=1\nFDNAME=other']);
  t.match(messages.said, [/^notice Letting go of a stored descriptor that is not ours: "other"$/]);
});
