import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { packageDirectory } from '../base/packageDirectory.ts';

t.test('A package whose addon was never built says how to build it', async t => {
  const directory = t.testdir();
  for (const room of ['base', 'binding']) {
    mkdirSync(join(directory, 'dist/src', room), { recursive: true });
    cpSync(join(packageDirectory, 'dist/src', room), join(directory, 'dist/src', room), { recursive: true });
  }
  writeFileSync(join(directory, 'package.json'), '{"type": "module"}');
  const { status, stderr } = spawnSync(process.execPath, [join(directory, 'dist/src/binding/addon.js')], {
    encoding: 'utf8',
  });
  t.equal(status, 1);
  t.match(
    stderr,
    `the addon of node-auditd cannot be loaded from ${directory}/build/Release/node_auditd.node: npm rebuild`,
  );
});
