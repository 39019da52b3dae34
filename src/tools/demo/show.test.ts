import t from 'tap';
import { showLine } from './show.ts';

t.test('A record is shown in columns, its meaning after its fields', async t => {
  const shown = showLine('type=CWD msg=audit(1700000000.123:45): cwd="/"\x1dUID="root"', false);
  t.match(shown, /^\d\d:\d\d:\d\d\.123 #45 +CWD {11}cwd="\/" {2}UID="root"$/);
});

t.test('What a record holds cannot steer the terminal', async t => {
  const shown = showLine('type=CWD msg=audit(1.000:1): a=\x1b[2J\u009b1m', true);
  t.match(shown, 'a=\\x1b[2J\\x9b1m');
  t.equal(showLine('no \x07 record', true), 'no \\x07 record');
});
