import { spawnSync } from 'node:child_process';
import {
  appendFileSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t from 'tap';
import { commandFile } from '../src/base/commandFile.ts';

// What --index leaves beside logs changes how much is read, never what is printed, whatever became of it meanwhile.

// Some hundred searches, each a process.
t.setTimeout(240_000);

const ausearch = commandFile('ausearch');
const RARE = 4321;

/** A log of some 1.4 MB with one event in it that stands out; its serials begin with `first`. */
function logText(first: number): string {
  let text = '';
  for (let serial = first; serial < first + 4000; serial++) {
    const stamp = `msg=audit(${1_700_000_000 + serial}.000:${serial}):`;
    const [user, key, name] = serial % 4000 === 2000 ? [4242, 'rare', '/etc/rare'] : [1000, 'often', '/etc/often'];
    const pid = serial % 4000 === 2000 ? RARE : 100;
    text +=
      `type=SYSCALL ${stamp} arch=c000003e syscall=${user === 4242 ? 263 : 257} success=yes exit=3 a0=1 a1=2 a2=3 a3=4 ` +
      `items=1 ppid=1 pid=${pid} auid=${user} uid=${user} gid=0 euid=0 suid=0 fsuid=0 egid=0 sgid=0 fsgid=0 tty=pts0 ` +
      `ses=1 comm="x" exe="/bin/${key}" subj=u key="${key}"\n` +
      `type=PATH ${stamp} item=0 name="${name}" inode=1 dev=08:01 mode=0100644 ouid=0 ogid=0 rdev=00:00 nametype=NORMAL\n`;
  }
  return text;
}

const SEARCHES: readonly (readonly string[])[] = [
  ['-k', 'rare', '--raw'],
  ['-k', 'rare', '-i'],
  ['-k', 'nowhere'],
  ['-f', '/etc/rare', '--format', 'csv'],
  ['-x', '/bin/rare', '--format', 'text'],
  ['-ui', '4242', '--format', 'json'],
  ['-p', `${RARE}`],
  ['-sc', '263', '-k', 'rare', '--just-one', '--raw'],
  ['-ts', '11/14/23', '22:13:30', '-te', '11/14/23', '22:13:40', '--raw'],
  ['-a', '2000', '--raw'],
];

class LogSet {
  readonly directory = mkdtempSync(join(tmpdir(), 'ausearch-index-'));
  readonly archives = ['audit.log.2', 'audit.log.1'].map(name => join(this.directory, name));

  constructor() {
    const names = [...this.archives, join(this.directory, 'audit.log')];
    names.forEach((path, i) => {
      writeFileSync(path, logText(4000 * i));
    });
  }

  get indexes(): string[] {
    return readdirSync(this.directory)
      .filter(name => name.startsWith('.'))
      .map(name => join(this.directory, name));
  }

  search(...words: string[]) {
    return spawnSync(process.execPath, [ausearch, '-if', this.directory, ...words], {
      encoding: 'latin1',
      env: { ...process.env, TZ: 'UTC', LC_ALL: 'C' },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
  }

  /** What every search prints, says and exits with. */
  answers(searches: readonly (readonly string[])[] = SEARCHES): string[] {
    return searches.map(words => {
      const { stdout, stderr, status } = this.search(...words);
      return `${status}\n${stdout}\n${stderr}`;
    });
  }

  bytesRead(...words: string[]): number {
    return Number(/^bytes read: (\d+)$/m.exec(this.search('--stats', ...words).stderr)?.[1]);
  }

  /** As --index makes them. */
  index(): this {
    this.search('--index', '-k', 'rare');
    return this;
  }

  remove(): void {
    rmSync(this.directory, { recursive: true });
  }
}

t.test('With indexes a search reads little and finds the same', async t => {
  const set = new LogSet();
  t.teardown(() => set.remove());
  const expected = set.answers();
  const whole = set.bytesRead('-k', 'rare');
  const first = set.search('--index', '-k', 'rare', '--raw');
  t.match(first.stdout, /type=SYSCALL .*:2000\).*\n.*\n.*:6000\)/, 'the search that makes them answers, too');
  t.equal(set.indexes.length, set.archives.length, 'each log that is no longer written has one');
  for (const path of set.indexes) t.equal(statSync(path).mode & 0o777, statSync(set.archives[0] ?? '').mode & 0o777);
  t.strictSame(set.answers(), expected);
  t.ok(set.bytesRead('-k', 'rare') < whole / 2, 'and less is read');
  const made = set.indexes.map(path => statSync(path).mtimeMs);
  set.index();
  t.strictSame(
    set.indexes.map(path => statSync(path).mtimeMs),
    made,
    'what is there is not made again',
  );
});

/** One of each kind of term is enough where all of them are read from one file. */
const FEW = SEARCHES.filter((_, i) => i % 3 === 0);

const HARM: Readonly<Record<string, (set: LogSet, log: string, index: string) => void>> = {
  'a log that has grown': (_, log) => appendFileSync(log, logText(8000)),
  'a log that was cut': (_, log) => truncateSync(log, 100_000),
  'a log of the same size with other text': (_, log) => writeFileSync(log, logText(4000).replace(/rare/g, 'RARE')),
  'a log that was changed in one byte, with its time put back': (_, log) => {
    const { atime, mtime } = statSync(log);
    const text = readFileSync(log, 'latin1');
    writeFileSync(log, text.replace('type=SYSCALL', 'type=SYSCALX'), 'latin1');
    utimesSync(log, atime, mtime);
  },
  'an index that ends early': (_, __, index) => truncateSync(index, statSync(index).size >> 1),
  'an empty index': (_, __, index) => truncateSync(index, 0),
  'an index of other bytes': (_, __, index) => writeFileSync(index, Buffer.alloc(statSync(index).size, 0xa5)),
  'an index with one byte changed': (_, __, index) => {
    const bytes = readFileSync(index);
    const at = bytes.length >> 1;
    bytes[at] = (bytes[at] ?? 0) ^ 1;
    writeFileSync(index, bytes);
  },
};

for (const [name, harm] of Object.entries(HARM)) {
  t.test(`Thrown away: ${name}`, async t => {
    const set = new LogSet().index();
    t.teardown(() => set.remove());
    const [, log = ''] = set.archives;
    const index = set.indexes.find(path => path.endsWith(`-${statSync(log).ino}`)) ?? '';
    t.not(index, '');
    harm(set, log, index);
    const withIndexes = set.answers(FEW);
    t.notOk(set.indexes.includes(index), 'it is gone');
    for (const path of set.indexes) rmSync(path);
    t.strictSame(withIndexes, set.answers(FEW), 'and nothing was found or missed because of it');
  });
}
