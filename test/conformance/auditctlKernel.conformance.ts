import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import type { AuditControl } from '../../src/control/auditControl.ts';
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

t.test(
  'The C tool and ours list the same rules alike, whoever loaded them',
  { skip: REFERENCE === undefined },
  async t => {
    t.teardown(deleteAll);
    // Sets whose system calls every release of the C tool names.
    const files = [
      '23-ignore-filesystems',
      '30-ospp-v42-1-create-success',
      '30-ospp-v42-2-modify-failed',
      '32-power-abuse',
      '41-containers',
      '42-injection',
      '70-einval',
    ];
    for (const name of files) {
      const file = join(corpus, 'auditctl/files', `${name}.rules`);
      t.equal(auditctl(['-R', file]).exit, 0, name);
      const ours = auditctl(['-l']).stdout;
      t.equal(spawnSync(REFERENCE ?? '', ['-l'], { encoding: 'utf8' }).stdout, ours, `${name}, loaded by ours`);
      deleteAll();
      t.equal(spawnSync(REFERENCE ?? '', ['-R', file]).status, 0);
      t.equal(
        spawnSync(REFERENCE ?? '', ['-l'], { encoding: 'utf8' }).stdout,
        auditctl(['-l']).stdout,
        `${name}, loaded by C`,
      );
      deleteAll();
    }
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
