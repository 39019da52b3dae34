import t from 'tap';
import { exitCodeFor, type Finding, worstFirst } from './findings.ts';
import { formatReport, printable, wantsColour } from './report.ts';

const finding = (level: Finding['level'], found = 'found', remedy = 'do it'): Finding => ({
  level,
  subject: 'kernel',
  found,
  why: 'because',
  remedy,
});

t.test('A report is one block a finding, then their count', async t => {
  t.equal(
    formatReport('Linux', [finding('problem', 'one'), finding('advice', 'two')], false),
    `Checked Linux

PROBLEM  kernel: one
    Why: because
    Do:  do it

ADVICE   kernel: two
    Why: because
    Do:  do it

1 problem, 1 advice
`,
  );
  t.equal(formatReport('Linux', [], false), 'Checked Linux\n\n0 problems, 0 advice\n');
});

t.test('Lines are folded between words, and never inside a command', async t => {
  const command = `\`auditctl ${'-x '.repeat(40)}\``;
  const lines = formatReport(
    'Linux',
    [finding('advice', 'word '.repeat(60), `Run ${command}, then rest.`)],
    false,
  ).split('\n');
  t.ok(lines.every(line => line.length <= 100 || line.includes('auditctl')));
  t.ok(lines.some(line => line === `         ${command},`));
});

t.test('Names cannot move the cursor, or turn the text around', async t => {
  t.equal(printable('a\u001b[2Jb\nc\u009b1m\u202ed\u2028é'), 'a\\x1b[2Jb\\x0ac\\x9b1m\\u202ed\\u2028é');
  t.notMatch(formatReport('\u001b', [finding('advice', '\u001b', '\u001b')], false), '\u001b');
});

t.test('Colour is for terminals, unless it is refused', async t => {
  t.match(formatReport('Linux', [finding('problem')], true), '\u001b[1;31mPROBLEM');
  t.equal(wantsColour(true, {}), true);
  t.equal(wantsColour(true, { NO_COLOR: '' }), true);
  t.equal(wantsColour(true, { NO_COLOR: '1' }), false);
  t.equal(wantsColour(true, { TERM: 'dumb' }), false);
  t.equal(wantsColour(false, {}), false);
});

t.test('Problems come first, and decide on the exit code', async t => {
  const [advice, problem] = [finding('advice'), finding('problem')];
  t.strictSame(worstFirst([advice, problem]), [problem, advice]);
  t.equal(exitCodeFor([]), 0);
  t.equal(exitCodeFor([advice]), 1);
  t.equal(exitCodeFor([advice, problem]), 2);
});
