import t from 'tap';
import { queuedRecordsCame } from './queuedRecords.ts';

/** A kernel that makes and sends so many records in each pause. */
class Flood {
  milliseconds = 0;
  sent = 1000;
  backlogs = 0;
  readonly #made: number;
  readonly #sends: number;
  #queued: number;

  constructor(queued: number, made: number, sends: number) {
    this.#queued = queued;
    this.#made = made;
    this.#sends = sends;
  }

  readonly now = () => this.milliseconds;
  readonly received = () => this.sent;
  readonly backlog = () => {
    this.backlogs++;
    return this.#queued;
  };
  readonly pause = async (milliseconds: number) => {
    this.milliseconds += milliseconds;
    const sent = Math.min(this.#sends, this.#queued);
    this.sent += sent;
    this.#queued += this.#made - sent;
  };
}

t.test('An empty queue is not waited for', async t => {
  const kernel = new Flood(0, 10, 10);
  t.ok(await queuedRecordsCame(kernel));
  t.equal(kernel.milliseconds, 0);
});

t.test('In a flood that never ends what was queued is waited for, and no more', async t => {
  const kernel = new Flood(1000, 300, 300);
  t.ok(await queuedRecordsCame(kernel));
  t.equal(kernel.sent, 1000 + 1200);
});

t.test('An empty queue is enough: the kernel may have dropped some', async t => {
  const kernel = new Flood(1000, 0, 999);
  const dropped = { ...kernel, received: () => 0 };
  t.ok(await queuedRecordsCame(dropped));
});

t.test('A queue that stands still is given up after a second', async t => {
  const kernel = new Flood(1000, 0, 0);
  t.notOk(await queuedRecordsCame(kernel));
  t.ok(kernel.milliseconds >= 1000 && kernel.milliseconds < 1100);
});

t.test('A kernel that does not answer is not waited for', async t => {
  const kernel = new Flood(1000, 0, 0);
  t.ok(await queuedRecordsCame({ ...kernel, backlog: () => null }));
  t.equal(kernel.milliseconds, 0);
});
