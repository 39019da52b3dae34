import { chmodSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { RuleFileError, readRuleFile } from './ruleFile.ts';

const directory = t.testdir();
const file = (name: string, content: string): string => {
  const path = join(directory, name);
  writeFileSync(path, content, 'latin1');
  chmodSync(path, 0o640);
  return path;
};

t.test('Every line counts, the last one without a newline too', async t => {
  t.strictSame(readRuleFile(file('plain', '-D\n\n# x\n-b 1')), [
    { number: 1, text: '-D' },
    { number: 2, text: '' },
    { number: 3, text: '# x' },
    { number: 4, text: '-b 1' },
  ]);
  t.strictSame(readRuleFile(file('empty', '')), []);
});

t.test('A NUL ends its line, a carriage return stays', async t => {
  t.strictSame(readRuleFile(file('nul', '-D\0x\n-e 1\r\n')), [
    { number: 1, text: '-D' },
    { number: 2, text: '-e 1\r' },
  ]);
});

t.test('A line longer than 6143 bytes goes on as the next', async t => {
  const lengths = (content: string) => readRuleFile(file('long', content)).map(({ text }) => text.length);
  t.strictSame(lengths(`${'x'.repeat(6142)}\ny\n`), [6142, 1]);
  t.strictSame(lengths(`${'x'.repeat(6143)}\ny\n`), [6143, 0, 1]);
  t.strictSame(lengths(`${'x'.repeat(9000)}\ny`), [6143, 2857, 1]);
});

t.test('A file of 100,000 lines is read whole', async t => {
  const lines = readRuleFile(file('many', '-w /etc/hosts -p wa\n'.repeat(100_000)));
  t.equal(lines.length, 100_000);
  t.strictSame(lines.at(-1), { number: 100_000, text: '-w /etc/hosts -p wa' });
});

t.test('A link is followed', async t => {
  symlinkSync(file('target', '-D\n'), join(directory, 'link'));
  t.equal(readRuleFile(join(directory, 'link')).length, 1);
});

t.test('What is no safe rules file is not read', async t => {
  const open = file('open', '-D\n');
  chmodSync(open, 0o666);
  const refused = (path: string, message: string) => {
    t.throws(() => readRuleFile(path), RuleFileError);
    t.throws(() => readRuleFile(path), { message });
  };
  refused(open, `Error - ${open} is world writable`);
  refused(join(directory, 'none'), `audit rules file ${join(directory, 'none')} doesn't exist`);
  refused(directory, `Error - ${directory} is not a regular file`);
  refused('/dev/null', 'Error - /dev/null is not a regular file');
  refused(join(open, 'x'), `Error opening ${join(open, 'x')} (Not a directory)`);
});
