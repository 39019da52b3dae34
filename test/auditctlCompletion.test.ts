import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';

// dist/test/ → conf/bash-completion
const directory = join(import.meta.dirname, '../../conf/bash-completion');

/** What bash offers for the last word. */
function offered(...words: string[]): string[] {
  const script = `compopt() { :; }; . ${directory}/auditctl
    COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _auditctl; printf '%s\\n' "\${COMPREPLY[@]}"`;
  const { stdout } = spawnSync('bash', ['-c', script, 'bash', ...words], { encoding: 'utf8' });
  return stdout.trim().split('\n');
}

t.test('auditctl completes its options and what they take', async t => {
  t.strictSame(offered('auditctl', '--sig'), ['--signal']);
  t.strictSame(offered('auditctl', '--signal', 'ro'), ['rotate']);
  t.strictSame(offered('auditctl', '-a', 'always,e'), ['always,exit', 'always,exclude']);
  t.strictSame(offered('auditctl', '-a', 'always,exit', '-F', 'obj_l'), ['obj_lev_low=', 'obj_lev_high=']);
});

t.test('The files are ones that bash reads', async t => {
  for (const tool of readdirSync(directory)) {
    t.equal(spawnSync('bash', ['-n', join(directory, tool)]).status, 0, tool);
  }
});
