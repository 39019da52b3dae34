import t from 'tap';
import { ERRNO, MemoryFiles } from '../../../test/support/memoryFiles.ts';
import { SaidMessages } from '../../../test/support/saidMessages.ts';
import { listGenerations, removeExcess, shiftGenerations } from './generations.ts';

const LOG = '/var/log/audit/audit.log';

/** A directory in which each file holds its first name, so that one sees where it went. */
function directory(...names: string[]): MemoryFiles {
  const disk = new MemoryFiles('/var/log/audit');
  for (const name of names) disk.put(LOG + name, 'file', name === '' ? 'live' : name);
  return disk;
}

function contents(disk: MemoryFiles): Record<string, string> {
  return Object.fromEntries(disk.names.map(name => [name.slice(LOG.length), disk.text(name)]));
}

function shift(disk: MemoryFiles, keep: number, knowsCompressed = false) {
  return shiftGenerations({ files: disk.process(), logFile: LOG, keep, knowsCompressed });
}

t.test('The live log becomes .1 and every archive one older', async t => {
  const disk = directory('', '.1', '.2');
  t.equal(await shift(disk, 4), 3);
  t.strictSame(contents(disk), { '.1': 'live', '.2': '.1', '.3': '.2' });
});

t.test('Without archives none is moved', async t => {
  const disk = directory('');
  t.equal(await shift(disk, 4), 0);
  t.strictSame(contents(disk), { '.1': 'live' });
});

t.test('Only the oldest goes, and only when all places are taken', async t => {
  const disk = directory('', '.1', '.2', '.3');
  t.equal(await shift(disk, 3), 3);
  t.strictSame(contents(disk), { '.1': 'live', '.2': '.1', '.3': '.2' });
});

t.test('A gap is filled and what lies behind it stays', async t => {
  const disk = directory('', '.1', '.3');
  t.equal(await shift(disk, 3), 2);
  t.strictSame(contents(disk), { '.1': 'live', '.2': '.1', '.3': '.3' });
});

t.test('One archive is replaced', async t => {
  const disk = directory('', '.1');
  t.equal(await shift(disk, 1), 0);
  t.strictSame(contents(disk), { '.1': 'live' });
});

t.test('Without a limit nothing is deleted', async t => {
  const disk = directory('', ...Array.from({ length: 30 }, (_, index) => `.${index + 1}`));
  t.equal(await shift(disk, Number.POSITIVE_INFINITY), 31);
  t.equal(disk.names.length, 31);
  t.equal(disk.text(`${LOG}.31`), '.30');
});

t.test('Names that are no archives are left alone', async t => {
  const others = ['.0', '.01', '.1.bak', '.x', '.1.gz', '.gz', '-1'];
  const disk = directory('', '.1', ...others);
  await shift(disk, 4);
  t.strictSame(
    others.filter(name => disk.text(LOG + name) === name),
    others,
  );
});

t.test('Compressed archives move among the others once they are known', async t => {
  const disk = directory('', '.1', '.2.gz', '.3.gz');
  t.equal(await shift(disk, 3, true), 3);
  t.strictSame(contents(disk), { '.1': 'live', '.2': '.1', '.3.gz': '.2.gz' });
});

t.test('A failure at any call costs no archive but the one that had to go', async t => {
  for (let index = 1; index <= 12; index++) {
    for (const errno of [ERRNO.EIO, ERRNO.EPERM, 28, 30]) {
      const disk = directory('', '.1', '.2', '.3');
      let failed = false;
      disk.fault = call => {
        if (failed || call.index !== index) return 0;
        failed = true;
        return errno;
      };
      try {
        await shift(disk, 3);
      } catch (error) {
        t.match(error, { name: 'ShiftFailure', cause: { errno } });
        await shift(disk, 3);
      }
      t.strictSame(contents(disk), { '.1': 'live', '.2': '.1', '.3': '.2' }, `call ${index}`);
    }
  }
});

t.test('A failure says what could not be moved where', async t => {
  const disk = directory('', '.1');
  disk.fault = call => (call.name === 'rename' && call.path === LOG ? ERRNO.EIO : 0);
  await t.rejects(shift(disk, 3), { message: `cannot move ${LOG} to ${LOG}.1` });
  disk.fault = call => (call.name === 'rename' ? ERRNO.EIO : 0);
  await t.rejects(shift(disk, 3), { message: `cannot move ${LOG} to ${LOG}.1` }, 'the archive had moved before');
  disk.put(`${LOG}.1`, 'file');
  await t.rejects(shift(disk, 3), { message: `cannot move ${LOG}.2 to ${LOG}.3` });
});

t.test('Archives beyond num_logs are removed up to the first that is not there', async t => {
  const disk = directory('', '.1', '.2', '.3', '.4', '.6');
  const messages = new SaidMessages();
  await removeExcess(disk.process(), LOG, 3, false, messages);
  t.strictSame(Object.keys(contents(disk)), ['', '.1', '.2', '.6']);
  t.strictSame(messages.take(), [
    `notice Log ${LOG}.3 removed as it exceeds num_logs parameter`,
    `notice Log ${LOG}.4 removed as it exceeds num_logs parameter`,
  ]);
});

t.test('Generations are listed by number, in both forms only when asked for', async t => {
  const disk = directory('', '.1', '.2.gz', '.3', '.3.gz');
  t.strictSame(
    [...(await listGenerations(disk.process(), LOG, false))],
    [
      [1, ['']],
      [3, ['']],
    ],
  );
  t.strictSame([...(await listGenerations(disk.process(), LOG, true))].length, 3);
});
