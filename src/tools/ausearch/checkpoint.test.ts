import t from 'tap';
import { formatCheckpoint, parseCheckpoint } from './checkpoint.ts';

const TEXT = 'dev=0xFE00\ninode=2196240\noutput=host1 1700000012.123:4 0x46A\n';

t.test('A checkpoint is read as it is written', async t => {
  const checkpoint = parseCheckpoint(TEXT, 'cp');
  t.strictSame(checkpoint, {
    device: 0xfe00n,
    inode: 2196240n,
    event: { node: 'host1', seconds: 1700000012, milliseconds: 123, serial: 4, type: 0x46a },
  });
  t.equal(formatCheckpoint(checkpoint), TEXT);
});

t.test('A search that met no event is noted as such', async t => {
  t.equal(formatCheckpoint({ device: 1n, inode: 2n, event: null }), 'dev=0x1\ninode=2\noutput=- 0.000:0 0x0\n');
  t.equal(parseCheckpoint('dev=0x1\ninode=2\n', 'cp').event, null);
});

t.test('Everything that is wrong with a checkpoint is said', async t => {
  const complaint = (text: string) => {
    try {
      parseCheckpoint(text, 'cp');
      return '';
    } catch (error) {
      return error instanceof Error ? error.message : '';
    }
  };
  const missing = 'Missing dev/inode lines from checkpoint file cp\n';
  t.equal(complaint(''), missing);
  t.equal(complaint('garbage\n'), `Unknown checkpoint line - [garbage]\n${missing}`);
  t.equal(complaint('dev=x\ninode=2\n'), `Malformed dev checkpoint line - [dev=x]\n${missing}`);
  t.equal(complaint('dev=1\ninode=2\noutput=-\n'), 'Malformed output/event checkpoint line near node - [output=-]\n');
  t.equal(
    complaint('dev=1\ninode=2\noutput=- 12:3\n'),
    'Malformed output/event checkpoint line after node - [output=- 12:3]\n',
  );
});
