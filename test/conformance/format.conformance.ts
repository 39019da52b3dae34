import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import t, { type Test } from 'tap';

// The reference daemon, 4.2.2 on Linux 6.18, recorded these logs. Each of its lines is taken apart into type and
// payload, formatted by native/format, and must come out as it was, byte for byte. Run by hand:
//   make -C test/native tools && npm run build && npx tap run dist/test/conformance/format.conformance.js

const repository = resolve(dirname(fileURLToPath(import.meta.url)), '../../..');
const corpus = join(process.env['NODE_AUDITD_SHARED'] ?? join(repository, '../shared'), 'corpus');
const formatLines = join(repository, 'build/test-native/format_lines');

/** A line of a log and what it was made of. Text is latin1: one character a byte. */
interface Recorded {
  readonly line: string;
  readonly node: string | null;
  readonly type: string;
  readonly payload: string;
}

if (!existsSync(join(corpus, 'logs'))) {
  t.fail(`no conformance corpus at ${corpus}: set NODE_AUDITD_SHARED to the directory that holds corpus/`);
} else if (!existsSync(formatLines)) {
  t.fail(`no ${formatLines}: run make -C test/native tools`);
} else {
  const logs = readdirSync(join(corpus, 'logs')).filter(name => name.startsWith('rec-'));
  t.ok(logs.some(isEnriched) && logs.some(name => !isEnriched(name)), 'the corpus has logs of both formats');
  for (const name of logs) {
    t.test(`Every line of ${name} comes out as the reference wrote it`, async t => compareLog(t, name));
  }
  // ausearch -i interprets raw records by the rules of the daemon's enrichment, so what it printed for the synthetic
  // logs has texts that no recorded log has: every socket family, every system call of every machine.
  for (const name of ['syn-sockaddr-a', 'syn-arches-a', 'syn-sysargs-x86_64-a']) {
    t.test(`The interpreted fields of ${name} read as ausearch -i prints them`, async t => compareInterpreted(t, name));
  }
}

function isEnriched(log: string): boolean {
  return log.includes('-enriched');
}

function compareLog(t: Test, name: string): void {
  const recorded = readLog(name).map(takeApart);
  t.ok(recorded.length > 10, `${recorded.length} records`);
  const nodes = new Set(recorded.map(({ node }) => node));
  t.equal(nodes.size, 1, 'one node in a log');
  const ours = format(recorded, isEnriched(name) ? 'enriched' : 'raw', recorded[0]?.node ?? null);
  t.equal(ours.length, recorded.length, 'as many lines as records');

  const passing = new Map<string, number>();
  const different = recorded.flatMap(({ line }, index) => {
    const own = ours[index] ?? '';
    if (own === line) return [];
    const accounts = accountsNamedOtherwise(own, line);
    for (const account of accounts ?? []) passing.set(account, (passing.get(account) ?? 0) + 1);
    return accounts === null ? [{ own, line }] : [];
  });
  t.strictSame(different.slice(0, 5), [], `${different.length} lines differ`);
  for (const [account, count] of passing) t.comment(`${count} x ${account}: made and removed during the recording`);
}

function readLog(name: string): readonly string[] {
  const path = join(corpus, 'logs', name, 'log');
  const files = existsSync(`${path}.gz`)
    ? [gunzipSync(readFileSync(`${path}.gz`))]
    : statSync(path).isDirectory()
      ? readdirSync(path).map(file => readFileSync(join(path, file)))
      : [readFileSync(path)];
  return files.flatMap(bytes => bytes.toString('latin1').replace(/\n$/, '').split('\n'));
}

function takeApart(line: string): Recorded {
  const match = /^(?:node=(\S+) )?type=(\S+) msg=([^\x1d]*)/.exec(line);
  if (match === null) throw new Error(`not a record: ${line}`);
  return { line, node: match[1] ?? null, type: match[2] ?? '', payload: match[3] ?? '' };
}

function format(records: readonly Recorded[], logFormat: 'raw' | 'enriched', node: string | null): readonly string[] {
  const input = records.map(({ type, payload }) => `${type}\t${payload}\n`).join('');
  const accounts = ['passwd', 'group'].map(file => join(corpus, 'etc', file));
  const { status, stdout, stderr } = spawnSync(formatLines, [logFormat, node ?? '-', ...accounts], {
    input: Buffer.from(input, 'latin1'),
    maxBuffer: 1 << 30,
  });
  if (status !== 0) throw new Error(`format_lines: ${stderr.toString()}`);
  return stdout.toString('latin1').replace(/\n$/, '').split('\n');
}

/**
 * The accounts in which two lines differ, when they differ in nothing else: accounts that existed only while the log
 * was recorded, so that the corpus' files do not have their numbers. Null: another difference.
 */
function accountsNamedOtherwise(own: string, line: string): readonly string[] | null {
  const ownWords = own.split(/[ \x1d]/);
  const words = line.split(/[ \x1d]/);
  if (ownWords.length !== words.length) return null;
  const accounts: string[] = [];
  for (const [index, word] of words.entries()) {
    const ownWord = ownWords[index] ?? '';
    if (ownWord === word) continue;
    const unknown = /^([A-Z-]+=)"unknown\(\d+\)"$/.exec(ownWord);
    if (unknown === null || !word.startsWith(`${unknown[1]}"`)) return null;
    accounts.push(`${word} is ${ownWord}`);
  }
  return accounts;
}

function compareInterpreted(t: Test, name: string): void {
  const recorded = readLog(name)
    .filter(line => / msg=audit\(/.test(line))
    .map(takeApart);
  const ours = format(recorded, 'enriched', null);
  const printed = readInterpreted(name);
  let compared = 0;
  const different: string[] = [];
  for (const [index, { type, payload }] of recorded.entries()) {
    const key = `${type} ${/:\d+\)/.exec(payload)?.[0]}`;
    const expected = printed.get(key)?.shift();
    if (expected === undefined) continue;
    const interpreted = ours[index]?.split('\x1d')[1] ?? '';
    // A machine that the recording build did not know has no name there, and its calls are taken for native ones.
    if (/ARCH=(armeb|aarch64|riscv32|riscv64)/.test(interpreted)) continue;
    for (const [, field = '', text = ''] of interpreted.matchAll(/([A-Z_]+)=(\{.*?\}|\S+)(?= |$)/g)) {
      compared++;
      const words = `${field.toLowerCase()}=${text.replace(/^"(.*)"$/, '$1')} `;
      if (!`${expected} `.includes(words)) different.push(`${words}not in ${expected}`);
    }
  }
  t.ok(compared > 2000, `${compared} fields`);
  t.strictSame(different.slice(0, 5), [], `${different.length} fields differ`);
}

/** What ausearch -i printed behind the stamp of each record, by type and serial. */
function readInterpreted(name: string): Map<string, string[]> {
  const folder = join(corpus, 'logs', name);
  const cases = readFileSync(join(folder, 'cases.jsonl'), 'utf8').trim().split('\n');
  const wanted = ['ausearch', '-if', '@LOG@', '-i'].join(' ');
  const text = cases.map(line => JSON.parse(line)).find(({ argv }) => argv.join(' ') === wanted);
  const output =
    text.file === undefined ? text.stdout : gunzipSync(readFileSync(join(folder, text.file))).toString('latin1');
  const printed = new Map<string, string[]>();
  for (const [, type, serial, fields = ''] of output.matchAll(/^type=(\S+) msg=audit\([^)]*(:\d+\)) : (.*)$/gm)) {
    const key = `${type} ${serial}`;
    printed.set(key, [...(printed.get(key) ?? []), fields]);
  }
  return printed;
}
