import t from 'tap';
import { type FailureDecision, Pipeline, type Run } from './pipeline.ts';

const bytes = (text: string) => Buffer.from(text);

/** A ring in a list: runs are cut at the limit as the real one's are. */
class ListQueue {
  readonly lines: string[] = [];
  readonly released: string[] = [];
  #borrowed: string[] = [];

  peek(limit: number): Run | null {
    this.#borrowed = [];
    let size = 0;
    for (const line of this.lines) {
      this.#borrowed.push(line);
      size += line.length;
      if (size >= limit) break;
    }
    if (this.#borrowed.length === 0) return null;
    return { bytes: bytes(this.#borrowed.join('')), lines: this.#borrowed.length };
  }

  release(): void {
    this.released.push(...this.lines.splice(0, this.#borrowed.length));
  }
}

class ListSink {
  readonly written: string[] = [];
  roomBytes = 1000;
  readonly failures: { keptBytes: number }[] = [];

  async write(chunk: Uint8Array): Promise<void> {
    await null;
    const failure = this.failures.shift();
    const text = Buffer.from(chunk).toString();
    if (failure === undefined) {
      this.written.push(text);
      return;
    }
    if (failure.keptBytes > 0) this.written.push(text.slice(0, failure.keptBytes));
    throw Object.assign(new Error('disk'), failure);
  }
}

function pipeline(decision: FailureDecision = 'retry') {
  const queue = new ListQueue();
  const sink = new ListSink();
  const failures: unknown[] = [];
  const made = new Pipeline(
    queue,
    () => sink,
    async error => {
      failures.push(error);
      return decision;
    },
  );
  return { queue, sink, failures, pipeline: made };
}

t.test('A drain writes everything in one run and releases it', async t => {
  const { queue, sink, pipeline: made } = pipeline();
  queue.lines.push('a\n', 'b\n', 'c\n');
  await made.drain();
  t.strictSame(sink.written, ['a\nb\nc\n']);
  t.strictSame(queue.released, ['a\n', 'b\n', 'c\n']);
  t.equal(made.writtenLines, 3);
});

t.test('A run goes no further than the sink has room', async t => {
  const { queue, sink, pipeline: made } = pipeline();
  sink.roomBytes = 3;
  queue.lines.push('a\n', 'b\n', 'c\n');
  await made.drain();
  t.strictSame(sink.written, ['a\nb\n', 'c\n']);
});

t.test('Own records go before what the ring holds', async t => {
  const { queue, sink, pipeline: made } = pipeline();
  queue.lines.push('kernel\n');
  await made.emit(bytes('own\n'));
  await made.drain();
  t.strictSame(sink.written, ['own\n', 'kernel\n']);
});

t.test('What arrives while a drain is ending is not forgotten', async t => {
  const { queue, sink, pipeline: made } = pipeline();
  queue.lines.push('a\n');
  // The continuation runs in the same turn in which the drain finds the ring empty.
  await made.emit(bytes('first\n')).then(() => {
    queue.lines.push('b\n');
    return made.emit(bytes('second\n'));
  });
  await made.drain();
  t.strictSame(sink.written.join(''), 'first\na\nsecond\nb\n');
});

t.test('After a failure the same records are written again, and none twice', async t => {
  const { queue, sink, failures, pipeline: made } = pipeline('retry');
  queue.lines.push('a\n', 'b\n', 'c\n');
  sink.failures.push({ keptBytes: 0 }, { keptBytes: 2 });
  await made.drain();
  t.equal(sink.written.join(''), 'a\nb\nc\n');
  t.equal(failures.length, 2);
  t.equal(made.writtenLines, 3);
  t.equal(made.discardedLines, 0);
});

t.test('Discarded records are counted, kept ones are not', async t => {
  const { queue, sink, pipeline: made } = pipeline('discard');
  queue.lines.push('a\n', 'b\n', 'c\n');
  sink.failures.push({ keptBytes: 2 });
  await made.drain();
  t.equal(sink.written.join(''), 'a\n');
  t.equal(made.writtenLines, 1);
  t.equal(made.discardedLines, 2);
  t.equal(queue.lines.length, 0, 'their space is free again');
});

t.test('A failure after everything was written repeats nothing', async t => {
  const { queue, sink, pipeline: made } = pipeline('retry');
  queue.lines.push('a\n');
  sink.failures.push({ keptBytes: 2 });
  await made.drain();
  t.equal(sink.written.join(''), 'a\n');
  t.equal(made.writtenLines, 1);
});

t.test('A queue that contradicts itself ends the drain with its error', async t => {
  const { sink } = pipeline();
  const broken = {
    peek(): Run | null {
      throw new Error('damaged memory');
    },
    release() {},
  };
  const made = new Pipeline(
    broken,
    () => sink,
    async () => 'retry' as const,
  );
  await t.rejects(made.drain(), { message: 'damaged memory' });
  await t.rejects(made.emit(bytes('x\n')), { message: 'damaged memory' });
});

t.test(
  'What is offered is written between two runs, within the limit, and the rest of a refused write goes back',
  async t => {
    const { queue, sink, failures, pipeline: pipe } = pipeline('discard');
    sink.roomBytes = 30;
    const offer = (text: string) => {
      let limit = 0;
      const lines = text.split('\n').length - 1;
      const offered = pipe.offer(most => {
        limit = most;
        return { bytes: bytes(text), lines };
      });
      return offered.then(outcome => ({ ...outcome, limit }));
    };
    t.strictSame(await offer('a\nb\n'), { keptLines: 2, error: null, limit: 30 });
    queue.lines.push('kernel\n');
    sink.failures.push({ keptBytes: 2 });
    const [refused, next] = await Promise.all([offer('c\nd\ne\n'), offer('f\n')]);
    t.match(refused, { keptLines: 1, error: Error });
    t.strictSame(next.error, null);
    await pipe.drain();
    t.strictSame(sink.written, ['a\nb\n', 'c\n', 'f\n', 'kernel\n']);
    t.equal(failures.length, 1);
    t.equal(pipe.writtenLines, 5);
    t.equal(pipe.discardedLines, 0, 'nobody has lost what went back');
  },
);

t.test('What is offered is tried again once when the failure was answered, and never a third time', async t => {
  const { sink, failures, pipeline: pipe } = pipeline('retry');
  const offer = (text: string) => pipe.offer(() => ({ bytes: bytes(text), lines: text.split('\n').length - 1 }));
  sink.failures.push({ keptBytes: 2 });
  t.strictSame(await offer('a\nb\n'), { keptLines: 2, error: null });
  sink.failures.push({ keptBytes: 0 }, { keptBytes: 2 });
  t.match(await offer('c\nd\n'), { keptLines: 1, error: Error });
  sink.failures.push({ keptBytes: 4 });
  t.strictSame(await offer('e\nf\n'), { keptLines: 2, error: null }, 'a failure after the last line costs none');
  t.strictSame(sink.written, ['a\n', 'b\n', 'c\n', 'e\nf\n']);
  t.equal(failures.length, 4);
});
