import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t from 'tap';
import { runInBackground } from '../../src/daemon/background.ts';

const directory = mkdtempSync(join(tmpdir(), 'background-'));
t.teardown(() => rmSync(directory, { recursive: true }));

function script(text: string): string {
  const path = `${directory}/child.mjs`;
  writeFileSync(path, text);
  return path;
}

t.test('The parent ends with 0 when the child says that it is ready', async t => {
  const child = script(`
    import { writeSync } from 'node:fs';
    writeSync(Number(process.env.NODE_AUDITD_READY_FD), '0\\n');
    setTimeout(() => {}, 1000);
  `);
  t.equal(await runInBackground(child, []), 0);
});

t.test('A child that ends before it is ready gives its exit code', async t => {
  t.equal(await runInBackground(script('process.exit(6)'), []), 6);
});

t.test('A child that is killed before it is ready is a failure, and nobody waits for ever', async t => {
  t.equal(await runInBackground(script('process.kill(process.pid, "SIGKILL")'), []), 1);
});

t.test('The child works in / and gets the arguments', async t => {
  const child = script('process.exit(process.cwd() === "/" && process.argv[2] === "-c" ? 42 : 1)');
  t.equal(await runInBackground(child, ['-c']), 42);
});
