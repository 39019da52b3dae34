import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import t from 'tap';
import { AuditControl } from '../../src/control/auditControl.ts';
import { FIELD } from '../../src/control/rule.ts';
import { decodeRule, encodeRule } from '../../src/control/ruleBytes.ts';
import { formatRule } from '../../src/control/ruleText.ts';
import { argumentText, type Host } from '../../src/tools/auditctl/host.ts';
import { run } from '../../src/tools/auditctl/run.ts';
import { FakeAuditKernel, type SentRequest } from '../support/fakeAuditKernel.ts';

// What audit-userspace 4.2.2 said and sent for each line, replayed with a stand-in for its kernel. Where we differ on
// purpose, the difference is in one of the tables below; auditctlKernel.conformance.ts asks the real kernel.
const shared = process.env['NODE_AUDITD_SHARED'] ?? join(import.meta.dirname, '../../../../shared');
const corpus = join(shared, 'corpus');

interface RuleGolden {
  line: string;
  argv: string[];
  exit: number;
  stdout: string;
  stderr: string;
  payload_hex?: string;
  message?: string;
  messages?: { type: string; payload_hex: string }[];
  list: string;
  list_i: string;
  delete?: { argv: string[]; exit: number; stderr: string; same_payload: boolean; payload_hex?: string };
}

interface FileGolden {
  file: string;
  argv: string[];
  exit: number;
  stdout: string;
  stderr: string;
  list: string;
  list_i: string;
  payloads?: string;
}

const CLOSING = 'There was an error while processing parameters\n';

/** Where the reference fails without a reason, ours names it before the closing line. */
const REASONS: Readonly<Record<string, string>> = {
  '-a always,exit -S all -F gid&=-1': 'Unknown group: -1',
  '-a always,exit -S all -F egid&=-1': 'Unknown group: -1',
  '-a always,exit -S all -F sgid&=-1': 'Unknown group: -1',
  '-a always,exit -S open,nosuch,close': 'Syscall name unknown: nosuch',
  '-a always,exit -F uid=nosuchuser': 'Unknown user: nosuchuser',
  '-a always,exit -F uid=!0': 'Unknown user: !0',
  '-a always,exit -F obj_uid=xyz': 'Unknown user: xyz',
  '-a always,exit -F dir=relative': 'Error sending add rule data request (Invalid argument)',
  '-a always,exit -F dir=/etc -F dir=/tmp': 'Error sending add rule data request (Invalid argument)',
  '-a always,exit -F dir=/etc -F path=/etc/hosts': 'Error sending add rule data request (Invalid argument)',
  '--backlog_wait_time 9999999': 'Error sending backlog wait time request (Invalid argument)',
};

/** Whole standard errors that differ. */
const STDERR: Readonly<Record<string, string>> = {
  // Built without ARM, the reference takes aarch64 for no machine. Ours knows it, and that it has no open(2).
  '-a always,exit -F arch=aarch64 -S open -k arch': `Syscall name unknown: open\n${CLOSING}`,
  // The reference sends what goes wrong with a rules file to syslog only.
  '-R /nonexistent.rules': "audit rules file /nonexistent.rules doesn't exist\n",
};

/**
 * What ours says in addition about a rules file, and which message it stands before ('' is the end). The reference
 * tells syslog alone what happens before the first rule that reaches the kernel, and nobody which name is unknown.
 */
const ADDED: Readonly<Record<string, readonly (readonly [before: string, text: string])[]>> = {
  'files/best-practice-long.rules': [
    ['Old style watch rules are slower', 'Old style watch rules are slower'],
    ['There was an error in line 84 of', 'Unknown user: chrony'],
    ['There was an error in line 161 of', 'Unknown user: ntp'],
  ],
  'files/edge-continue.rules': [
    ['Error sending', 'Syscall name unknown: nosuchcall'],
    ['Error sending', 'There was an error in line 3 of @FILE@'],
    ['Error sending', 'Old style watch rules are slower'],
  ],
  'files/edge-ignore.rules': [
    ['', 'Syscall name unknown: nosuchcall'],
    ['', 'There was an error in line 3 of @FILE@'],
    ['', "The path must start with '/'"],
    ['', 'There was an error in line 4 of @FILE@'],
  ],
};

/** Rules whose two listings, with and without -i, only a real kernel gives: auditctlKernel.conformance.ts compares them. */
const LISTED_BY_KERNEL: Readonly<Record<string, string>> = {
  '-a always,exit -F arch=b64 -S 2047':
    'a class of system calls, in whose place the kernel puts its members; the stand-in has no classes',
};

function withAdditions({ file, stderr }: FileGolden): string {
  let text = stderr;
  for (const [before, added] of ADDED[file] ?? []) {
    const at = before === '' ? text.length : text.indexOf(before);
    text = `${text.slice(0, at)}${added}\n${text.slice(at)}`;
  }
  return text;
}

const ERRNO: Readonly<Record<string, number>> = {
  'No such file or directory': 2,
  'Rule exists': 17,
  'Not a directory': 20,
  'Invalid argument': 22,
  'File name too long': 36,
};

const directoryPaths = directories();
const users = idsIn('passwd');
const groups = idsIn('group');
const userNames = new Map([...users].map(([name, uid]) => [uid, name]));

function idsIn(file: string): Map<string, number> {
  const lines = readFileSync(join(corpus, 'etc', file), 'latin1').split('\n');
  return new Map(lines.map(line => line.split(':')).map(([name = '', , id]) => [name, Number(id)]));
}

function goldens<T>(file: string): T[] {
  const lines = readFileSync(join(corpus, 'auditctl', file), 'utf8')
    .trimEnd()
    .split('\n');
  return lines.map(line => JSON.parse(line) as T);
}

/** Runs auditctl beside a fake kernel. */
function auditctl(kernel: FakeAuditKernel, argv: readonly string[]): { exit: number; stdout: string; stderr: string } {
  const out: string[] = [];
  const err: string[] = [];
  const host: Host = {
    output: { print: text => void out.push(text), tell: text => void err.push(`${text}\n`) },
    hasAuditControl: () => true,
    isRoot: () => true,
    openControl: () => new AuditControl(kernel),
    nativeMachine: () => 'x86_64',
    userId: name => users.get(name) ?? null,
    groupId: name => groups.get(name) ?? null,
    isDirectory: path => directoryPaths.has(path),
    sender: () => ({ exe: '/usr/audit-4/sbin/auditctl', hostname: null, terminal: null }),
    signal: () => {},
    // Accounts are those of this machine, the reference's were those of the corpus.
    interpretArgument: argument =>
      argumentText(argument).replace(/^unknown\((\d+)\)$/, (text, uid: string) => userNames.get(Number(uid)) ?? text),
  };
  const exit = run(['auditctl', ...argv.map(word => Buffer.from(word, 'utf8').toString('latin1'))], host);
  const utf8 = (parts: string[]) => Buffer.from(parts.join(''), 'latin1').toString('utf8');
  return { exit, stdout: utf8(out), stderr: utf8(err) };
}

/** The kernel's refusals, read from what the reference said about them. */
function refusalIn(stderr: string, refusesAllRules: boolean): (request: SentRequest) => number {
  const reason = /Error sending \w+ rule data request \((.*)\)/.exec(stderr)?.[1];
  const errno = reason === undefined ? (refusesAllRules ? 22 : 0) : (ERRNO[reason] ?? 22);
  return request => (/_RULE$/.test(request.name) ? errno : 0);
}

function padded(hex: string): string {
  return hex.padEnd(Math.ceil(hex.length / 8) * 8, '0');
}

function payloads(kernel: FakeAuditKernel): { type: string; payload_hex: string }[] {
  const requests = kernel.sent.filter(({ name }) => !name.startsWith('AUDIT_GET'));
  return requests.map(({ name, payload }) => ({
    type: name,
    payload_hex: padded(Buffer.from(payload).toString('hex')),
  }));
}

t.test('Each rule line does what the reference does', async t => {
  for (const golden of goldens<RuleGolden>('rules.jsonl')) {
    const line = golden.argv.join(' ');
    await t.test(line.slice(0, 120), async t => {
      const isSilentRefusal = golden.exit === 255 && golden.messages?.some(({ type }) => type === 'AUDIT_ADD_RULE');
      const refusal = refusalIn(golden.stderr, isSilentRefusal === true);
      const kernel = new FakeAuditKernel(request => {
        // More than ten times the kernel's own wait.
        if (request.name === 'AUDIT_SET' && golden.argv.includes('9999999')) return 22;
        return refusal(request);
      });
      const result = auditctl(kernel, golden.argv);
      const reason = REASONS[line];
      const stderr =
        STDERR[line] ??
        (reason === undefined ? golden.stderr : golden.stderr.replace(CLOSING, `${reason}\n${CLOSING}`));
      t.equal(result.exit, golden.exit);
      t.equal(result.stdout, golden.stdout);
      t.equal(result.stderr, stderr);

      const rule = golden.payload_hex === undefined ? [] : [{ type: golden.message, payload_hex: golden.payload_hex }];
      t.strictSame(payloads(kernel), golden.messages?.map(({ type, payload_hex }) => ({ type, payload_hex })) ?? rule);
      if (LISTED_BY_KERNEL[line] !== undefined) return;
      t.equal(auditctl(kernel, ['-l']).stdout, golden.list);
      t.equal(auditctl(kernel, ['-l', '-i']).stdout, golden.list_i);

      if (golden.delete === undefined || golden.exit !== 0) return;
      const before = kernel.sent.length;
      const deletion = auditctl(kernel, golden.delete.argv);
      t.equal(deletion.exit, golden.delete.exit);
      t.equal(deletion.stderr, golden.delete.stderr);
      const sent = kernel.sent.slice(before).filter(({ name }) => name === 'AUDIT_DEL_RULE');
      const expected = golden.delete.same_payload ? golden.payload_hex : golden.delete.payload_hex;
      t.strictSame(
        sent.map(({ payload }) => padded(Buffer.from(payload).toString('hex'))),
        [expected],
      );
    });
  }
});

t.test('Each rules file does what the reference does', async t => {
  for (const golden of goldens<FileGolden>('files.jsonl')) {
    await t.test(`${golden.argv.slice(1).join(' ')} ${golden.file}`, async t => {
      const path = join(corpus, 'auditctl', golden.file);
      const kernel = kernelOf(golden);
      const result = auditctl(
        kernel,
        golden.argv.slice(1).map(word => (word === '@FILE@' ? path : word)),
      );
      t.equal(result.exit, golden.exit);
      t.equal(result.stdout, golden.stdout);
      t.equal(result.stderr.replaceAll(path, '@FILE@'), withAdditions(golden));
      const expected = golden.payloads === undefined ? [] : hexLines(join(corpus, 'auditctl', golden.payloads));
      const sent = kernel.sent.filter(({ name }) => /^AUDIT_(ADD|DEL)_RULE$/.test(name));
      t.strictSame(
        sent.map(({ name, payload }) => `${name} ${padded(Buffer.from(payload).toString('hex'))}`),
        expected,
      );
      t.equal(auditctl(kernel, ['-l']).stdout, golden.list);
      t.equal(auditctl(kernel, ['-l', '-i']).stdout, golden.list_i);
    });
  }
});

t.test('Every exception is a case of the corpus', async t => {
  const files = goldens<FileGolden>('files.jsonl');
  const cases = new Set([
    ...goldens<RuleGolden>('rules.jsonl').map(({ argv }) => argv.join(' ')),
    ...files.map(({ argv }) => argv.slice(1).join(' ')),
    ...files.map(({ file }) => file),
  ]);
  const exceptions = [REASONS, STDERR, ADDED, LISTED_BY_KERNEL].flatMap(table => Object.keys(table));
  t.strictSame(
    exceptions.filter(name => !cases.has(name)),
    [],
  );
});

t.test('Every payload of the reference survives decoding and encoding', async t => {
  for (const golden of goldens<RuleGolden>('rules.jsonl')) {
    if (golden.payload_hex === undefined) continue;
    const encoded = Buffer.from(encodeRule(decodeRule(Buffer.from(golden.payload_hex, 'hex'))));
    t.equal(padded(encoded.toString('hex')), golden.payload_hex);
  }
});

/**
 * The kernel the reference had: it took the rules that are listed, and refused the others with the errors that were
 * printed, in their order.
 */
function kernelOf(golden: FileGolden): FakeAuditKernel {
  const listed = new Set(golden.list.split('\n'));
  const refusals = [...golden.stderr.matchAll(/Error sending add rule data request \((.*)\)/g)].map(([, text]) => text);
  return new FakeAuditKernel(({ name, payload }) => {
    if (name !== 'AUDIT_ADD_RULE') return 0;
    const text = formatRule(decodeRule(payload), {
      nativeMachine: 'x86_64',
      isInterpreted: false,
      interpretArgument: null,
    });
    const isDuplicate = refusals[0] === 'Rule exists';
    if (listed.has(Buffer.from(text, 'latin1').toString('utf8')) || isDuplicate) return 0;
    return ERRNO[refusals.shift() ?? ''] ?? 22;
  });
}

/** The paths that were directories where the goldens were recorded. */
function directories(): Set<string> {
  const found = new Set(['/']);
  const hex = goldens<RuleGolden>('rules.jsonl').map(({ payload_hex }) => payload_hex ?? '');
  for (const { payloads } of goldens<FileGolden>('files.jsonl')) {
    if (payloads !== undefined)
      hex.push(...hexLines(join(corpus, 'auditctl', payloads)).map(line => line.split(' ')[1] ?? ''));
  }
  for (const payload of hex.filter(payload => payload !== '')) {
    const [first] = decodeRule(Buffer.from(payload, 'hex')).fields;
    if (first?.field === FIELD.dir) found.add(first.text ?? '');
  }
  return found;
}

function hexLines(path: string): string[] {
  return gunzipSync(readFileSync(path)).toString().trimEnd().split('\n');
}
