import { execFileSync, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import t from 'tap';

// The package that `npm run package:deb` builds, looked at as dpkg sees it; test/boot installs, upgrades and purges it.
const packageDirectory = join(import.meta.dirname, '../..');
const isMissing = spawnSync('dpkg-deb', ['--version']).error !== undefined;

t.test('The Debian package', { skip: isMissing && 'needs dpkg-deb' }, async t => {
  const directory = t.testdir();
  const deb = join(directory, 'node-auditd.deb');
  execFileSync(process.execPath, [join(import.meta.dirname, '../scripts/packageDeb.js'), deb, 'none'], {
    stdio: ['ignore', 'ignore', 'inherit'],
    env: { ...process.env, DEBFULLNAME: 'A Builder', DEBEMAIL: 'builder@example.org' },
  });
  const { bin, version } = JSON.parse(readFileSync(join(packageDirectory, 'package.json'), 'utf8')) as {
    bin: Record<string, string>;
    version: string;
  };
  const dpkg = (...words: string[]) => execFileSync('dpkg-deb', words, { encoding: 'utf8', maxBuffer: 1 << 26 });
  const field = (name: string) => dpkg('--field', deb, name).trim();
  dpkg('--control', deb, join(directory, 'control'));
  dpkg('--extract', deb, join(directory, 'tree'));
  const control = (name: string) => readFileSync(join(directory, 'control', name), 'utf8');
  const file = (path: string) => readFileSync(join(directory, 'tree', path), 'utf8');
  // -rwxr-xr-x root/root  31760 2026-01-01 00:00 ./usr/lib/…, and for a link its target behind ->
  const contents = dpkg('--contents', deb)
    .trimEnd()
    .split('\n')
    .map(line => /^(\S+) (\S+) +\d+ \S+ \S+ \.(\S+)(?: -> (\S+))?$/.exec(line) ?? [line])
    .map(([line = '', mode = '', owner = '', path = '', link = null]) => ({ line, mode, owner, path, link }));

  t.test('takes the place of the C daemon and its plugins', async t => {
    t.equal(field('Package'), 'node-auditd');
    t.equal(field('Version'), version);
    t.match(field('Depends'), /^nodejs \(>= 20\.17\)/);
    for (const name of ['Conflicts', 'Replaces', 'Provides']) t.equal(field(name), 'auditd, audispd-plugins', name);
  });

  t.test('has every command, and the interpreter that it depends on', async t => {
    for (const [name, module] of Object.entries(bin)) {
      const command = contents.find(({ path }) => path === `/usr/sbin/${name}` || path === `/usr/bin/${name}`);
      t.equal(command?.link, `../lib/node-auditd/${module}`, name);
      t.match(file(`usr/lib/node-auditd/${module}`), /^#!\/usr\/bin\/node\n/, name);
    }
  });

  t.test('has the addon, units, pages and rules, and nothing that only tests need', async t => {
    const paths = new Set(contents.map(({ path }) => path));
    for (const path of [
      '/usr/lib/node-auditd/build/Release/node_auditd.node',
      '/usr/lib/node-auditd/build/Release/auditd-keeper',
      '/usr/lib/node-auditd/node_modules/pino/package.json',
      '/usr/lib/systemd/system/auditd.service',
      '/usr/lib/systemd/system/audit-rules.service',
      '/usr/lib/tmpfiles.d/audit.conf',
      '/usr/libexec/initscripts/legacy-actions/auditd/stop',
      '/usr/share/audit-rules/30-stig.rules',
      '/usr/share/bash-completion/completions/auditctl',
      '/usr/share/doc/node-auditd/copyright',
      '/usr/share/man/man8/auditctl.8.gz',
    ]) {
      t.ok(paths.has(path), path);
    }
    t.strictSame(
      [...paths].filter(path => /\.test\.|\/node_modules\/tap\/|\/demo\/|\.map$|\.d\.ts$|\.html$|\/\./.test(path)),
      [],
    );
  });

  t.test('says who built it, and brings the licence of every npm package', async t => {
    t.equal(field('Maintainer'), 'A Builder <builder@example.org>');
    const documents = 'usr/share/doc/node-auditd';
    const changelog = gunzipSync(readFileSync(join(directory, 'tree', documents, 'changelog.gz'))).toString();
    const [first = '', , , , last = ''] = changelog.split('\n');
    t.equal(first, `node-auditd (${version}) unstable; urgency=medium`);
    t.match(last, /^ -- A Builder <builder@example\.org> {2}\w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d \+0000$/);
    const copyright = file(`${documents}/copyright`);
    const packages = contents
      .map(({ path }) => /^\/(usr\/.*\/node_modules\/(?:@[^/]+\/)?[^/]+)\/package\.json$/.exec(path)?.[1])
      .filter(path => path !== undefined);
    t.ok(packages.length > 1);
    for (const path of packages) {
      t.ok(copyright.includes(`\nFiles: ${path}/*\nCopyright: `), path);
      t.ok(
        contents.some(
          entry => /^LICEN[CS]E(\.\w+)?$/.test(entry.path.slice(path.length + 2)) && entry.path.startsWith(`/${path}/`),
        ),
        path,
      );
    }
    t.notMatch(copyright, /^Copyright: *$/m);
  });

  t.test('leaves /etc to its scripts, which overwrite nothing: no file there is its own', async t => {
    t.strictSame(
      contents.filter(({ path }) => path.startsWith('/etc/')).map(({ path }) => path),
      [],
    );
    t.match(control('postinst'), 'node-auditd install --configuration');
    for (const name of ['preinst', 'postinst', 'prerm', 'postrm']) {
      t.equal(spawnSync('sh', ['-n', join(directory, 'control', name)]).status, 0, name);
      t.notMatch(control(name), /rm -[a-z]*r/, `${name} removes no tree`);
    }
    t.notMatch(control('postrm'), '/var/log/audit/', 'logs are never removed');
  });

  t.test("is root's, and nobody else's to write", async t => {
    for (const { line, mode, owner } of contents) {
      t.equal(owner, 'root/root', line);
      if (!mode.startsWith('l')) t.match(mode, /^.{5}-..-./, line);
    }
  });

  t.test('says what each file was when it was made', async t => {
    const sums = control('md5sums').trimEnd().split('\n');
    t.equal(sums.length, contents.filter(({ mode }) => mode.startsWith('-')).length);
    const { status, stdout } = spawnSync('md5sum', ['--check', '--quiet', join(directory, 'control/md5sums')], {
      cwd: join(directory, 'tree'),
      encoding: 'utf8',
    });
    t.equal(status, 0, stdout);
  });
});
