import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t from 'tap';
import { commandFile } from '../src/base/commandFile.ts';

// docs/guide.md shows commands with their output. Here they are run again.
const docs = join(import.meta.dirname, '../../docs');

const functions = ['ausearch', 'aureport', 'aulast', 'aulastlog', 'ausyscall']
  .map(tool => `${tool}() { '${process.execPath}' '${commandFile(tool)}' "$@"; }`)
  .join('\n');

/** Blanks at the ends of lines are not shown in the guide. */
const shown = (text: string) => text.trimEnd().replace(/[ \t]+$/gm, '');

const guide = readFileSync(join(docs, 'guide.md'), 'utf8');
const examples = [...guide.matchAll(/^```console\n\$ (.*)\n([\s\S]*?)```$/gm)];

const questions = [...guide.matchAll(/^## (.*\?)$/gm)];

// Some of the commands write files.
const directory = mkdtempSync(join(tmpdir(), 'guide-'));
t.teardown(() => rmSync(directory, { recursive: true }));
cpSync(join(docs, 'guide'), directory, { recursive: true });

t.ok(questions.length >= 12 && examples.length >= questions.length, 'the guide answers twelve questions');
for (const [, command = '', output = ''] of examples) {
  t.test(`The guide shows what this prints: ${command}`, async t => {
    const { stdout, stderr } = spawnSync('bash', ['-c', `${functions}\n${command}`], {
      cwd: directory,
      env: { ...process.env, TZ: 'UTC', LC_ALL: 'C' },
      stdio: ['ignore', 'pipe', 'pipe'],
      encoding: 'utf8',
    });
    // Messages about this machine's own configuration are none of the guide's.
    t.equal(stderr.replace(/^Config file .*$\n/gm, ''), '');
    t.equal(shown(stdout), shown(output));
  });
}
