import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { run } from '../src/tools/node-auditd/run.ts';

// The units as an installed machine has them: what they start lies in the same image.
const packageDirectory = join(import.meta.dirname, '../..');
const units = readdirSync(join(packageDirectory, 'systemd')).filter(name => name.endsWith('.service'));
const isMissing = spawnSync('systemd-analyze', ['--version']).error !== undefined && 'needs systemd-analyze';

function analyze(...words: string[]): { status: number | null; said: string } {
  const { status, stdout, stderr } = spawnSync('systemd-analyze', words, { encoding: 'utf8' });
  return { status, said: stdout + stderr };
}

function image(): string {
  const root = t.testdir({});
  const complaints: string[] = [];
  run(
    { action: 'install', root, isDryRun: false, isConfigurationOnly: false },
    { packageDirectory, say: () => {}, complain: line => complaints.push(line), command: () => 0 },
  );
  t.strictSame(complaints, []);
  return root;
}

t.test('systemd finds nothing wrong with a unit, and everything that it starts', { skip: isMissing }, async t => {
  const root = image();
  for (const unit of units) {
    t.strictSame(analyze('verify', '--man=no', `--root=${root}`, unit), { status: 0, said: '' }, unit);
  }
});

t.test('No unit is more open than its README says', { skip: isMissing }, async t => {
  const readme = readFileSync(join(packageDirectory, 'systemd/README.md'), 'utf8');
  for (const unit of units) {
    const exposure = new RegExp(`^\\| \`${unit}\` \\| ([0-9.]+) \\|$`, 'm').exec(readme)?.[1];
    t.ok(exposure, `${unit} has a number`);
    const file = join(packageDirectory, 'systemd', unit);
    const threshold = `--threshold=${Math.round(Number(exposure) * 10)}`;
    const { status, said } = analyze('security', '--offline=true', '--no-pager', threshold, file);
    t.equal(status, 0, said.split('\n').find(line => line.includes('Overall')) ?? said);
  }
});

t.test('Every Documentation= page is one of ours', async t => {
  const pages = readdirSync(join(packageDirectory, 'man'));
  for (const unit of units) {
    const text = readFileSync(join(packageDirectory, 'systemd', unit), 'utf8');
    const named = [...text.matchAll(/man:([a-z.-]+)\(([0-9])\)/g)];
    t.ok(named.length > 0, unit);
    for (const [, name, section] of named) t.ok(pages.includes(`${name}.${section}`), `${name}(${section})`);
  }
});
