import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t from 'tap';
import { commandFile } from '../../base/commandFile.ts';
import { openAuditControl } from '../../control/openAuditControl.ts';
import { builtInConfig } from '../config/loadAuditdConfig.ts';
import { parseNodeAuditdConfig } from '../config/loadNodeAuditdConfig.ts';
import type { Machine } from './facts.ts';
import { known } from './findings.ts';
import { ThisMachine } from './machineFacts.ts';
import { checkMachine } from './runCheck.ts';

const AUDITD = commandFile('auditd');
const isRoot = process.geteuid?.() === 0;

/** A configuration of its own; for root where every directory down to it is root's. */
class Home {
  readonly directory = mkdtempSync(join(isRoot ? '/var/lib' : tmpdir(), 'node-auditd-check-'));
  readonly run = `${this.directory}/run`;

  constructor(settings = '', nodeSettings = '') {
    mkdirSync(`${this.directory}/log`, { mode: 0o700 });
    mkdirSync(`${this.directory}/plugins.d`, { mode: 0o750 });
    const conf =
      `log_file = ${this.directory}/log/audit.log\nplugin_dir = ${this.directory}/plugins.d\n` +
      'max_log_file = 1\nmax_log_file_action = ROTATE\nnum_logs = 2\nspace_left = 2\nadmin_space_left = 1\n';
    writeFileSync(`${this.directory}/auditd.conf`, conf + settings, { mode: 0o640 });
    const nodeConf = `[daemon]\nrun_directory = ${this.run}\n${nodeSettings}`;
    writeFileSync(`${this.directory}/node-auditd.conf`, nodeConf, { mode: 0o640 });
  }

  check(...args: string[]) {
    const env = { ...process.env, FORCE_COLOR: '1' };
    return spawnSync(process.execPath, [AUDITD, '--check', '-c', this.directory, ...args], { encoding: 'utf8', env });
  }

  remove(): void {
    rmSync(this.directory, { recursive: true });
  }
}

function home(t: { teardown: (end: () => void) => void }, settings = '', nodeSettings = ''): Home {
  const made = new Home(settings, nodeSettings);
  t.teardown(() => made.remove());
  return made;
}

t.test('On this machine it ends with a count, and with the exit code that belongs to it', async t => {
  const { status, stdout, stderr } = home(t).check();
  t.equal(stderr, '');
  t.match(stdout, /^Checked /);
  const [, problems, advice] = /\n(\d+) problems?, (\d+) advice\n$/.exec(stdout) ?? [];
  t.equal(status, Number(problems) > 0 ? 2 : Number(advice) > 0 ? 1 : 0);
  t.equal(stdout.match(/^PROBLEM /gm)?.length ?? 0, Number(problems));
  t.equal(stdout.match(/^ADVICE /gm)?.length ?? 0, Number(advice));
  t.notMatch(stdout, '\u001b', 'no colour in a pipe');
});

t.test('Every fault of both files is a problem with its line, and the exit code is 2', { skip: !isRoot }, async t => {
  const made = home(t, 'nonsense = 1\nflush = sideways\n', '[ring]\nsize = 3M\n');
  const { status, stdout } = made.check();
  t.equal(status, 2);
  for (const fault of ['auditd.conf:8: nonsense', 'auditd.conf:9: flush', 'node-auditd.conf:4: size']) {
    t.match(stdout, new RegExp(`^PROBLEM  configuration: ${made.directory}/${fault} = `, 'm'));
  }
  t.ok(stdout.indexOf('ADVICE') === -1 || stdout.lastIndexOf('PROBLEM') < stdout.indexOf('ADVICE'), 'worst first');
});

t.test('Every fault of every plugin file is a problem with its line', { skip: !isRoot }, async t => {
  const made = home(t);
  const plugin = (name: string, text: string) =>
    writeFileSync(`${made.directory}/plugins.d/${name}`, text, { mode: 0o640 });
  plugin('bad.conf', 'active = yes\npath = /nowhere/at/all\nformat = xml\n');
  plugin('good.conf', 'active = yes\npath = /bin/cat\n');
  plugin('open.conf', 'active = no\npath = /bin/cat\n');
  chmodSync(`${made.directory}/plugins.d/open.conf`, 0o666);
  const { status, stdout } = made.check();
  t.equal(status, 2);
  for (const fault of ['bad.conf:2: path', 'bad.conf:3: format']) {
    t.match(stdout, new RegExp(`^PROBLEM  plugins: ${made.directory}/plugins.d/${fault} = `, 'm'));
  }
  t.match(stdout, /^PROBLEM {2}plugins: .*open\.conf:\s+expected no write\s/m);
  t.notMatch(stdout, 'good.conf');
});

t.test('A log path that the daemon would refuse is a problem', { skip: !isRoot }, async t => {
  const made = home(t);
  symlinkSync(`${made.directory}/log`, `${made.directory}/link`);
  writeFileSync(`${made.directory}/auditd.conf`, `log_file = ${made.directory}/link/audit.log\nspace_left = 1\n`);
  t.match(made.check().stdout, /^PROBLEM {2}permissions: .*\/link, on the way to/m);
});

t.test('-l decides about a link as auditd.conf', { skip: !isRoot }, async t => {
  const made = home(t);
  const linked = home(t);
  rmSync(`${linked.directory}/auditd.conf`);
  symlinkSync(`${made.directory}/auditd.conf`, `${linked.directory}/auditd.conf`);
  t.match(linked.check().stdout, /expected no symbolic link/);
  t.notMatch(linked.check('-l').stdout, /symbolic link/);
});

t.test('A pipe that nobody reads to its end is no fault', async t => {
  const made = home(t);
  const command = `'${process.execPath}' '${AUDITD}' --check -c '${made.directory}' | true`;
  const { stderr, status } = spawnSync('sh', ['-c', command], { encoding: 'utf8' });
  t.equal(stderr, '');
  t.equal(status, 0);
});

t.test('A report that cannot be written is a problem, in one line', async t => {
  const made = home(t);
  const command = `'${process.execPath}' '${AUDITD}' --check -c '${made.directory}' > /dev/full`;
  const { stderr, status } = spawnSync('sh', ['-c', command], { encoding: 'utf8' });
  t.equal(stderr, 'auditd: Cannot write what the check has found (No space left on device)\n');
  t.equal(status, 2);
});

/** Everything below a path: a file that was touched, made, changed or removed shows. */
function snapshot(path: string): string[] {
  if (!existsSync(path)) return [`${path} is not there`];
  const names = readdirSync(path, { recursive: true, encoding: 'utf8' }).sort();
  return [path, ...names.map(name => `${path}/${name}`)].map(name => {
    const { ino, mode, uid, gid, size, mtimeMs, ctimeMs } = lstatSync(name);
    return [name, ino, mode, uid, gid, size, mtimeMs, ctimeMs].join(' ');
  });
}

/** Null where it may not be asked for. */
function kernelState(): unknown {
  try {
    const { control, close } = openAuditControl();
    try {
      const { enabled, failure, pid, rateLimit, backlogLimit, backlogWaitTime } = control.status();
      return [enabled, failure, pid, rateLimit, backlogLimit, backlogWaitTime, control.ruleBytes()];
    } finally {
      close();
    }
  } catch (error) {
    if (error instanceof Error && 'errno' in error) return null; // not root, or no audit here
    throw error;
  }
}

t.test('It changes nothing: no file, no run directory, nothing in the kernel', async t => {
  const made = home(t);
  const state = () => ({ home: snapshot(made.directory), run: snapshot('/run/audit'), kernel: kernelState() });
  const before = state();
  made.check();
  t.strictSame(state(), before);
  t.notOk(existsSync(made.run));
});

t.test('systeminformation is loaded only when it is asked', async t => {
  const { cache } = createRequire(import.meta.url);
  const isLoaded = () => Object.keys(cache).some(path => path.includes('/systeminformation/'));
  t.notOk(isLoaded());
  t.match(await new ThisMachine({ configDirectory: '/none', allowsLinks: false }).memory(), {
    available: known(Number),
  });
  t.ok(isLoaded());
});

t.test('The questions about the kernel are left out where no record comes from it', async t => {
  const asked: string[] = [];
  const never = (what: string) => () => {
    asked.push(what);
    throw new Error(what);
  };
  const looked = { path: '/x', facts: known(null) };
  const machine: Machine = {
    configuration: async () => ({
      isRoot: true,
      auditd: {
        path: 'auditd.conf',
        load: known({
          kind: 'loaded',
          config: { ...builtInConfig(), receivesLocalEvents: false, writesLogs: false },
          faults: [],
        }),
      },
      nodeAuditd: { path: 'node-auditd.conf', load: known(parseNodeAuditdConfig(new Uint8Array(0), '')) },
      mailFault: null,
    }),
    permissions: async () => ({
      configDirectory: looked,
      configFiles: [],
      log: null,
      pluginDirectory: {
        path: '/x',
        facts: known({ path: '/x', kind: 'directory', ownerId: 0, groupId: 0, mode: 0o750 }),
      },
      runDirectory: looked,
      runParentExists: true,
    }),
    plugins: () => ({ isRoot: true, scan: { plugins: [], faults: [], broken: [], skipped: [] } }),
    partition: never('partition'),
    kernel: never('kernel'),
    listeners: never('listeners'),
    privilege: () => ({ isRoot: true, pidNamespace: 1, userNamespace: 1, capabilities: 0n }),
    memory: async () => ({ available: known(2 ** 33), cgroup: null, rmemMaxBytes: 2 ** 30 }),
    describe: never('describe'),
  };
  t.strictSame(await checkMachine(machine), []);
  t.strictSame(asked, []);
});
