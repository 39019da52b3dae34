import { join } from 'node:path';
import t from 'tap';
import { thisHost } from '../host.ts';
import { runLint } from './runLint.ts';

function lint(...words: string[]): { exit: number; out: string; err: string } {
  const out: string[] = [];
  const err: string[] = [];
  const output = { print: (text: string) => void out.push(text), tell: (text: string) => void err.push(text) };
  const exit = runLint(words, { ...thisHost(), output });
  return { exit, out: out.join(''), err: err.join('') };
}

const directory = t.testdir({
  'bad.rules': '-w relative -k caf\u00e9\n',
  'clean.rules': '-D\n',
  'r\u00e8gles.d': { 'x.rules': '-w relative\n' },
  'rules.d': { '10-a.rules': '-D\n', '20-b.rules': '-w x' },
});

t.test('Findings decide the exit code', async t => {
  t.strictSame(lint(join(directory, 'clean.rules')), { exit: 0, out: '', err: '' });
  const bad = join(directory, 'bad.rules');
  t.strictSame(lint(bad), { exit: 1, out: `${bad}:1: error: The path must start with '/' [bad-line]\n`, err: '' });
  t.match(lint(join(directory, 'rules.d')), { exit: 1, out: /20-b\.rules:1: error: / });
  t.match(lint(join(directory, 'none')), {
    exit: 1,
    out: /none: error: No such file or directory \[unreadable-file\]\n$/,
  });
});

t.test('A directory may have any name', async t => {
  const { exit, out } = lint(Buffer.from(join(directory, 'r\u00e8gles.d')).toString('latin1'));
  t.equal(exit, 1);
  t.match(Buffer.from(out, 'latin1').toString('utf8'), /r\u00e8gles\.d\/x\.rules:1: error: The path must start/);
});

t.test('JSON has every finding with its parts', async t => {
  for (const words of [['--format', 'json'], ['--format=json']]) {
    const { exit, out } = lint(join(directory, 'bad.rules'), ...words);
    t.equal(exit, 1);
    t.strictSame(JSON.parse(out), [
      {
        file: join(directory, 'bad.rules'),
        line: 1,
        severity: 'error',
        check: 'bad-line',
        message: "The path must start with '/'",
      },
    ]);
  }
  t.strictSame(JSON.parse(lint(join(directory, 'clean.rules'), '--format=json').out), []);
});

t.test('Wrong arguments are answered with the right ones', async t => {
  for (const words of [[], ['x', 'y'], ['x', '--format', 'xml'], ['--format', 'json'], ['x', '--format']]) {
    t.match(lint(...words), { exit: 2, out: '', err: /^usage: auditctl --lint / });
  }
});
