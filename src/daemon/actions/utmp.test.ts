import t from 'tap';
import { terminalsInUse } from './utmp.ts';

const BOOT_TIME = 2;
const USER_PROCESS = 7;
const DEAD_PROCESS = 8;

function entry(type: number, line: string, bytes = 384): Buffer {
  const record = Buffer.alloc(bytes);
  record.writeInt16LE(type, 0);
  record.write(line, 8, 32, 'latin1');
  record.write('somebody', 44, 32, 'latin1');
  return record;
}

t.test('Only terminals that somebody is logged in on count, each once', async t => {
  const utmp = Buffer.concat([
    entry(BOOT_TIME, '~'),
    entry(USER_PROCESS, 'tty1'),
    entry(DEAD_PROCESS, 'pts/0'),
    entry(USER_PROCESS, 'pts/1'),
    entry(USER_PROCESS, 'pts/1'),
    entry(USER_PROCESS, 'a'.repeat(32)),
  ]);
  t.strictSame(terminalsInUse(utmp, 384), ['tty1', 'pts/1', 'a'.repeat(32)]);
  t.strictSame(terminalsInUse(Buffer.concat([entry(USER_PROCESS, 'tty1', 400), entry(7, 'pts/2', 400)]), 400), [
    'tty1',
    'pts/2',
  ]);
});

t.test('A name that leads out of /dev, or is none, is left out', async t => {
  for (const line of ['', '/etc/passwd', '../etc/passwd', 'pts/../../x', 'pts//1', 'a b', '\u001b[2J', 'pts/']) {
    t.strictSame(terminalsInUse(entry(USER_PROCESS, line), 384), [], JSON.stringify(line));
  }
});

t.test('A file that was cut short, and random bytes, give what is whole', async t => {
  const whole = entry(USER_PROCESS, 'tty1');
  t.strictSame(terminalsInUse(Buffer.concat([whole, whole.subarray(0, 383)]), 384), ['tty1']);
  t.strictSame(terminalsInUse(new Uint8Array(), 384), []);
  for (let seed = 1; seed < 200; seed++) {
    const bytes = Uint8Array.from(
      { length: 2000 },
      (_, index) => (Math.imul(seed * 7919 + index, 2654435761) >>> 13) & 255,
    );
    for (const line of terminalsInUse(bytes, 384)) if (line.includes('..')) t.fail(line);
  }
});
