import { readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { MANIFEST } from './manifest.ts';

/** Who a file belongs to once it is there: the administrator may change `configuration`, and keeps what was changed. */
export type Role = 'system' | 'configuration';

/** Something to put in place. Targets are absolute, as on the installed machine. */
export type Entry =
  | { readonly kind: 'directory'; readonly role: Role; readonly target: string; readonly mode: number }
  | {
      readonly kind: 'file';
      readonly role: Role;
      readonly target: string;
      readonly mode: number;
      /** Below the package's own directory. */
      readonly source: string;
      /** Only where no file of this directory has the ending of `target`: the first rules of a machine without any. */
      readonly onlyIfNoneIn?: string;
      /** Another package may bring it: whatever is there stays, without a word. */
      readonly onlyIfAbsent?: boolean;
    }
  | {
      readonly kind: 'command';
      readonly role: 'system';
      readonly target: string;
      /** Below the package's own directory: what the symbolic link points to. */
      readonly source: string;
    };

/** Commands that an ordinary user runs; all others are for root and live in sbin, as those of the reference. */
const USER_COMMANDS = new Set(['aulast', 'aulastlog', 'ausyscall', 'node-auditd']);

const COMPLETIONS = '/usr/share/bash-completion/completions';
const LEGACY_ACTIONS = '/usr/libexec/initscripts/legacy-actions/auditd';

/**
 * Everything that a machine gets, directories first. Files are found by listing the package, so none is forgotten.
 *
 * @param packageDirectory  Where package.json lies.
 * @param commands          package.json's `bin`: command → file below the package's directory.
 */
export function installationPlan(packageDirectory: string, commands: Readonly<Record<string, string>>): Entry[] {
  const list = (directory: string, ending = '') =>
    readdirSync(join(packageDirectory, directory), { withFileTypes: true })
      .filter(item => item.isFile() && item.name.endsWith(ending) && item.name !== 'README.md')
      .map(item => item.name)
      .sort();
  const directory = (target: string, mode: number, role: Role = 'system'): Entry => ({
    kind: 'directory',
    role,
    target,
    mode,
  });
  const file = (source: string, target: string, mode: number, role: Role = 'system'): Entry => ({
    kind: 'file',
    role,
    target,
    mode,
    source,
  });
  const configuration = (name: string, target: string) => file(`conf/${name}`, target, 0o640, 'configuration');
  return [
    directory('/etc/audit', 0o750, 'configuration'),
    directory('/etc/audit/plugins.d', 0o750, 'configuration'),
    directory('/etc/audit/rules.d', 0o750, 'configuration'),
    directory('/var/log/audit', 0o700),
    directory('/var/spool/audit', 0o700),
    directory(dirname(MANIFEST), 0o755),
    directory(LEGACY_ACTIONS, 0o750),
    directory('/usr/share/audit-rules', 0o755),
    ...Object.entries(commands)
      .sort()
      .map(
        ([name, source]): Entry => ({
          kind: 'command',
          role: 'system',
          target: `/usr/${USER_COMMANDS.has(name) ? 'bin' : 'sbin'}/${name}`,
          source,
        }),
      ),
    ...list('systemd', '.service').map(name => file(`systemd/${name}`, `/usr/lib/systemd/system/${name}`, 0o644)),
    file('systemd/tmpfiles.conf', '/usr/lib/tmpfiles.d/audit.conf', 0o644),
    ...list('legacy-actions').map(name => file(`legacy-actions/${name}`, `${LEGACY_ACTIONS}/${name}`, 0o750)),
    ...list('man').map(name => file(`man/${name}`, `/usr/share/man/man${name.slice(-1)}/${name}`, 0o644)),
    ...list('conf/bash-completion').map(name => file(`conf/bash-completion/${name}`, `${COMPLETIONS}/${name}`, 0o644)),
    ...list('conf/rules', '.rules').map(name => file(`conf/rules/${name}`, `/usr/share/audit-rules/${name}`, 0o644)),
    file('conf/rules/README.md', '/usr/share/audit-rules/README.md', 0o644),
    // A file of /etc/audit for each in conf/, and one in plugins.d for each in conf/plugins.d.
    ...list('conf', '.conf')
      .filter(name => name !== 'libaudit.conf')
      .map(name => configuration(name, `/etc/audit/${name}`)),
    configuration('audit-stop.rules', '/etc/audit/audit-stop.rules'),
    {
      kind: 'file',
      role: 'configuration',
      source: 'conf/libaudit.conf',
      target: '/etc/libaudit.conf',
      mode: 0o640,
      onlyIfAbsent: true,
    },
    ...list('conf/plugins.d', '.conf').map(name => configuration(`plugins.d/${name}`, `/etc/audit/plugins.d/${name}`)),
    {
      kind: 'file',
      role: 'configuration',
      source: 'conf/rules/10-base-config.rules',
      target: '/etc/audit/rules.d/10-base-config.rules',
      mode: 0o640,
      onlyIfNoneIn: '/etc/audit/rules.d',
    },
  ];
}
