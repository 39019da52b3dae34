import t from 'tap';
import { cgroupLimit } from './cgroupLimit.ts';
import type { MemoryFacts, PrivilegeFacts } from './facts.ts';
import { known } from './findings.ts';
import { memoryFindings } from './memory.ts';

const MEGABYTE = 1 << 20;
const sizes = { ringBytes: 256 * MEGABYTE, kernelReceiveBufferBytes: 64 * MEGABYTE };
const good: MemoryFacts = { available: known(2048 * MEGABYTE), cgroup: null, rmemMaxBytes: 212992 };
const root: PrivilegeFacts = { isRoot: true, pidNamespace: null, userNamespace: null, capabilities: -1n };
const noNetAdmin: PrivilegeFacts = { ...root, capabilities: ~(1n << 12n) };
const cgroup = (megabytes: number) => ({ path: '/box', limitBytes: megabytes * MEGABYTE });

t.test('Memory enough gives nothing to say', async t => {
  t.strictSame(memoryFindings(sizes, good, root), []);
  t.strictSame(memoryFindings(sizes, { ...good, cgroup: cgroup(420) }, root), [], 'a limit that fits');
  t.strictSame(memoryFindings(sizes, { ...good, rmemMaxBytes: 64 * MEGABYTE }, noNetAdmin), [], 'a buffer that fits');
  t.strictSame(memoryFindings(sizes, { ...good, rmemMaxBytes: null }, noNetAdmin), []);
  t.strictSame(memoryFindings(sizes, good, { ...noNetAdmin, isRoot: false }), [], 'what a user lacks');
});

const rows: readonly (readonly [string, Partial<MemoryFacts>, PrivilegeFacts, 'problem' | 'advice', RegExp, RegExp])[] =
  [
    [
      'A cgroup that is too small',
      { cgroup: cgroup(256) },
      root,
      'problem',
      /\/box allows 256 MiB.*420 MiB/,
      /MemoryMax=/,
    ],
    ['Little memory', { available: known(300 * MEGABYTE) }, root, 'advice', /300 MiB.*420 MiB/, /\[ring\] size/],
    [
      'Memory that cannot be asked for',
      { available: { kind: 'unknown', reason: 'No such file or directory', needsRoot: false } },
      root,
      'advice',
      /memory could not be checked \(No such file/,
      /reason/,
    ],
    ['A small buffer', {}, noNetAdmin, 'advice', /rmem_max \(212992\)/, /sysctl -w net\.core\.rmem_max=67108864/],
  ];
for (const [name, change, privilege, level, found, remedy] of rows) {
  t.test(`${name} is ${level}`, async t => {
    const findings = memoryFindings(sizes, { ...good, ...change }, privilege);
    t.match(findings, [{ level, subject: 'memory', found, remedy }]);
    t.equal(findings.length, 1);
  });
}

t.test('The tightest limit from the cgroup up counts, in both versions', async t => {
  const machine = (files: Readonly<Record<string, string>>) => cgroupLimit(path => files[path] ?? null);
  t.strictSame(
    machine({
      '/proc/self/cgroup': '0::/a/b\n',
      '/sys/fs/cgroup/a/b/memory.max': 'max\n',
      '/sys/fs/cgroup/a/memory.max': '1000\n',
      '/sys/fs/cgroup/memory.max': '2000\n',
    }),
    { path: '/a', limitBytes: 1000 },
  );
  t.strictSame(
    machine({
      '/proc/self/cgroup': '5:cpu,cpuacct:/x\n4:memory:/y\n0::/\n',
      '/sys/fs/cgroup/memory/y/memory.limit_in_bytes': '3000\n',
      '/sys/fs/cgroup/memory/memory.limit_in_bytes': '9223372036854771712\n',
    }),
    { path: '/y', limitBytes: 3000 },
  );
  t.equal(machine({ '/proc/self/cgroup': '0::/\n', '/sys/fs/cgroup/memory.max': 'max\n' }), null);
  t.equal(machine({}), null);
});
