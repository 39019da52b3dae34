import {
  appendFileSync,
  mkdtempSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t from 'tap';
import { addon } from '../binding/addon.ts';
import { Ring } from '../ring/ring.ts';
import { recoverLog } from './recovery.ts';

const directory = mkdtempSync(join(tmpdir(), 'recovery-'));
t.teardown(() => rmSync(directory, { recursive: true }));
const log = join(directory, 'audit.log');
const BEFORE = 'type=CWD msg=audit(1.000:1): written before\n';
const LINES = [2, 3, 4].map(serial => `type=CWD msg=audit(1.000:${serial}): cwd="/${serial}"\n`);
const TEXT = LINES.join('');

/** A ring with three lines that a dead daemon was about to write behind BEFORE, and the log's file. */
async function scene() {
  const recorded = join(directory, 'recorded');
  writeFileSync(recorded, TEXT);
  const source = { kind: 'recorded', fd: openSync(recorded, 'r') } as const;
  const reader = new addon.AuditReader({ bytes: 1 << 20, memfd: null }, source, false, '', 0, () => {});
  reader.start();
  while (!reader.isFinished) await new Promise(resolve => setImmediate(resolve));
  const ring = new Ring(reader.memory);
  reader.close();
  writeFileSync(log, BEFORE);
  const { dev, ino } = statSync(log);
  const run = ring.peek(1 << 20);
  if (run === null || ring.note === null) throw new Error('the ring is empty');
  const place = { dev, ino, offset: BEFORE.length };
  return { ring, note: ring.note, place, cursor: ring.cursorOf(run.bytes) ?? 0, left: () => left(ring) };
}

const left = (ring: Ring) => Buffer.from(ring.peek(1 << 20)?.bytes ?? new Uint8Array(0)).toString();

t.test('Whatever part of a run was written, log and ring together hold each line once', async t => {
  for (let written = 0; written <= TEXT.length; written++) {
    const { ring, note, place, cursor } = await scene();
    note.noteRun(place, cursor, TEXT.length);
    appendFileSync(log, TEXT.slice(0, written));
    recoverLog(ring, log);
    recoverLog(ring, log); // as after a death in the midst of it
    if (readFileSync(log, 'latin1') + left(ring) !== BEFORE + TEXT) t.fail(`${written} bytes were written`);
  }
  t.pass('from none to all');
});

t.test('An archive is known by its numbers', async t => {
  const { ring, note, place, cursor, left } = await scene();
  note.noteRun(place, cursor, TEXT.length);
  appendFileSync(log, TEXT.slice(0, TEXT.length - 5));
  renameSync(log, `${log}.1`);
  writeFileSync(log, '');
  t.strictSame(recoverLog(ring, log).alreadyWritten, 2);
  t.equal(readFileSync(`${log}.1`, 'latin1'), BEFORE + LINES.slice(0, 2).join(''));
  t.equal(left(), LINES[2]);
});

t.test('Where something else stands, nothing is cut and nothing is given up', async t => {
  const { ring, note, place, cursor, left } = await scene();
  note.noteRun(place, cursor, TEXT.length);
  appendFileSync(log, 'type=OTHER msg=');
  t.equal(recoverLog(ring, log).alreadyWritten, 0);
  t.equal(readFileSync(log, 'latin1'), `${BEFORE}type=OTHER msg=`);
  t.equal(left(), TEXT);
});

t.test('A record of the daemon’s own is completed when it was torn', async t => {
  const own = Buffer.from('type=DAEMON_ROTATE msg=audit(1.000:9): op=rotate-logs\n');
  for (const written of [0, 1, 20, own.length - 1]) {
    const { ring, note, place } = await scene();
    note.noteOwn(place, own);
    appendFileSync(log, own.subarray(0, written));
    const { ownRecord } = recoverLog(ring, log);
    t.equal(readFileSync(log, 'latin1') + Buffer.from(ownRecord ?? []).toString(), BEFORE + own.toString());
  }
  const { ring, note, place } = await scene();
  note.noteOwn(place, own);
  appendFileSync(log, own);
  t.equal(recoverLog(ring, log).ownRecord, null);
});

t.test('A damaged note is none', async t => {
  const { ring, note, place, cursor } = await scene();
  note.noteRun(place, cursor + 1, TEXT.length);
  note.clear();
  t.equal(note.read(), null);
  t.strictSame(recoverLog(ring, log), { alreadyWritten: 0, tornBytes: 0, ownRecord: null });
});
