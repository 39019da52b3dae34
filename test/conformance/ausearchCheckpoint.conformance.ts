import {
  appendFileSync,
  closeSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import t, { type Test } from 'tap';
import { hasCorpus, shared, withCorpusAccounts } from '../support/corpus.ts';
import { searchInProcess, withoutOwnNotes } from '../support/searchInProcess.ts';

// Searches that go on where the last one ended, over logs that grow and rotate in between, as ausearch 4.2.2 did them:
// results, messages, exit codes, and the checkpoint's file.

type Change = readonly [string, string, ...(string | number)[]];
interface Step {
  readonly do?: readonly Change[];
  readonly argv: readonly string[];
  readonly exit: number;
  readonly stdout: string;
  readonly stderr: string;
  readonly checkpoint_file: string;
}

const ENV = { TZ: 'UTC', LC_ALL: 'C' };

if (!hasCorpus()) {
  t.fail('no conformance corpus: set NODE_AUDITD_SHARED to the directory that holds corpus/');
} else {
  withCorpusAccounts();
  const directory = join(shared, 'corpus/checkpoint');
  for (const file of readdirSync(directory)) {
    readFileSync(join(directory, file), 'utf8')
      .trimEnd()
      .split('\n')
      .forEach((line, index) => {
        const { source_log: log, steps } = JSON.parse(line);
        t.test(
          `${file}:${index + 1}: searches of ${log} go on where the last one ended`,
          { skip: unavailable(log) },
          async t => {
            const place = mkdtempSync(join(tmpdir(), 'checkpoint-'));
            const held: number[] = [];
            process.chdir(place);
            t.teardown(() => {
              for (const fd of held) closeSync(fd);
              process.chdir('/');
              rmSync(place, { recursive: true });
            });
            const lines = sourceLines(log);
            for (const [number, step] of steps.entries()) {
              await checkStep(t, `step ${number + 1}: ${step.argv.join(' ')}`, step, lines, held);
            }
          },
        );
      });
  }
}

async function checkStep(t: Test, name: string, step: Step, lines: readonly string[], held: number[]): Promise<void> {
  for (const change of step.do ?? []) make(change, lines, held);
  const printed = withoutOwnNotes(await searchInProcess({ argv: step.argv, env: ENV, stdin: false }));
  const note = existsSync('cp') ? readFileSync('cp', 'latin1') : '';
  const ours = { ...printed, checkpoint: masked(note) };
  const { exit, stderr } = step;
  const stdout = Buffer.from(step.stdout, 'utf8').toString('latin1');
  t.strictSame(ours, { exit, stdout, stderr, checkpoint: masked(step.checkpoint_file) }, name);
}

function masked(note: string): string {
  return note.replace(/^dev=.*$/m, 'dev=').replace(/^inode=.*$/m, 'inode=');
}

/** @param held  Descriptors that are open until the sequence has ended. */
function make([what, file, ...rest]: Change, lines: readonly string[], held: number[]): void {
  const [from = 0, to = 0] = rest;
  const text = () => Buffer.from(`${lines.slice(Number(from), Number(to)).join('\n')}\n`, 'latin1');
  switch (what) {
    case 'write':
      writeFileSync(file, text());
      break;
    case 'append':
      appendFileSync(file, text());
      break;
    case 'rename':
      renameSync(file, String(from));
      break;
    case 'remove':
      // Held, or the next file may get its inode: a search would then go on in that.
      held.push(openSync(file, 'r'));
      rmSync(file);
      break;
    case 'mkdir':
      mkdirSync(file);
      break;
    case 'text':
      writeFileSync(file, String(rest[0] ?? ''), 'latin1');
      break;
    default:
      throw new Error(`unknown change: ${what}`);
  }
}

/** Not every log that a sequence was recorded with is in the corpus. */
function unavailable(log: string): string | false {
  const path = join(shared, 'corpus/logs', log, 'log');
  return existsSync(path) || existsSync(`${path}.gz`) ? false : `${log} is not in the corpus`;
}

function sourceLines(log: string): string[] {
  const path = join(shared, 'corpus/logs', log, 'log');
  const bytes = existsSync(`${path}.gz`) ? gunzipSync(readFileSync(`${path}.gz`)) : readFileSync(path);
  return bytes.toString('latin1').split('\n');
}
