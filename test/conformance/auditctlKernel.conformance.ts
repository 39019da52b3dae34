import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import type { AuditControl } from '../../src/control/auditControl.ts';
import { syscallName } from '../../src/tables/syscalls.ts';
import { type Host, thisHost } from '../../src/tools/auditctl/host.ts';
import { run } from '../../src/tools/auditctl/run.ts';
import { openEmptyAuditKernel } from '../support/emptyAuditKernel.ts';

// The reference's recorded rule lines, given to this machine's kernel: what it takes and lists must be what the
// reference's kernel took and listed, and a C auditctl, where one is installed, must read our rules as we do.
const shared = process.env['NODE_AUDITD_SHARED'] ?? join(import.meta.dirname, '../../../../shared');
const corpus = join(shared, 'corpus');
const REFERENCE = ['/usr/sbin/auditctl', '/sbin/auditctl'].find(path => existsSync(path));

interface Golden {
  argv: string[];
  exit: number;
  message?: string;
  payload_hex?: string;
  list: string;
  delete?: { argv: string[]; exit: number };
}

// Paths that need not be here, and a machine that the reference was built without.
const OF_ITS_OWN_MACHINE = /\/usr\/audit-4|aarch64|\/var\/log|\/usr\/bin/;

// The kernel takes up to 15 ms to give up a watch, and there are hundreds.
t.setTimeout(180_000);
const { control, close } = openEmptyAuditKernel();
t.teardown(close);

function auditctl(argv: readonly string[]): { exit: number; stdout: string; stderr: string } {
  const out: string[] = [];
  const err: string[] = [];
  const ids = (file: string) => {
    const lines = readFileSync(join(corpus, 'etc', file), 'latin1').split('\n');
    const found = new Map(lines.map(line => line.split(':')).map(([name = '', , id]) => [name, Number(id)]));
    return (name: string) => found.get(name) ?? null;
  };
  const host: Host = {
    ...thisHost(),
    output: { print: text => void out.push(text), tell: text => void err.push(`${text}\n`) },
    openControl: (): AuditControl => control,
    userId: ids('passwd'),
    groupId: ids('group'),
  };
  const exit = run(['auditctl', ...argv.map(word => Buffer.from(word, 'utf8').toString('latin1'))], host);
  const utf8 = (parts: string[]) => Buffer.from(parts.join(''), 'latin1').toString('utf8');
  return { exit, stdout: utf8(out), stderr: utf8(err) };
}

function deleteAll(): void {
  for (const bytes of control.ruleBytes()) control.deleteRuleBytes(bytes);
}

t.test('The kernel takes and lists what the reference saw it take and list', async t => {
  t.teardown(deleteAll);
  const lines = readFileSync(join(corpus, 'auditctl/rules.jsonl'), 'utf8').trimEnd().split('\n');
  const goldens = lines.map(line => JSON.parse(line) as Golden).filter(({ message }) => message === 'AUDIT_ADD_RULE');
  t.ok(goldens.length > 300);
  for (const golden of goldens) {
    const line = golden.argv.join(' ').slice(0, 120);
    if (OF_ITS_OWN_MACHINE.test(line)) continue;
    const added = auditctl(golden.argv);
    t.equal(added.exit, golden.exit, line);
    t.equal(auditctl(['-l']).stdout, golden.list, line);
    if (golden.exit === 0 && golden.delete !== undefined)
      t.equal(auditctl(golden.delete.argv).exit, golden.delete.exit);
    deleteAll();
  }
});

/** System calls that are newer than the C tool here are numbers in its list. */
function withNames(list: string): string {
  const nameOf = (machine: 'i386' | 'x86_64', call: string) =>
    /^[0-9]+$/.test(call) ? (syscallName(machine, Number(call)) ?? call) : call;
  const lines = list.split('\n').map(line => {
    const machine = line.includes('-F arch=b32') ? 'i386' : 'x86_64';
    return line.replace(/(?<=-S )\S+/, calls =>
      calls
        .split(',')
        .map(call => nameOf(machine, call))
        .join(','),
    );
  });
  return lines.join('\n');
}

// dist/test/conformance/ → conf/rules
const sampleDirectory = join(import.meta.dirname, '../../../conf/rules');
const sampleFiles = readdirSync(sampleDirectory).filter(name => name.endsWith('.rules'));

t.test(
  'The C tool and ours list every sample rule alike, whoever loaded it',
  { skip: REFERENCE === undefined && 'needs the C auditctl' },
  async t => {
    t.teardown(deleteAll);
    const reference = (...words: string[]) => spawnSync(REFERENCE ?? '', words, { encoding: 'utf8' });
    const directory = t.testdir();
    let byOurs = 0;
    let byReference = 0;
    for (const name of sampleFiles) {
      // Settings belong to the machine, and -e 2 would lock it. The C tool passes over what is newer than it.
      const lines = readFileSync(join(sampleDirectory, name), 'utf8').split('\n');
      const rules = lines.filter(line => /^-[aAw] /.test(line));
      if (rules.length === 0) continue;
      const file = join(directory, name);
      writeFileSync(file, `-i\n${rules.join('\n')}\n`, { mode: 0o640 });

      t.strictSame(auditctl(['-R', file]).exit, 0, name);
      t.equal(control.ruleBytes().length, rules.length, `${name}: ours loads every rule`);
      byOurs += rules.length;
      t.equal(withNames(reference('-l').stdout), auditctl(['-l']).stdout, `${name}, loaded by ours`);
      deleteAll();

      reference('-R', file);
      byReference += control.ruleBytes().length;
      t.equal(withNames(reference('-l').stdout), auditctl(['-l']).stdout, `${name}, loaded by C`);
      deleteAll();
    }
    t.ok(byOurs > 200, `${byOurs} rules loaded by ours`);
    t.ok(byReference > 150, `${byReference} rules loaded by C`);
  },
);

t.test('A key deletes its own rules alone', async t => {
  t.teardown(deleteAll);
  t.equal(auditctl(['-w', '/etc/hosts', '-p', 'wa', '-k', 'stays']).exit, 0);
  t.equal(auditctl(['-a', 'always,exit', '-F', 'arch=b64', '-S', 'kill', '-k', 'goes']).exit, 0);
  t.strictSame(auditctl(['-D', '-k', 'goes']), { exit: 0, stdout: '', stderr: '' });
  t.equal(auditctl(['-l']).stdout, '-w /etc/hosts -p wa -k stays\n');
  t.equal(auditctl(['-D']).stdout, 'No rules\n');
});

t.test('Without a daemon there is nothing to signal', async t => {
  t.strictSame(auditctl(['--signal', 'stop']), { exit: 2, stdout: '', stderr: 'Auditd is not running\n' });
});

t.test('Counters say what they were when they are reset', async t => {
  const { exit, stderr } = auditctl(['--reset-lost']);
  t.equal(exit, 0);
  t.match(stderr, /^lost: [0-9]+\n$/);
});
