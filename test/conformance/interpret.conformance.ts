import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import t from 'tap';

// Every record that `ausearch -i` of audit-userspace 4.2.2 printed of the logs in the corpus must be among those that
// native/interpret prints of the same log, byte for byte. Run by hand: it needs the corpus and, once,
// `make -C test/native tools`. Which records make an event, and which of them are printed, is not looked at here.
const repository = join(import.meta.dirname, '../../..');
const shared = process.env['NODE_AUDITD_SHARED'] ?? join(repository, '../shared');
const logs = join(shared, 'corpus/logs');
const interpretLines = join(repository, 'build/test-native/interpret_lines');

interface Golden {
  argv: string[];
  env: Record<string, string>;
  exit: number;
  stdout?: string;
  stdout_hex?: string;
  file?: string;
}

/** Logs whose lines are damaged: the reference prints parts of records that end inside their head. */
const DAMAGED = ['der-corrupt-a', 'der-corrupt-c'];

function goldens(log: string): Golden[] {
  const lines = readFileSync(join(logs, log, 'cases.jsonl'), 'utf8')
    .trimEnd()
    .split('\n');
  return lines.map(line => JSON.parse(line) as Golden).filter(({ exit }) => exit === 0);
}

/** The escape mode of a case that prints the whole log interpreted; null for the others. */
function escapeMode({ argv, env }: Golden): string | null {
  if (argv[0] !== 'ausearch' || env['TZ'] !== 'UTC') return null;
  const words = argv.slice(1).join(' ');
  if (words === '-if @LOG@ -i') return 'tty';
  return /^-if @LOG@ -i --escape (raw|tty|shell|shell_quote)$/.exec(words)?.[1] ?? null;
}

function outputOf(log: string, golden: Golden): string {
  if (golden.file !== undefined) return gunzipSync(readFileSync(join(logs, log, golden.file))).toString('latin1');
  if (golden.stdout_hex !== undefined) return Buffer.from(golden.stdout_hex, 'hex').toString('latin1');
  return Buffer.from(golden.stdout ?? '', 'utf8').toString('latin1');
}

function read(log: string): Buffer | null {
  const path = join(logs, log, 'log');
  if (!existsSync(path)) return gunzipSync(readFileSync(`${path}.gz`));
  return statSync(path).isDirectory() ? null : readFileSync(path);
}

function interpret(log: Buffer, mode: string): string {
  const accounts = ['passwd', 'group'].map(name => join(shared, 'corpus/etc', name));
  return execFileSync(interpretLines, [...accounts, mode], {
    input: log,
    env: { TZ: 'UTC' },
    encoding: 'latin1',
    maxBuffer: 1 << 30,
  });
}

let records = 0;
for (const log of readdirSync(logs)) {
  const bytes = DAMAGED.includes(log) ? null : read(log);
  if (bytes === null) continue;
  for (const golden of goldens(log)) {
    const mode = escapeMode(golden);
    if (mode === null) continue;
    t.test(`${log}, escape ${mode}`, async t => {
      const ours = new Set(interpret(bytes, mode).split('\n'));
      const printed = outputOf(log, golden)
        .split('\n')
        .filter(line => line !== '----');
      records += printed.length;
      t.strictSame(
        printed.filter(line => !ours.has(line)),
        [],
      );
    });
  }
}

t.test('There were records to compare', async t => {
  t.ok(records > 10_000, `${records} records`);
});
