import t from 'tap';
import { parseOptions } from './options.ts';

const parse = (...words: string[]) =>
  parseOptions(words, (given, which) => (given[0] === 'bad' ? { error: `Invalid ${which} date` } : given.length));

t.test('Options are read up to the first error', async t => {
  t.match(parse('-l', '--bogus', '-h'), { kind: 'error', text: '--bogus is an unsupported option\n', hasHelp: true });
  t.match(parse('-l', '-k'), { kind: 'error', text: 'Error - only one report can be specified' });
  t.match(parse('-x', 'word'), { kind: 'error', text: 'Unimplemented option\n', hasHelp: false });
  t.match(parse('-l', 'word'), { kind: 'error', text: 'word is an unsupported option\n' });
  t.match(parse('-i', 'word'), { kind: 'error', text: 'Argument is NOT required for -i\n' });
  t.match(parse('--bogus', '--help'), { kind: 'error' });
  t.match(parse('--help', '--bogus'), { kind: 'help' });
});

t.test('A time takes one word or two, none of which begins with a dash', async t => {
  t.match(parse('-ts', 'today', '-l'), { request: { start: 1 } });
  t.match(parse('-ts', '01/01/26', '10:00', '-te', 'now'), { request: { start: 2, end: 1 } });
  t.match(parse('-te'), { text: '-te requires either date and/or time\n' });
  t.match(parse('-te', 'bad'), { text: 'Invalid end date\n' });
});

t.test('The last of contradicting options counts, and nodes add up', async t => {
  t.match(parse('--failed', '--success'), { request: { result: 'yes' } });
  t.match(parse('--node', 'a', '--node', 'b'), { request: { nodes: ['a', 'b'] } });
});

t.test('A page is a report of its own', async t => {
  t.match(parse('--html', 'x', '--failed'), { request: { html: 'x', result: 'no' } });
  for (const words of [['-x'], ['--summary'], ['--format', 'json']]) {
    t.match(parse('--html', 'x', ...words), { kind: 'error', text: /^--html is a report of its own; / });
  }
});

t.test('Numbers and choices have their bounds', async t => {
  t.match(parse('--eoe-timeout', '0'), { text: 'Illegal value for End of Event Timeout, was 0\n' });
  t.match(parse('--eoe-timeout', '5'), { request: { eoeTimeoutSeconds: 5 } });
  t.match(parse('--format', 'xml'), { text: 'Unknown option (xml)\n' });
  t.match(parse('-if', 'x'.repeat(5000)), { text: `File name is too long ${'x'.repeat(5000)}\n` });
});
