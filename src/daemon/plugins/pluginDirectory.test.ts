import { mkdirSync, readdirSync } from 'node:fs';
import t from 'tap';
import { systemFacts } from '../config/systemFacts.ts';
import { scanPluginDirectory } from './pluginDirectory.ts';

const OK = 'active = yes\npath = /sbin/plugin\n';

/** This machine's files, as if they were root's, with one program. */
function factsWith(owners: Record<string, number> = {}, modes: Record<string, number> = {}) {
  const real = systemFacts(() => null);
  return {
    ...real,
    open: (path: string, followsLinks: boolean) => {
      const file = real.open(path, followsLinks);
      const name = path.slice(path.lastIndexOf('/') + 1);
      const stat = () => ({ ...file.stat(), ownerId: owners[name] ?? 0, mode: modes[name] ?? 0o640 });
      return { ...file, stat, read: file.read, close: file.close };
    },
    stat: () => ({ isRegular: true, ownerId: 0, mode: 0o755 }),
    userByName: () => null,
  };
}

const list = (directory: string) => readdirSync(directory);

t.test('Names decide what is a plugin’s file', async t => {
  const directory = t.testdir({
    'b.conf': OK,
    a: OK,
    '.hidden': OK,
    'c.conf.rpmnew': OK,
    'd.txt': OK,
    'off.conf': 'active = no\n',
  });
  const scan = scanPluginDirectory(directory, factsWith(), list);
  t.strictSame(
    scan.plugins.map(({ name }) => name),
    ['a', 'b'],
  );
  t.strictSame(scan.skipped, [
    { name: '.hidden', reason: 'hidden file' },
    { name: 'c.conf.rpmnew', reason: 'backup file' },
    { name: 'd.txt', reason: 'file without .conf suffix' },
  ]);
  t.strictSame(scan.faults, []);
});

t.test('A broken file costs its own plugin, with one error, and the others run', async t => {
  const directory = t.testdir({
    'good.conf': OK,
    'owner.conf': OK,
    'mode.conf': OK,
    'key.conf': `${OK}colour = red\n`,
    'link.conf': t.fixture('symlink', 'good.conf'),
    'nowhere.conf': t.fixture('symlink', 'missing'),
  });
  mkdirSync(`${directory}/folder.conf`);
  const scan = scanPluginDirectory(directory, factsWith({ 'owner.conf': 1000 }, { 'mode.conf': 0o660 }), list);
  t.strictSame(
    scan.plugins.map(({ name }) => name),
    ['good', 'link'],
    'links are followed',
  );
  t.strictSame(scan.broken, ['folder.conf', 'key.conf', 'mode.conf', 'owner.conf']);
  t.strictSame(
    scan.faults.map(({ severity, error }) => `${severity} ${error.message.replace(directory, '')}`),
    [
      'fatal /folder.conf: expected a regular file',
      'fatal /key.conf:3: colour = "red": expected a key that auditd-plugins(5) names',
      'fatal /mode.conf: expected no write permission for its group and others, not mode 0660',
      'warning /nowhere.conf: expected the file to exist; it is skipped',
      'fatal /owner.conf: expected owner root, not uid 1000',
    ],
  );
});

t.test('Two files of one name: the first counts', async t => {
  const directory = t.testdir({ a: OK, 'a.conf': OK });
  const scan = scanPluginDirectory(directory, factsWith(), list);
  t.equal(scan.plugins.length, 1);
  t.strictSame(scan.broken, ['a.conf']);
});

t.test('No directory is no plugins; one that cannot be read is told of', async t => {
  const directory = t.testdir({ file: '' });
  t.strictSame(scanPluginDirectory(`${directory}/none`, factsWith(), list).faults, []);
  const { faults, plugins } = scanPluginDirectory(`${directory}/file`, factsWith(), list);
  t.match(faults[0]?.error.message, /a directory that can be read \(Not a directory\)$/);
  t.strictSame(plugins, []);
});
