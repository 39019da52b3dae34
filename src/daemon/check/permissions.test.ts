import t from 'tap';
import { SystemError } from '../../base/errors.ts';
import type { LogPathFacts, LookedAt, PathFacts, PermissionFacts } from './facts.ts';
import { known } from './findings.ts';
import { permissionFindings } from './permissions.ts';

const at = (path: string, kind: PathFacts['kind'], mode: number, ownerId = 0, groupId = 0): LookedAt => ({
  path,
  facts: known({ path, kind, mode, ownerId, groupId }),
});
const directory = (path: string, mode = 0o750, ownerId = 0) => at(path, 'directory', mode, ownerId);
const missing = (path: string): LookedAt => ({ path, facts: known(null) });
const denied = { kind: 'unknown', reason: 'Permission denied', needsRoot: true } as const;
const LOG = '/var/log/audit/audit.log';
const log: LogPathFacts = {
  refusal: known(null),
  directory: directory('/var/log/audit', 0o700),
  file: at(LOG, 'file', 0o600),
  archives: [{ path: `${LOG}.1`, kind: 'file', ownerId: 0, groupId: 0, mode: 0o400 }],
};
const good: PermissionFacts = {
  configDirectory: directory('/etc/audit'),
  configFiles: [at('/etc/audit/auditd.conf', 'file', 0o640), missing('/etc/audit/node-auditd.conf')],
  log,
  pluginDirectory: directory('/etc/audit/plugins.d'),
  runDirectory: directory('/run/audit', 0o755),
  runParentExists: true,
};
const refused = (errno: number, path: string) => ({
  log: { ...log, refusal: known(new SystemError({ syscall: 'lstat', errno, path })) },
});
const archive = (change: Partial<PathFacts>): PathFacts => ({
  ...{ path: `${LOG}.2`, kind: 'file', ownerId: 0, groupId: 0, mode: 0o400 },
  ...change,
});

t.test('A machine as it should be gives nothing to say', async t => {
  t.strictSame(permissionFindings(good), []);
  t.strictSame(permissionFindings({ ...good, log: null }), [], 'without a log');
  t.strictSame(permissionFindings({ ...good, runDirectory: missing('/run/audit') }), [], 'before the first start');
  t.strictSame(permissionFindings({ ...good, log: { ...log, file: missing(LOG) } }), [], 'before the first record');
});

type Row = readonly [
  name: string,
  change: Partial<PermissionFacts>,
  level: 'problem' | 'advice',
  found: RegExp,
  remedy: RegExp,
];
const rows: readonly Row[] = [
  [
    'A configuration directory that others may write',
    { configDirectory: directory('/etc/audit', 0o777) },
    'advice',
    /\/etc\/audit has mode 0777/,
    /chmod go-w \/etc\/audit/,
  ],
  [
    'A configuration directory of somebody',
    { configDirectory: directory('/etc/audit', 0o750, 1000) },
    'advice',
    /belongs to uid 1000/,
    /chown root \/etc\/audit/,
  ],
  [
    'A configuration file that a group may write',
    { configFiles: [at('/etc/audit/auditd.conf', 'file', 0o660, 0, 4)] },
    'advice',
    /mode 0660: group 4/,
    /chmod g-w \/etc\/audit\/auditd\.conf/,
  ],
  [
    'A log directory that somebody could redirect',
    refused(1, '/var/log'),
    'problem',
    /\/var\/log, on the way to/,
    /chown root \/var\/log/,
  ],
  ['A link on the way to the log', refused(20, '/var/log'), 'problem', /symbolic links are refused/, /log_file/],
  ['A log path that is not plain', refused(22, LOG), 'problem', /no plain absolute path/, /log_file/],
  ['A log directory that is missing', refused(2, '/var/log/audit'), 'problem', /does not exist/, /install -d -m 0700/],
  ['A log directory that cannot be looked at', refused(5, '/var/log'), 'problem', /EIO/, /log_file/],
  [
    'A log directory that may not be looked at',
    { log: { ...log, refusal: denied } },
    'advice',
    /could not be checked: run as root/,
    /as root/,
  ],
  [
    'A log directory that everybody may list',
    { log: { ...log, directory: directory('/var/log/audit', 0o755) } },
    'advice',
    /mode 0755/,
    /chmod o= \/var\/log\/audit/,
  ],
  [
    'A log that is a link',
    { log: { ...log, file: at(LOG, 'link', 0o777) } },
    'problem',
    /symbolic link/,
    /rm \/var\/log\/audit\/audit\.log/,
  ],
  [
    'Archives of somebody',
    { log: { ...log, archives: [archive({ ownerId: 5 }), archive({ path: `${LOG}.3`, ownerId: 5 })] } },
    'problem',
    /\.2 belongs to uid 5, and 1 more/,
    /chown root/,
  ],
  [
    'An archive that is a link',
    { log: { ...log, archives: [archive({ kind: 'link' })] } },
    'problem',
    /no regular file/,
    /Move/,
  ],
  ['No plugin directory', { pluginDirectory: missing('/p') }, 'advice', /\/p, the plugin_dir/, /install -d .* \/p/],
  ['A plugin directory of others', { pluginDirectory: directory('/p', 0o775) }, 'advice', /\/p has mode 0775/, /go-w/],
  [
    'A plugin directory that may not be looked at',
    { pluginDirectory: { path: '/p', facts: denied } },
    'advice',
    /\/p could not be checked: run as root/,
    /as root/,
  ],
  [
    'A run directory that cannot be made',
    { runDirectory: missing('/none/audit'), runParentExists: false },
    'problem',
    /\/none is missing/,
    /run_directory/,
  ],
  [
    'A run directory that is a file',
    { runDirectory: at('/r', 'file', 0o644) },
    'problem',
    /is no directory/,
    /run_dir/,
  ],
  ['A run directory of others', { runDirectory: directory('/r', 0o777) }, 'advice', /\/r has mode 0777/, /go-w/],
];
for (const [name, change, level, found, remedy] of rows) {
  t.test(`${name} is ${level}`, async t => {
    const findings = permissionFindings({ ...good, ...change });
    t.match(findings, [{ level, subject: 'permissions', found, remedy }]);
    t.equal(findings.length, 1);
  });
}

t.test('A path in a command is quoted for the shell where it has to be', async t => {
  const [finding] = permissionFindings({ ...good, pluginDirectory: directory("/a b;'c", 0o777) });
  t.match(finding?.remedy, `chown root '/a b;'\\''c'`);
});
