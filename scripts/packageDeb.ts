// Builds build/node-auditd_VERSION_ARCH.deb: `npm run package:deb`. What an installed machine gets is what
// src/tools/node-auditd/plan.ts says; configuration is put in place by the package's scripts with the same command,
// so that files of an administrator, or of the C auditd before, are never overwritten and dpkg never has to ask.
//
//   packageDeb.js [OUTPUT [xz|none]]
//
// DEBFULLNAME and DEBEMAIL say who builds it, as for Debian's own tools.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  chmodSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { gzipSync } from 'node:zlib';
import { commandFiles } from '../src/base/commandFile.ts';
import { packageDirectory } from '../src/base/packageDirectory.ts';
import { HEADER as GENERATED_RULES } from '../src/tools/augenrules/mergeRules.ts';
import { LICENSE } from '../src/tools/node-auditd/packageFiles.ts';
import { BESIDE, Placement } from '../src/tools/node-auditd/placement.ts';
import { copyPackage, entriesFor, PACKAGE_TARGET } from '../src/tools/node-auditd/run.ts';

process.umask(0o022);
const { version } = JSON.parse(readFileSync(join(packageDirectory, 'package.json'), 'utf8')) as { version: string };
const architecture = execFileSync('dpkg', ['--print-architecture'], { encoding: 'utf8' }).trim();
const [output = join(packageDirectory, `build/node-auditd_${version}_${architecture}.deb`), compression = 'xz'] =
  process.argv.slice(2);
const stage = `${output}.stage`;
const { DEBFULLNAME = 'the node-auditd authors', DEBEMAIL = 'node-auditd@localhost' } = process.env;
const maintainer = `${DEBFULLNAME} <${DEBEMAIL}>`;

rmSync(stage, { recursive: true, force: true });
mkdirSync(join(stage, 'DEBIAN'), { recursive: true });
const entries = entriesFor(packageDirectory);
const placement = new Placement(stage, packageDirectory, PACKAGE_TARGET, new Map());
for (const step of placement.plan(entries.filter(entry => entry.role === 'system')).steps) placement.apply(step);
copyPackage(stage, packageDirectory);
// The interpreter that this package depends on, and not whichever comes first in the caller's PATH: root runs these.
for (const name of new Set(Object.values(commandFiles(packageDirectory)))) {
  const path = join(stage, PACKAGE_TARGET, name);
  writeFileSync(path, readFileSync(path, 'utf8').replace(/^#!\/usr\/bin\/env node\n/, '#!/usr/bin/node\n'));
}
// Relative, as links within /usr are.
for (const entry of entries) {
  if (entry.kind !== 'command') continue;
  const path = join(stage, entry.target);
  unlinkSync(path);
  symlinkSync(relative(dirname(entry.target), join(PACKAGE_TARGET, entry.source)), path);
}
// Debugging symbols are two thirds of the addon. Only programs are executable.
for (const path of filesBelow(join(stage, PACKAGE_TARGET, 'build'))) {
  execFileSync('strip', ['--strip-unneeded', path], { stdio: 'inherit' });
  if (path.endsWith('.node')) chmodSync(path, 0o644);
}
// As Debian's pages are.
for (const path of filesBelow(join(stage, 'usr/share/man'))) {
  writeGzip(`${path}.gz`, readFileSync(path));
  unlinkSync(path);
}

const documents = join(stage, 'usr/share/doc/node-auditd');
mkdirSync(documents, { recursive: true });
writeFileSync(
  join(documents, 'copyright'),
  'Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/\nUpstream-Name: node-auditd\n\n' +
    'Files: *\nCopyright: 2026 the node-auditd authors\nLicense: Apache-2.0\n On Debian systems the text of the licence is in ' +
    '/usr/share/common-licenses/Apache-2.0.\n' +
    filesBelow(join(stage, PACKAGE_TARGET, 'node_modules'))
      .filter(path => LICENSE.test(path))
      .map(npmCopyright)
      .join(''),
);
// What is new is written for operators, not in the form that dpkg reads.
writeGzip(join(documents, 'CHANGELOG.md.gz'), readFileSync(join(packageDirectory, 'CHANGELOG.md'), 'utf8'));
const changed = statSync(join(packageDirectory, 'CHANGELOG.md')).mtime.toUTCString().replace('GMT', '+0000');
writeGzip(
  join(documents, 'changelog.gz'),
  `node-auditd (${version}) unstable; urgency=medium

  * What is new is in CHANGELOG.md.gz, beside this file.

 -- ${maintainer}  ${changed}
`,
);
const overrides = join(stage, 'usr/share/lintian/overrides');
mkdirSync(overrides, { recursive: true });
writeFileSync(
  join(overrides, 'node-auditd'),
  `# Logs and spooled records are root's alone to read, and the actions root's to run, as in the C daemon's packages.
node-auditd: non-standard-dir-perm *[var/log/audit/]
node-auditd: non-standard-dir-perm *[var/spool/audit/]
node-auditd: non-standard-dir-perm *[usr/libexec/initscripts/legacy-actions/auditd/]
node-auditd: non-standard-executable-perm *[usr/libexec/initscripts/legacy-actions/auditd/*]
node-auditd: executable-is-not-world-readable *[usr/libexec/initscripts/legacy-actions/auditd/*]
# An upgrade is taken over by the running daemon; deb-systemd-invoke would restart it, which its unit refuses.
node-auditd: maintainer-script-calls-systemctl *
`,
);

const kilobytes = Number(execFileSync('du', ['-sk', '--exclude=DEBIAN', stage], { encoding: 'utf8' }).split('\t')[0]);
writeFileSync(
  join(stage, 'DEBIAN/control'),
  `Package: node-auditd
Version: ${version}
Architecture: ${architecture}
Maintainer: ${maintainer}
Installed-Size: ${kilobytes}
Depends: nodejs (>= 20.17), libc6, libstdc++6
Conflicts: auditd, audispd-plugins
Replaces: auditd, audispd-plugins
Provides: auditd, audispd-plugins
Section: admin
Priority: optional
Description: Linux audit daemon and its tools, on Node.js
 A drop-in replacement for the audit daemon, its tools and its plugins: the same
 configuration, logs, rules, signals and protocols; no record is lost across a
 crash, a restart or an upgrade.
`,
);
script(
  'preinst',
  `# The daemon that is running has the kernel's audit until it ends: its stop is recorded for whoever asks.
if [ "$1" = install ] && [ -d /run/systemd/system ] && command -v auditctl >/dev/null; then
  auditctl --signal stop 2>/dev/null || true
fi
`,
);
script(
  'postinst',
  `if [ "$1" = configure ]; then
  # Never overwrites a file that somebody changed.
  node-auditd install --configuration
  # The first time only: a unit that somebody disabled stays so.
  if [ -z "$2" ] && command -v systemctl >/dev/null; then
    systemctl enable --quiet auditd.service audit-rules.service || true
  fi
  if [ -d /run/systemd/system ]; then
    systemd-tmpfiles --create /usr/lib/tmpfiles.d/audit.conf || true
    systemctl daemon-reload
    if [ -n "$2" ] && systemctl --quiet is-active auditd.service; then
      # The new version takes over in place: same process, same socket, no record lost.
      auditctl --signal upgrade || true
    elif systemctl --quiet is-enabled auditd.service; then
      systemctl start audit-rules.service auditd.service || true
    fi
  fi
fi
`,
);
script(
  'prerm',
  `if [ "$1" = remove ] && [ -d /run/systemd/system ]; then
  auditctl --signal stop || true
fi
`,
);
const directories = entries
  .filter(entry => entry.role === 'configuration' && entry.kind === 'directory')
  .map(entry => entry.target)
  .reverse();
script(
  'postrm',
  `if [ "$1" = remove ] && [ -d /run/systemd/system ]; then
  systemctl daemon-reload || true
fi
if [ "$1" = purge ]; then
  # What we have put in place, and nothing else: another package may own a file of the same name by now.
  if [ -e /var/lib/node-auditd/install.json ]; then
    sed -n 's|^ "\\(/etc/[^"]*\\)": {$|\\1|p' /var/lib/node-auditd/install.json | while IFS= read -r file; do
      if [ ! -d "$file" ] && ! dpkg-query -S "$file" >/dev/null 2>&1; then rm -f "$file" "$file${BESIDE}"; fi
    done
  fi
  rm -f /var/lib/node-auditd/install.json
  # Whether the units start at boot is configuration too; a link that leads somewhere is another package's.
  for link in /etc/systemd/system/*.wants/auditd.service /etc/systemd/system/*.wants/audit-rules.service; do
    if [ -L "$link" ] && [ ! -e "$link" ]; then rm -f "$link"; fi
  done
  # What augenrules has made of rules.d, where nobody wrote into its place or uses it now.
  for file in /etc/audit/audit.rules /etc/audit/audit.rules.prev; do
    if ! command -v augenrules >/dev/null && head -n 1 "$file" 2>/dev/null | grep -qxF '${GENERATED_RULES}'; then
      rm -f "$file"
    fi
  done
  # Logs, and what is not ours, stay.
  for directory in /var/lib/node-auditd ${directories.join(' ')}; do
    rmdir "$directory" 2>/dev/null || true
  done
fi
`,
);

// What `dpkg --verify` compares with.
const sums = filesBelow(stage).filter(path => !path.startsWith(join(stage, 'DEBIAN/')));
const md5 = (path: string) => createHash('md5').update(readFileSync(path)).digest('hex');
writeFileSync(join(stage, 'DEBIAN/md5sums'), sums.map(path => `${md5(path)}  ${relative(stage, path)}\n`).join(''));

execFileSync('dpkg-deb', ['--root-owner-group', `-Z${compression}`, '--build', stage, output], {
  stdio: ['ignore', 'ignore', 'inherit'],
});
rmSync(stage, { recursive: true });
console.log(`${output}: ${(statSync(output).size / 1048576).toFixed(1)} MiB`);

/** Regular files below a directory, links left out; sorted. */
function filesBelow(directory: string): string[] {
  return readdirSync(directory, { recursive: true, encoding: 'utf8' })
    .map(name => join(directory, name))
    .filter(path => lstatSync(path).isFile())
    .sort();
}

function writeGzip(path: string, contents: string | Uint8Array): void {
  writeFileSync(path, gzipSync(contents, { level: 9 }), { mode: 0o644 });
}

/** What debian/copyright says of the npm package whose licence this is. */
function npmCopyright(path: string): string {
  const directory = dirname(path);
  const { license } = JSON.parse(readFileSync(join(directory, 'package.json'), 'utf8')) as { license: string };
  const text = readFileSync(path, 'utf8').trim();
  const holders = [...text.matchAll(/^ *Copyright (?:\(c\) )?(.+)$/gm)].map(([, holder]) => holder);
  const lines = text.split('\n').map(line => (line.trim() === '' ? ' .' : ` ${line.trimEnd()}`));
  return `\nFiles: ${relative(stage, directory)}/*\nCopyright: ${holders.join('\n ')}\nLicense: ${license}\n${lines.join('\n')}\n`;
}

function script(name: string, body: string): void {
  const path = join(stage, 'DEBIAN', name);
  writeFileSync(path, `#!/bin/sh\nset -e\n${body}exit 0\n`);
  chmodSync(path, 0o755);
}
