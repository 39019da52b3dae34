// Runs the stages of the test suite one after the other and tells what each found: `node dist/test/run.js STAGE...`.
import { spawnSync } from 'node:child_process';
import { appendFileSync, readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../', import.meta.url));

interface Stage {
  /** One process each, in order. A stage ends with the first that fails to run at all. */
  readonly commands: () => readonly (readonly string[])[];
  /** What a command's output counts: passed and failed. Null: one for the command itself, by its exit code. */
  readonly count: ((output: string) => Tally | null) | null;
  /** When a command hangs: several times what it takes on a machine that does other work. */
  readonly timeoutSeconds: number;
}

interface Tally {
  passed: number;
  failed: number;
  skipped: number;
}

// tap's closing line: # { total: 12, pass: 11, fail: 1, skip: 1 }
function countTap(output: string): Tally | null {
  const line = [...output.matchAll(/^# \{ total: (\d+)(.*)\}$/gm)].at(-1);
  if (line === undefined) return null;
  const number = (name: string) => Number(new RegExp(`${name}: (\\d+)`).exec(line[2] ?? '')?.[1] ?? 0);
  return { passed: number('pass'), failed: number('fail'), skipped: number('skip') };
}

// Closing line of test/native/check.cc, one a program: 86 tests, 0 failed
function countNative(output: string): Tally | null {
  const lines = [...output.matchAll(/^(\d+) tests, (\d+) failed$/gm)];
  if (lines.length === 0) return null;
  const failed = lines.reduce((sum, line) => sum + Number(line[2]), 0);
  return { passed: lines.reduce((sum, line) => sum + Number(line[1]), 0) - failed, failed, skipped: 0 };
}

function compiled(directory: string, ending: string): string[] {
  return readdirSync(`${root}dist/test/${directory}`)
    .filter(name => name.endsWith(ending))
    .sort()
    .map(name => `dist/test/${directory}/${name}`);
}

const make = (target: string) => ['make', '-s', '-O', '-j2', '-C', 'test/native', target];
const tap = (...args: string[]) => ['node_modules/.bin/tap', '--reporter=tap', ...args];

const stages: Readonly<Record<string, Stage>> = {
  unit: { commands: () => [tap()], count: countTap, timeoutSeconds: 900 },
  sanitizers: { commands: () => [make('asan'), make('tsan')], count: countNative, timeoutSeconds: 900 },
  fuzz: { commands: () => [make('fuzz')], count: null, timeoutSeconds: 900 },
  // One at a time: registration and rules are the whole kernel's.
  kernel: {
    commands: () => compiled('kernel', '.kernel.js').map(file => ['node', file]),
    count: countTap,
    timeoutSeconds: 400,
  },
  conformance: {
    commands: () => [
      ['make', '-s', '-C', 'test/native', 'tools'],
      ...compiled('conformance', '.conformance.js').map(file => ['node', file]),
    ],
    count: output => countTap(output) ?? { passed: 0, failed: 0, skipped: 0 },
    timeoutSeconds: 900,
  },
  lint: {
    commands: () => [
      ['npm', 'run', '--silent', 'lint:ts'],
      ['npm', 'run', '--silent', 'lint:cc'],
    ],
    count: null,
    timeoutSeconds: 1200,
  },
};

/** Runs one command, its output passed through. */
function run(command: readonly string[], timeoutSeconds: number): { output: string; isOk: boolean } {
  const [program = '', ...args] = command;
  console.log(`\n== ${command.join(' ')}`);
  const { stdout, status, signal, error } = spawnSync(program, args, {
    cwd: root,
    // A file that runs by itself may take as long as its stage lets it, and tells what hangs before it is ended.
    env: program === 'node' ? { ...process.env, TAP_TIMEOUT: String(timeoutSeconds - 10) } : process.env,
    encoding: 'latin1',
    stdio: ['ignore', 'pipe', 'inherit'],
    timeout: timeoutSeconds * 1000,
    maxBuffer: 1 << 28,
  });
  if (error !== undefined) console.log(`${program}: ${error.message}`);
  if (signal !== null) console.log(`${program}: ended by ${signal}`);
  const output = stdout ?? '';
  const failures = output.split('\n').filter(line => /^\s*not ok|\b[1-9]\d* failed/.test(line));
  // All of it when something is wrong, else the last words.
  console.log(status === 0 && failures.length === 0 ? output.trimEnd().split('\n').slice(-3).join('\n') : output);
  return { output, isOk: status === 0 };
}

function runStage(name: string, stage: Stage): Tally {
  const sum: Tally = { passed: 0, failed: 0, skipped: 0 };
  for (const command of stage.commands()) {
    const { output, isOk } = run(command, stage.timeoutSeconds);
    const found = stage.count === null ? null : stage.count(output);
    const counted = found ?? { passed: isOk ? 1 : 0, failed: isOk ? 0 : 1, skipped: 0 };
    sum.passed += counted.passed;
    sum.skipped += counted.skipped;
    // A runner that failed without naming a failed test has failed all the same; one that counted nothing, too.
    const isSilentFailure = !isOk && counted.failed === 0;
    sum.failed += counted.failed + (isSilentFailure || (stage.count !== null && found === null && isOk) ? 1 : 0);
  }
  if (name === 'kernel' && process.env['CI'] === 'true') {
    // In CI the kernel is there: a test that skips has not tested.
    sum.failed += sum.skipped;
  }
  return sum;
}

let failed = 0;
const rows: string[] = [];
for (const name of process.argv.slice(2)) {
  const stage = stages[name];
  if (stage === undefined) {
    console.error(`unknown stage ${name}: expected ${Object.keys(stages).join(', ')}`);
    process.exit(2);
  }
  const started = Date.now();
  const tally = runStage(name, stage);
  failed += tally.failed;
  const seconds = Math.round((Date.now() - started) / 1000);
  const skipped = tally.skipped > 0 ? `, ${tally.skipped} skipped` : '';
  rows.push(`${name.padEnd(12)} ${tally.passed} passed, ${tally.failed} failed${skipped}  (${seconds} s)`);
  const file = process.env['TEST_TALLY'];
  if (file !== undefined) appendFileSync(file, `${tally.passed} ${tally.failed}\n`);
}
console.log(`\n${rows.join('\n')}`);
process.exit(failed === 0 ? 0 : 1);
