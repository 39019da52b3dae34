import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import t, { type Test } from 'tap';
import { KEEPER } from '../src/binding/keeper.ts';

// native/keeper with a program that does in each of its lives what the test wrote down: test/support/kept.c.

const source = fileURLToPath(new URL('../../test/support/kept.c', import.meta.url));
const tools = mkdtempSync(join(tmpdir(), 'keeper-'));
t.teardown(() => rmSync(tools, { recursive: true }));
const kept = `${tools}/kept`;
execFileSync('cc', ['-O2', '-o', kept, source]);

const START_AGAIN = 75;

/** A keeper, and what its program is to do in its lives. */
class Scene {
  readonly keeper: ChildProcess;
  readonly ended: Promise<number | null>;
  readonly socket: string;
  readonly #directory: string;

  constructor(t: Test, lives: readonly (readonly string[])[], ...options: string[]) {
    this.#directory = mkdtempSync(join(tools, 'scene-'));
    this.socket = `${this.#directory}/socket`;
    for (const [i, steps] of lives.entries()) writeFileSync(`${this.#directory}/${i + 1}`, `${steps.join('\n')}\n`);
    this.keeper = spawn(KEEPER, [...options, '--socket', this.socket, '--', kept, this.#directory], {
      stdio: 'ignore',
    });
    this.ended = once(this.keeper, 'exit').then(([code]) => code);
    t.teardown(() => {
      if (this.keeper.exitCode === null) this.keeper.kill('SIGTERM');
      return this.ended;
    });
  }

  /** What the program has noted, by lives. */
  get noted(): string[] {
    const path = `${this.#directory}/noted`;
    return existsSync(path) ? readFileSync(path, 'latin1').trimEnd().split('\n') : [];
  }

  async untilNoted(line: string): Promise<void> {
    const deadline = Date.now() + 30_000;
    while (!this.noted.includes(line)) {
      if (Date.now() > deadline) throw new Error(`waited for "${line}" in vain: ${this.noted.join(', ')}`);
      await pause(5);
    }
  }
}

t.test('What a program stores is given to its next life, once, and not what it let go of', async t => {
  const scene = new Scene(t, [
    ['store first one', 'store second two', 'store third three', 'say FDSTOREREMOVE=1|FDNAME=second', 'die 9'],
    ['store fourth four', 'die 11'],
    ['exit 0'],
  ]);
  t.equal(await scene.ended, 0);
  t.strictSame(scene.noted, [
    'life 1',
    'life 2',
    'given 3 first=one',
    'given 4 third=three',
    'life 3',
    'given 3 first=one',
    'given 4 third=three',
    'given 5 fourth=four',
  ]);
  t.notOk(existsSync(scene.socket), 'the socket is gone with it');
});

t.test('Only the program is heard, and nobody but its user may speak', async t => {
  const scene = new Scene(t, [['child READY=1', 'wait', 'exit 3']]);
  await scene.untilNoted('life 1');
  t.equal(statSync(scene.socket).mode & 0o777, 0o600);
  scene.keeper.kill('SIGTERM');
  await scene.ended;
  // It never was up, whatever its child says: that is final.
  t.equal(await new Scene(t, [['child READY=1', 'exit 3'], ['exit 0']]).ended, 3);
});

t.test(
  'Exit codes: 0 ends the keeper, 75 asks for another life, a failure before the first READY is final',
  async t => {
    t.equal(await new Scene(t, [[`exit ${START_AGAIN}`], [`exit ${START_AGAIN}`], ['exit 0']]).ended, 0);
    t.equal(await new Scene(t, [['exit 6']]).ended, 6);
    const scene = new Scene(t, [['say READY=1', 'exit 6'], ['die 9'], ['exit 1'], ['exit 0']]);
    t.equal(await scene.ended, 0);
    t.strictSame(scene.noted, ['life 1', 'life 2', 'life 3', 'life 4']);
  },
);

t.test('The first death is answered at once, those that follow it later and later', async t => {
  const deaths = Array.from({ length: 4 }, () => ['say READY=1', 'die 9']);
  const began = performance.now();
  const scene = new Scene(t, [...deaths, ['exit 0']]);
  await scene.ended;
  // 0 + 100 + 200 + 400
  t.ok(performance.now() - began >= 690, 'it has waited');
  t.equal(scene.noted.length, 5);
});

t.test('Signals reach the program; TERM and INT end it, and the keeper after it', async t => {
  for (const last of ['SIGTERM', 'SIGINT'] as const) {
    const scene = new Scene(t, [['say READY=1', 'wait', 'exit 4']]);
    await scene.untilNoted('life 1');
    for (const signal of [1, 10, 12, 18, 36, 37]) {
      process.kill(scene.keeper.pid ?? 0, signal);
      await scene.untilNoted(`signal ${signal}`);
    }
    scene.keeper.kill(last);
    t.equal(await scene.ended, 4);
    t.equal(scene.noted.at(-1), 'signal 15');
  }
});

t.test('A program that is not heard of any more is ended by SIGABRT, then by SIGKILL, and starts again', async t => {
  const scene = new Scene(
    t,
    [['say READY=1', 'abort'], ['say READY=1', 'say WATCHDOG=trigger', 'abort'], ['say READY=1', 'wait'], ['exit 0']],
    '--watchdog',
    '300',
  );
  await scene.untilNoted('life 4'); // the third has SIGABRT blocked
  t.equal(await scene.ended, 0);
});

t.test('In the background the command ends when the program is up, or with its exit code', async t => {
  const up = new Scene(t, [['say READY=1', 'wait', 'exit 0']], '--background');
  t.equal(await up.ended, 0);
  t.strictSame(up.noted, ['life 1']);
  const pid = Number(
    execFileSync('pgrep', ['-f', `^${KEEPER} --background --socket ${up.socket} `], { encoding: 'utf8' }),
  );
  process.kill(pid, 'SIGTERM');
  await up.untilNoted('signal 15');
  t.equal(await new Scene(t, [['exit 6']], '--background').ended, 6);
});

t.test('What cannot be is refused: a wrong command line, a program or a directory that is not there', async t => {
  const codeOf = async (...args: string[]) => (await once(spawn(KEEPER, args, { stdio: 'ignore' }), 'exit'))[0];
  t.equal(await codeOf(), 2);
  t.equal(await codeOf('--socket', `${tools}/socket`), 2);
  t.equal(await codeOf('--socket', `${tools}/socket`, '--watchdog', '10'), 2);
  t.equal(await codeOf('--', kept), 2);
  t.equal(await codeOf('--socket', `${tools}/socket`, '--', `${tools}/none`), 1);
  t.equal(await codeOf('--socket', `${tools}/none/socket`, '--', kept), 1);
  t.equal(await codeOf('--socket', `/${'x'.repeat(200)}`, '--', kept), 1);
});
