import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import t, { type Test } from 'tap';

// What ausearch 4.2.2 printed for whole logs with --format csv and text: native/normalize prints the same bytes. Names are
// those of the corpus, bound over /etc in a mount namespace of its own, so this needs root. Searches are ausearch's own
// tests. Run by hand:
//   make -C test/native tools && npm run build && npx tap run dist/test/conformance/eventLines.conformance.js

const repository = resolve(dirname(fileURLToPath(import.meta.url)), '../../..');
const corpus = join(process.env['NODE_AUDITD_SHARED'] ?? join(repository, '../shared'), 'corpus');
const eventLines = join(repository, 'build/test-native/event_lines');

/** The members of a case that count here; cases.jsonl has more. */
interface Case {
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly stdin: boolean;
  readonly exit: number;
  readonly stdout_sha256: string;
  readonly stderr?: string;
}

if (!existsSync(join(corpus, 'logs'))) {
  t.fail(`no conformance corpus at ${corpus}: set NODE_AUDITD_SHARED to the directory that holds corpus/`);
} else if (!existsSync(eventLines)) {
  t.fail(`no ${eventLines}: run make -C test/native tools`);
} else if (process.getuid?.() !== 0) {
  t.fail('not root: the accounts of the corpus cannot be bound over /etc');
} else {
  const directory = mkdtempSync(join(tmpdir(), 'event-lines-'));
  t.teardown(() => rmSync(directory, { recursive: true }));
  let cases = 0;
  for (const name of readdirSync(join(corpus, 'logs'))) {
    const log = logFile(name, directory);
    const plain = log === null ? [] : readCases(name).flatMap(wanted => optionsOf(wanted));
    if (log === null || plain.length === 0) continue;
    cases += plain.length;
    t.test(`The ${plain.length} csv and text outputs of ${name} are those of the reference`, async t => {
      for (const { wanted, options } of plain) compare(t, wanted, options, log);
    });
  }
  t.ok(cases > 400, `${cases} recorded outputs`);
}

/** Null: a rotated set, which needs the order of its files. */
function logFile(name: string, directory: string): string | null {
  const log = join(corpus, 'logs', name, 'log');
  if (existsSync(log)) return statSync(log).isFile() ? log : null;
  const unpacked = join(directory, name);
  writeFileSync(unpacked, gunzipSync(readFileSync(`${log}.gz`)));
  return unpacked;
}

function readCases(name: string): readonly Case[] {
  const lines = readFileSync(join(corpus, 'logs', name, 'cases.jsonl'), 'utf8').split('\n');
  return lines.filter(line => line !== '').map(line => JSON.parse(line) as Case);
}

/** What event_lines is to be given, if the case is one of csv or text that searches for nothing. */
function optionsOf(wanted: Case): readonly { wanted: Case; options: readonly string[] }[] {
  const options: string[] = [];
  const [program, ...words] = wanted.argv;
  if (program !== 'ausearch' || wanted.exit !== 0 || wanted.stdin) return [];
  for (let index = 0; index < words.length; index++) {
    const word = words[index] ?? '';
    const next = words[index + 1] ?? '';
    if (word === '--debug' || word.startsWith('--extra-')) {
      options.push(word);
    } else if (word === '--format' && (next === 'csv' || next === 'text')) {
      options.push(next);
      index++;
    } else if (word === '--escape') {
      options.push(word, next);
      index++;
    } else if (word === '-if' || (word === '-m' && next === 'ALL')) {
      index++;
    } else {
      return [];
    }
  }
  return options.includes('csv') || options.includes('text') ? [{ wanted, options }] : [];
}

function compare(t: Test, wanted: Case, options: readonly string[], log: string): void {
  const script =
    'for file in passwd group nsswitch.conf; do mount --bind "$0/$file" "/etc/$file" || exit 99; done; exec "$@"';
  const run = spawnSync('unshare', ['-m', 'sh', '-c', script, join(corpus, 'etc'), eventLines, ...options, log], {
    env: { PATH: process.env['PATH'], ...wanted.env },
    maxBuffer: 1 << 30,
    timeout: 120_000,
  });
  const name = options.join(' ');
  t.equal(run.status, 0, `${name}: ${run.stderr.toString()}`);
  t.equal(createHash('sha256').update(run.stdout).digest('hex'), wanted.stdout_sha256, name);
  const complaints = (text: string) => text.split('\n').filter(line => line.startsWith('error normalizing'));
  if (wanted.stderr !== undefined) {
    t.strictSame(complaints(run.stderr.toString('latin1')), complaints(wanted.stderr), `${name}: messages`);
  }
}
