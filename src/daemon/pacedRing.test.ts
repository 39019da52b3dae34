import t from 'tap';
import type { Run } from '../ring/ring.ts';
import { PacedRing } from './pacedRing.ts';

/** A ring that holds so many bytes, and a clock that stands still. */
class Scene {
  usedBytes = 0;
  time = 0;
  pauses = 0;
  readonly paced = new PacedRing(
    this,
    () => this.time,
    () => this.pauses++,
  );

  peek(limit: number): Run | null {
    const bytes = new Uint8Array(Math.min(limit, this.usedBytes));
    return bytes.length === 0 ? null : { bytes, lines: 1, start: 0, end: 1 };
  }
  release({ bytes }: Run): void {
    this.usedBytes -= bytes.length;
  }
  /** How many bytes are taken when so many more have come. */
  take(more: number): number {
    this.usedBytes += more;
    const run = this.paced.peek(1 << 20);
    if (run !== null) this.paced.release(run);
    return run?.bytes.length ?? 0;
  }
}

/** Four milliseconds of so many bytes each. */
function busy(bytes: number): Scene {
  const scene = new Scene();
  scene.take(1);
  for (let i = 0; i < 4; i++) {
    scene.time++;
    scene.take(bytes);
  }
  return scene;
}

t.test('What comes slower than a flood is taken at once', async t => {
  const scene = busy(10_000);
  for (let i = 0; i < 5; i++) t.equal(scene.take(700), 700);
  t.equal(scene.pauses, 0);
});

t.test('In a flood a portion waits for what comes within two milliseconds', async t => {
  const scene = busy(60_000);
  t.equal(scene.take(20_000), 0);
  t.equal(scene.pauses, 1, 'and whoever asked is told to ask again');
  scene.time += 2;
  t.equal(scene.take(30_000), 50_000);
  t.equal(scene.take(1000), 0);
});

t.test('Enough is taken at once', async t => {
  t.equal(busy(60_000).take(200_000), 200_000);
});

t.test('After a flood the next record does not wait', async t => {
  const scene = busy(60_000);
  scene.time += 50;
  for (let i = 0; i < 5; i++) t.equal(scene.take(700), 700);
  t.equal(scene.pauses, 0);
});

t.test('At the end nothing waits', async t => {
  const scene = busy(60_000);
  scene.paced.isHurried = true;
  t.equal(scene.take(100), 100);
  t.equal(scene.pauses, 0);
});
