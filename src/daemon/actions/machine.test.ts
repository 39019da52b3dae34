import { chmodSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t from 'tap';
import { realMachine } from './machine.ts';

const O_CLOEXEC = 0o2000000;
const directory = mkdtempSync(join(tmpdir(), 'node-auditd-machine-'));
t.teardown(() => rmSync(directory, { recursive: true }));

/** A program that notes in `seen` how it was started. */
function program(name: string, lines: readonly string[]): string {
  const path = join(directory, name);
  writeFileSync(path, ['#!/bin/sh', ...lines, ''].join('\n'));
  chmodSync(path, 0o755);
  return path;
}

t.test('A program gets its arguments, an empty environment, no descriptors, and / to work in', async t => {
  const seen = join(directory, 'seen');
  const path = program('shows', [
    `{ tr '\\0' '\\n' < /proc/$$/cmdline; echo env; tr '\\0' '\\n' < /proc/$$/environ; echo cwd; pwd; echo fds; ls /proc/$$/fd; } > ${seen}`,
  ]);
  t.strictSame(await realMachine.run(path, ['-t', '-froot'], null), { code: 0, signal: null });
  const [all, fds] = readFileSync(seen, 'utf8').split('fds\n');
  // tap follows the processes that a test starts, by what it adds to arguments and environment.
  const given = all?.replace(/^(_TAPJS_|NODE_OPTIONS=).*\n|^\/.*\.test\.js\n/gm, '');
  t.equal(given, `/bin/sh\n${path}\n-t\n-froot\nenv\ncwd\n/\n`); // the kernel puts a script's interpreter before it
  // The shell's own are left out: those of its script and of what it has redirected.
  const unexpected = (fds ?? '').split('\n').filter(fd => !['', '0', '1', '2', '10', '11', '255'].includes(fd));
  t.strictSame(unexpected, inherited(), 'only what the parent was itself given open');
});

/** Descriptors that this process did not open: Node marks its own close-on-exec. */
function inherited(): string[] {
  const closesOnExec = (fd: string) => {
    const flags = /^flags:\s*([0-7]+)$/m.exec(readFileSync(`/proc/self/fdinfo/${fd}`, 'utf8'))?.[1];
    return (Number.parseInt(flags ?? '0', 8) & O_CLOEXEC) !== 0;
  };
  return readdirSync('/proc/self/fd').filter(
    fd => Number(fd) > 2 && existsSync(`/proc/self/fd/${fd}`) && !closesOnExec(fd),
  );
}

t.test('A program gets its standard input whole, and may leave it unread', async t => {
  const seen = join(directory, 'input');
  const text = 'x'.repeat(200_000);
  t.strictSame(await realMachine.run(program('reads', [`cat > ${seen}`]), [], text), { code: 0, signal: null });
  t.equal(readFileSync(seen, 'utf8'), text);
  t.strictSame(await realMachine.run(program('deaf', ['exit 7']), [], text), { code: 7, signal: null });
});

t.test('How a program ended is told, and what cannot be started is an error with its errno', async t => {
  t.strictSame(await realMachine.run(program('dies', ['kill -9 $$']), [], null), { code: null, signal: 'SIGKILL' });
  await t.rejects(realMachine.run(join(directory, 'none'), [], null), { code: 'ENOENT' });
  const plain = join(directory, 'plain');
  writeFileSync(plain, 'no program');
  await t.rejects(realMachine.run(plain, [], 'input'), { code: 'EACCES' });
});

t.test('Executable is what may be executed', async t => {
  const plain = join(directory, 'data');
  writeFileSync(plain, '');
  chmodSync(plain, 0o644);
  t.ok(await realMachine.isExecutable(program('may', [])));
  t.notOk(await realMachine.isExecutable(plain));
  t.notOk(await realMachine.isExecutable(join(directory, 'missing')));
});

t.test('Only terminals are written to, and links are not followed', async t => {
  const file = join(directory, 'file');
  writeFileSync(file, '');
  await realMachine.writeTerminal(file, 'text');
  t.equal(readFileSync(file, 'utf8'), '');
  await realMachine.writeTerminal('/dev/null', 'text');
  await t.rejects(realMachine.writeTerminal('/dev/stdout', 'text'), { code: 'ELOOP' });
});
