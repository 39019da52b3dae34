import { mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { RecordPath } from './recordPath.ts';

const RING_BYTES = 1 << 20;
const LINE = `type=USER msg=audit(1700000000.000:1): ${'x'.repeat(200)}\n`;

/** A path from a recorded log that is far larger than the ring to a destination that takes everything at once. */
function flooded(t: Test, file: string): { path: RecordPath; writes: () => number } {
  let writes = 0;
  const path = new RecordPath({
    source: { kind: 'recorded', fd: openSync(file, 'r') },
    ring: { bytes: RING_BYTES, memfd: null },
    isEnriched: false,
    node: null,
    destination: () => ({ roomBytes: RING_BYTES, write: async () => void writes++ }),
    onFailure: async () => 'discard',
    onFault: error => t.fail(String(error)),
    onEnd: () => undefined,
  });
  return { path, writes: () => writes };
}

const turn = () => new Promise(resolve => setImmediate(resolve));

t.test('A stop in the pause of a flood takes what waits: a full ring does not hold it up', async t => {
  const directory = mkdtempSync(join(tmpdir(), 'record-path-'));
  const file = join(directory, 'recorded.log');
  writeFileSync(file, LINE.repeat((8 * RING_BYTES) / LINE.length));
  // Whether a pause is under way at a given moment is the machine's doing, so several are tried.
  for (let i = 0; i < 20; i++) {
    const { path, writes } = flooded(t, file);
    path.start();
    while (writes() < 4) await turn();
    // The reader thread tells that there are records, and is told to wait.
    for (let turns = 0; turns < i; turns++) await turn();
    // Nothing else runs here until the ring is full: a pause that was begun has not ended.
    const timesFull = () => path.ring?.counters().timesFull ?? 0;
    const before = timesFull();
    while (timesFull() === before && path.reader?.isFinished === false);
    await path.stop();
    t.equal(path.ring?.usedBytes, 0);
    t.equal(path.ring?.counters().abandoned, 0);
    path.close();
  }
  rmSync(directory, { recursive: true });
});
