import { createHash } from 'node:crypto';
import {
  appendFileSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { packageDirectory } from '../../base/packageDirectory.ts';
import { MANIFEST } from './manifest.ts';
import { type Options, parseOptions, UsageError } from './options.ts';
import { BESIDE, PlacementError } from './placement.ts';
import { PACKAGE_TARGET, run } from './run.ts';

function install(root: string, options: Partial<Options> = {}) {
  const said: string[] = [];
  const complaints: string[] = [];
  const code = run(
    { action: 'install', root, isDryRun: false, isConfigurationOnly: false, ...options },
    {
      packageDirectory,
      say: line => said.push(line),
      complain: line => complaints.push(line),
      command: () => {
        throw new Error('an image starts no commands');
      },
    },
  );
  return { code, said, complaints };
}

const root = (t: Test) => t.testdir({});

t.test('An image gets every command, with its modes, and the package they run from', async t => {
  const image = root(t);
  t.match(install(image), { code: 0, complaints: [] });
  const { bin } = JSON.parse(readFileSync(join(packageDirectory, 'package.json'), 'utf8'));
  for (const name of Object.keys(bin)) {
    const link = [`${image}/usr/sbin/${name}`, `${image}/usr/bin/${name}`].find(path =>
      lstatSync(path, { throwIfNoEntry: false }),
    );
    t.ok(link, name);
    const target = readlinkSync(link ?? '');
    t.ok(target.startsWith(`${PACKAGE_TARGET}/dist/`), target);
    t.equal(statSync(join(image, target)).mode & 0o777, 0o755, `${name} may be executed`);
  }
  const modes: [string, number][] = [
    ['/etc/audit', 0o750],
    ['/etc/audit/auditd.conf', 0o640],
    ['/etc/audit/audit-stop.rules', 0o640],
    ['/etc/libaudit.conf', 0o640],
    ['/etc/audit/rules.d/10-base-config.rules', 0o640],
    ['/var/log/audit', 0o700],
    ['/usr/lib/systemd/system/audit-rules.service', 0o644],
    ['/usr/lib/tmpfiles.d/audit.conf', 0o644],
    ['/usr/libexec/initscripts/legacy-actions/auditd', 0o750],
    ['/usr/libexec/initscripts/legacy-actions/auditd/stop', 0o750],
    ['/usr/share/man/man8/auditd.8', 0o644],
    ['/usr/share/bash-completion/completions/auditctl', 0o644],
    ['/usr/share/audit-rules/30-stig.rules', 0o644],
  ];
  for (const [path, mode] of modes) t.equal(statSync(image + path).mode & 0o777, mode, path);
  t.notOk(existsSync(`${image}/usr/libexec/initscripts/legacy-actions/auditd/README.md`));
  t.ok(existsSync(`${image}${PACKAGE_TARGET}/node_modules/pino/package.json`), 'what the code imports is there');
  t.notOk(existsSync(`${image}${PACKAGE_TARGET}/node_modules/tap`), 'what only tests need is not');
});

t.test('A second installation changes nothing', async t => {
  const image = root(t);
  install(image);
  t.strictSame(install(image).said, []);
});

t.test('A dry run says everything and does nothing', async t => {
  const image = root(t);
  const { code, said } = install(image, { isDryRun: true });
  t.equal(code, 0);
  t.ok(said.some(line => line === `create  ${image}/etc/audit/auditd.conf`));
  t.notOk(existsSync(`${image}/etc`));
});

t.test('An image may begin with nothing', async t => {
  const image = join(root(t), 'new/image');
  t.match(install(image, { isDryRun: true }), { code: 0, complaints: [] });
  t.notOk(existsSync(image));
  t.match(install(image), { code: 0, complaints: [] });
  t.ok(lstatSync(`${image}/usr/sbin/auditd`).isSymbolicLink());
});

t.test('A file that was changed stays, and the new text goes beside it', async t => {
  const image = root(t);
  install(image);
  const file = `${image}/etc/audit/auditd.conf`;
  // As a new version would find it: an older text of ours, then changed by hand.
  const manifest = JSON.parse(readFileSync(image + MANIFEST, 'utf8'));
  manifest['/etc/audit/auditd.conf'].sha256 = '0'.repeat(64);
  writeFileSync(image + MANIFEST, JSON.stringify(manifest));
  appendFileSync(file, 'num_logs = 99\n');
  const changed = readFileSync(file, 'utf8');
  const { said } = install(image);
  t.equal(readFileSync(file, 'utf8'), changed);
  t.ok(existsSync(file + BESIDE));
  t.match(said.join('\n'), /^beside .*auditd\.conf: was changed/m);
});

t.test('A file of ours that nobody changed gets the new text', async t => {
  const image = root(t);
  install(image);
  const unit = `${image}/usr/lib/systemd/system/audit-rules.service`;
  const text = readFileSync(unit, 'utf8');
  writeFileSync(unit, 'an older version\n');
  const manifest = JSON.parse(readFileSync(image + MANIFEST, 'utf8'));
  manifest['/usr/lib/systemd/system/audit-rules.service'].sha256 = createHash('sha256')
    .update('an older version\n')
    .digest('hex');
  writeFileSync(image + MANIFEST, JSON.stringify(manifest));
  install(image);
  t.equal(readFileSync(unit, 'utf8'), text);
});

t.test('Configuration that the administrator removed does not come back', async t => {
  const image = root(t);
  install(image);
  rmSync(`${image}/etc/libaudit.conf`);
  install(image);
  t.notOk(existsSync(`${image}/etc/libaudit.conf`));
});

t.test("Another package's libaudit.conf stays, and is not ours to remove", async t => {
  const image = root(t);
  mkdirSync(`${image}/etc`);
  writeFileSync(`${image}/etc/libaudit.conf`, 'failure_action = log\n');
  t.notMatch(install(image).said.join('\n'), /etc\/libaudit/);
  install(image, { action: 'uninstall' });
  t.equal(readFileSync(`${image}/etc/libaudit.conf`, 'utf8'), 'failure_action = log\n');
});

t.test('A machine with rules gets no others', async t => {
  const image = root(t);
  mkdirSync(`${image}/etc/audit/rules.d`, { recursive: true });
  writeFileSync(`${image}/etc/audit/rules.d/mine.rules`, '-D\n');
  install(image);
  t.notOk(existsSync(`${image}/etc/audit/rules.d/10-base-config.rules`));
});

t.test("Somebody else's command keeps everything from being done", async t => {
  const image = root(t);
  mkdirSync(`${image}/usr/sbin`, { recursive: true });
  writeFileSync(`${image}/usr/sbin/auditd`, 'the C daemon');
  const { code, complaints } = install(image);
  t.equal(code, 1);
  t.match(complaints[0], /usr\/sbin\/auditd: is somebody else's/);
  t.notOk(existsSync(`${image}/etc`), 'nothing was changed');
});

t.test('A link that leads out of the image is refused', async t => {
  const directory = t.testdir({ image: {}, outside: {} });
  const image = join(directory, 'image');
  symlinkSync(join(directory, 'outside'), `${image}/etc`);
  t.throws(() => install(image), PlacementError);
});

t.test('Uninstalling leaves a machine as it was, but for what was changed', async t => {
  const image = root(t);
  install(image);
  appendFileSync(`${image}/etc/audit/auditd.conf`, '# mine\n');
  writeFileSync(`${image}/var/log/audit/audit.log`, 'type=DAEMON_START\n');
  const { code, said } = install(image, { action: 'uninstall' });
  t.equal(code, 0);
  t.match(said.join('\n'), /^leave .*auditd\.conf: was changed/m);
  t.ok(existsSync(`${image}/etc/audit/auditd.conf`));
  t.ok(existsSync(`${image}/var/log/audit/audit.log`), 'logs are never removed');
  for (const path of ['/usr', '/etc/libaudit.conf', '/etc/audit/rules.d', '/var/lib', '/var/spool']) {
    t.notOk(existsSync(image + path), path);
  }
});

t.test('A manifest that is none keeps everything from being done', async t => {
  const image = root(t);
  install(image);
  writeFileSync(image + MANIFEST, '{"/etc/passwd": {"kind": "fil');
  t.throws(() => install(image, { action: 'uninstall' }), { message: /install\.json: expected JSON/ });
  t.ok(existsSync(`${image}/etc/audit/auditd.conf`));
});

t.test('Every argument that is none is named', async t => {
  t.strictSame(parseOptions(['install', '--root', '/mnt', '--dry-run']), {
    action: 'install',
    root: '/mnt',
    isDryRun: true,
    isConfigurationOnly: false,
  });
  for (const words of [[], ['remove'], ['install', '--root'], ['install', '--root', 'here'], ['install', '-n']]) {
    t.throws(() => parseOptions(words), UsageError, words.join(' '));
  }
});
