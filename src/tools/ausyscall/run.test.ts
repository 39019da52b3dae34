import t from 'tap';
import { run } from './run.ts';

function ask(words: string[], machine = 'x86_64') {
  let stdout = '';
  let stderr = '';
  const output = {
    print: (text: string) => {
      stdout += text;
    },
    tell: (text: string) => {
      stderr += `${text}\n`;
    },
  };
  return { exit: run(words, { output, machineName: () => machine }), stdout, stderr };
}

t.test('A number that int cannot hold is cut as C does', async t => {
  t.equal(ask(['4294967298']).stdout, 'open\n');
  t.match(ask(['99999999999']).stderr, 'Unknown syscall 1215752191 using x86_64');
  t.match(ask(['99999999999999999999']).stderr, 'either a syscall name or number');
});

t.test('The name wins over the number, and --dump over both', async t => {
  t.equal(ask(['2', 'openat2']).stdout, 'openat2            437\n');
  t.match(ask(['uring', 'open', '--dump']).stdout, /^Using uring syscall table:\n9\tsendmsg\n/);
});

t.test('A machine without a table says so, unless one is named', async t => {
  t.strictSame(ask(['open'], 'vax'), { exit: 1, stdout: '', stderr: 'Unable to detect machine type\n' });
  t.equal(ask(['i386', '5'], 'vax').stdout, 'open\n');
});

t.test('What is told before a refusal stays told', async t => {
  const deprecated = 'IA64 processor support is deprecated\n';
  t.match(ask(['ia64', 'x', 'y']).stderr, new RegExp(`^${deprecated}Two syscall names not allowed\nusage: `));
  t.equal(ask(['ia64', 'alpha']).stderr, `${deprecated}Alpha processor support is deprecated\n`);
});

t.test('b32 means what it means on the machine', async t => {
  t.equal(ask(['b32', '5']).stdout, 'open\n');
  t.equal(ask(['b32', '--exact', 'openat'], 'aarch64').stdout, '322\n');
});

t.test('--json gives the same answer as one object', async t => {
  t.strictSame(JSON.parse(ask(['--json', 'i386', 'chown']).stdout), {
    arch: 'i386',
    syscalls: [
      { number: 16, name: 'lchown' },
      { number: 95, name: 'fchown' },
      { number: 182, name: 'chown' },
      { number: 198, name: 'lchown32' },
      { number: 207, name: 'fchown32' },
      { number: 212, name: 'chown32' },
      { number: 298, name: 'fchownat' },
    ],
  });
  t.strictSame(JSON.parse(ask(['--json', '--exact', 'MADVISE1', 'i386']).stdout).syscalls, [
    { number: 219, name: 'madvise' },
  ]);
  t.equal(ask(['--json', '99999']).exit, 1);
});
