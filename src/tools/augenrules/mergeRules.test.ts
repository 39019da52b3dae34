import t from 'tap';
import { HEADER, mergeRules } from './mergeRules.ts';
import { parseOptions } from './options.ts';
import { compareVersions } from './versionOrder.ts';

t.test('Directives move to their places and the last one of each counts', async t => {
  const first = '## head\n-D\n-b 100\n-f 1\n-e 1\n-w /a -p wa\n\n';
  const second = '  # indented\n   -f 2\n-w /b -p wa # kept\r\n  \n-D -k x\n--backlog_wait_time 1\n-i\n';
  t.equal(
    mergeRules([first, second]),
    `${HEADER}\n-D\n-b 100\n   -f 2\n-w /a -p wa\n-w /b -p wa # kept\n  \n-D -k x\n--backlog_wait_time 1\n-i\n-e 1\n`,
  );
});

t.test('Missing directives leave empty lines', async t => {
  t.equal(mergeRules([]), `${HEADER}\n\n\n\n\n`);
  t.equal(mergeRules(['-a task,never']), `${HEADER}\n\n\n\n-a task,never\n\n`);
});

t.test('A file without a final newline does not swallow the next one', async t => {
  t.equal(mergeRules(['-w /a', '-w /b']), `${HEADER}\n\n\n\n-w /a\n-w /b\n\n`);
});

t.test('Directives are known by their beginning', async t => {
  t.equal(mergeRules(['-bar\n-fool\n-eend\n-Dx\n']), `${HEADER}\n\n-bar\n-fool\n-Dx\n-eend\n`);
  t.equal(mergeRules(['\xa0-b 1\n']), `${HEADER}\n\n\n\n\xa0-b 1\n\n`, 'a byte of another character is no space');
});

t.test('Names are ordered by their numbers', async t => {
  const sorted = ['9-b.rules', '10-a.rules', '10-b.rules', '100 c.rules', 'A.rules', 'a.rules', 'a1.rules'];
  t.strictSame([...sorted].reverse().sort(compareVersions), sorted);
  t.strictSame(['a-010.rules', 'a-9.rules', 'a-10.rules'].sort(compareVersions), [
    'a-9.rules',
    'a-010.rules',
    'a-10.rules',
  ]);
});

t.test('Options are known, and atomic goes with load', async t => {
  t.strictSame(parseOptions([]), { isCheck: false, isLoad: false, isAtomic: false });
  t.strictSame(parseOptions(['--load', '--check']), { isCheck: true, isLoad: true, isAtomic: false });
  t.equal(parseOptions(['--atomic']), null);
  t.equal(parseOptions(['-h']), null);
});
