// Runs the stages of the test suite one after the other and tells what each found: `node dist/test/run.js STAGE...`.
import { spawn } from 'node:child_process';
import { appendFileSync, readdirSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../', import.meta.url));

interface Stage {
  /** One process each, in order. */
  readonly commands: () => readonly (readonly string[])[];
  /** They do not get into one another's way: as many at once as there are processors. */
  readonly isParallel?: boolean;
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

/** Compiled files below dist/. */
function compiled(directory: string, ending: string): string[] {
  return readdirSync(`${root}dist/${directory}`, { recursive: true, encoding: 'utf8' })
    .filter(name => name.endsWith(ending))
    .sort()
    .map(name => `dist/${directory}${name}`);
}

const make = (target: string) => ['make', '-s', '-O', '-j2', '-C', 'test/native', target];

const stages: Readonly<Record<string, Stage>> = {
  // As they are: what tap's runner loads for each file takes three times as long as most of them.
  unit: {
    commands: () => compiled('', '.test.js').map(file => ['node', file]),
    isParallel: true,
    count: countTap,
    timeoutSeconds: 190,
  },
  sanitizers: { commands: () => [make('asan'), make('tsan')], count: countNative, timeoutSeconds: 900 },
  fuzz: { commands: () => [make('fuzz')], count: null, timeoutSeconds: 900 },
  // One at a time: registration and rules are the whole kernel's.
  kernel: {
    commands: () => compiled('test/kernel/', '.kernel.js').map(file => ['node', file]),
    count: countTap,
    timeoutSeconds: 400,
  },
  tools: { commands: () => [make('tools')], count: null, timeoutSeconds: 900 },
  conformance: {
    commands: () => compiled('test/conformance/', '.conformance.js').map(file => ['node', file]),
    isParallel: true,
    count: countTap,
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

interface Ended {
  readonly output: string;
  readonly isOk: boolean;
}

/** Runs one command, and prints what it said when it has ended. */
async function run(command: readonly string[], timeoutSeconds: number): Promise<Ended> {
  const [program = '', ...args] = command;
  const child = spawn(program, args, {
    cwd: root,
    // A file that runs by itself may take as long as its stage lets it, and tells what hangs before it is ended.
    env: program === 'node' ? { ...process.env, TAP_TIMEOUT: String(timeoutSeconds - 10) } : process.env,
    stdio: ['ignore', 'pipe', 'inherit'],
    timeout: timeoutSeconds * 1000,
  });
  let output = '';
  child.stdout.setEncoding('latin1').on('data', text => {
    output += text;
  });
  const ending = await new Promise<string | null>(resolve => {
    child.once('error', error => resolve(error.message));
    child.once('close', (code, signal) => resolve(signal === null ? (code === 0 ? null : '') : `ended by ${signal}`));
  });
  console.log(`\n== ${command.join(' ')}`);
  if (ending !== null && ending !== '') console.log(`${program}: ${ending}`);
  const failures = output.split('\n').filter(line => /^\s*not ok|\b[1-9]\d* failed/.test(line));
  // All of it when something is wrong, else the last words.
  const isOk = ending === null;
  console.log(isOk && failures.length === 0 ? output.trimEnd().split('\n').slice(-3).join('\n') : output);
  return { output, isOk };
}

async function runStage(name: string, stage: Stage): Promise<Tally> {
  const sum: Tally = { passed: 0, failed: 0, skipped: 0 };
  const left = [...stage.commands()];
  const work = async () => {
    for (let command = left.shift(); command !== undefined; command = left.shift()) {
      add(await run(command, stage.timeoutSeconds));
    }
  };
  const add = ({ output, isOk }: Ended) => {
    const found = stage.count === null ? null : stage.count(output);
    const counted = found ?? { passed: isOk ? 1 : 0, failed: isOk ? 0 : 1, skipped: 0 };
    sum.passed += counted.passed;
    sum.skipped += counted.skipped;
    // A runner that failed without naming a failed test has failed all the same; one that counted nothing, too.
    const isSilentFailure = !isOk && counted.failed === 0;
    sum.failed += counted.failed + (isSilentFailure || (stage.count !== null && found === null && isOk) ? 1 : 0);
  };
  await Promise.all(Array.from({ length: stage.isParallel === true ? availableParallelism() : 1 }, work));
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
  const tally = await runStage(name, stage);
  failed += tally.failed;
  const seconds = Math.round((Date.now() - started) / 1000);
  const skipped = tally.skipped > 0 ? `, ${tally.skipped} skipped` : '';
  rows.push(`${name.padEnd(12)} ${tally.passed} passed, ${tally.failed} failed${skipped}  (${seconds} s)`);
  const file = process.env['TEST_TALLY'];
  if (file !== undefined) appendFileSync(file, `${tally.passed} ${tally.failed}\n`);
}
console.log(`\n${rows.join('\n')}`);
process.exit(failed === 0 ? 0 : 1);
