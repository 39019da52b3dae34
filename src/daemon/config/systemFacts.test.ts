import { execFileSync } from 'node:child_process';
import { chmodSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { systemFacts } from './systemFacts.ts';

const facts = systemFacts(name => (name === 'adm' ? 4 : null));

t.test('A file is checked and read through one descriptor', async t => {
  const path = join(t.testdir({ file: 'hello' }), 'file');
  chmodSync(path, 0o640);
  const file = facts.open(path, false);
  t.strictSame(file.stat(), { isRegular: true, ownerId: process.getuid?.(), mode: 0o640 });
  t.strictSame(Buffer.from(file.read(3)).toString(), 'hel');
  t.strictSame(Buffer.from(file.read(100)).toString(), 'lo');
  file.close();
  t.strictSame(facts.stat(path).mode, 0o640);
});

t.test('A link opens only when links are followed', async t => {
  const dir = t.testdir({ file: 'hello', link: t.fixture('symlink', 'file') });
  t.throws(() => facts.open(join(dir, 'link'), false), { code: 'ELOOP' });
  facts.open(join(dir, 'link'), true).close();
});

t.test('Neither a FIFO nor a directory is waited for', async t => {
  const dir = t.testdir({});
  execFileSync('mkfifo', [join(dir, 'fifo')]);
  for (const path of [dir, join(dir, 'fifo')]) {
    const file = facts.open(path, false);
    t.notOk(file.stat().isRegular);
    file.close();
  }
});

t.test('An executable is told from other files and from none', async t => {
  const dir = t.testdir({ plain: '', program: '' });
  chmodSync(join(dir, 'program'), 0o755);
  chmodSync(join(dir, 'plain'), 0o644);
  t.ok(facts.isExecutable(join(dir, 'program')));
  t.notOk(facts.isExecutable(join(dir, 'plain')));
  t.notOk(facts.isExecutable(join(dir, 'none')));
});

t.test('Groups come from what was handed in', async t => {
  t.equal(facts.groupByName('adm'), 4);
  t.equal(facts.groupByName('nobody-has-this'), null);
});
