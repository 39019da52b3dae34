import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { commandFile } from '../src/base/commandFile.ts';

// What --help, the manual page and the completion know of the reports' options is the same.

// dist/test/ → the package
const root = join(import.meta.dirname, '../..');

/** `-x` and `--word`, as help and usage name them. */
const namedIn = (text: string) => new Set(text.match(/(?<![\w-])--?[a-z][a-z-]*/g) ?? []);

/** Of mdoc(7): `Fl x`, `Fl -word`, and what follows after a comma. */
function documentedIn(page: string): Set<string> {
  const lines = page.split('\n').filter(line => /^\.(It|Op|Fl) /.test(line));
  return new Set(lines.flatMap(line => line.match(/(?<=(?:Fl|,) )-?[a-z][a-z-]*/g) ?? []).map(name => `-${name}`));
}

for (const tool of ['aureport', 'aulast', 'aulastlog', 'ausyscall']) {
  t.test(`${tool} documents and completes each option of its help`, async t => {
    const { stdout } = spawnSync(process.execPath, [commandFile(tool), '--help'], { encoding: 'utf8' });
    const options = namedIn(stdout);
    t.ok(options.size > 2);
    const documented = documentedIn(readFileSync(join(root, `man/${tool}.8`), 'utf8'));
    const completed = namedIn(readFileSync(join(root, `conf/bash-completion/${tool}`), 'utf8'));
    for (const option of options) {
      t.ok(documented.has(option), `${option} in the manual page`);
      t.ok(completed.has(option), `${option} in the completion`);
    }
  });
}
