import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import t from 'tap';
import { commandFile } from '../src/base/commandFile.ts';

// The command itself: processes, pipes, damaged and live logs. What it prints of good logs is test/conformance's.

const ausearch = commandFile('ausearch');
const directory = mkdtempSync(join(tmpdir(), 'ausearch-'));
t.teardown(() => rmSync(directory, { recursive: true }));

const event = (serial: number, text: string) =>
  `type=USER msg=audit(1700000000.123:${serial}): pid=1 uid=0 auid=1 ses=2 msg='text=${text}'\n`;
const place = (name: string, content: string | Buffer) => {
  const path = join(directory, name);
  writeFileSync(path, content);
  return path;
};
const search = (...words: string[]) =>
  spawnSync(process.execPath, [ausearch, ...words], { encoding: 'latin1', stdio: ['ignore', 'pipe', 'pipe'] });

t.test('Compressed logs are read like others, and a truncated one up to where it ends', async t => {
  const text = Array.from({ length: 5000 }, (_, serial) => event(serial, `t${Math.sin(serial)}`)).join('');
  const whole = gzipSync(text);
  t.equal(search('-if', place('good.gz', whole), '--raw').stdout, text);
  const cut = search('-if', place('cut.gz', whole.subarray(0, whole.length / 2)), '--raw');
  // The last line ends where the data does.
  const lines = cut.stdout.trimEnd().split('\n').slice(0, -1).join('\n');
  t.ok(lines.length > 1000 && text.startsWith(lines), 'what came before is output');
  t.match(cut.stderr, /cut\.gz: compressed data ends early/);
});

t.test('Good records come out of any rubbish', async t => {
  const rubbish = Buffer.from(Array.from({ length: 100_000 }, (_, i) => (i * 7919 + (i >> 3)) & 0xff));
  const log = Buffer.concat([rubbish, Buffer.from(`\n${event(7, 'good')}`), rubbish]);
  const { stdout, status } = search('-if', place('rubbish', log), '--raw', '-a', '7');
  t.equal(stdout, event(7, 'good'));
  t.equal(status, 0);
});

t.test('A line without an end costs itself', async t => {
  const log = Buffer.concat([Buffer.alloc(50 << 20, 'x'), Buffer.from(`\n${event(8, 'good')}`)]);
  t.equal(search('-if', place('long', log), '--raw').stdout, event(8, 'good'));
});

t.test('A reader that goes away ends the output quietly', async t => {
  const log = place('many', event(1, 'x').repeat(200_000));
  const { stderr } = spawnSync('sh', ['-c', `"$0" "$@" | head -1`, process.execPath, ausearch, '-if', log, '--raw'], {
    encoding: 'latin1',
  });
  t.equal(stderr, '');
});

t.test('A followed log is read across a rotation', async t => {
  const log = place('live', event(1, 'first'));
  const child = spawn(process.execPath, [ausearch, '--follow', '--raw', '-if', log], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let output = '';
  const outputHas = async (text: string) => {
    while (!output.includes(text)) {
      const [chunk] = await once(child.stdout, 'data');
      output += String(chunk);
    }
  };
  appendFileSync(log, event(2, 'second'));
  await outputHas('second');
  renameSync(log, `${log}.1`);
  writeFileSync(log, event(3, 'third'));
  await outputHas('third');
  child.kill('SIGINT');
  const [code] = await once(child, 'close');
  t.equal(code, 0);
  t.equal(output, event(1, 'first') + event(2, 'second') + event(3, 'third'));
});

t.test('--stats tells what was read', async t => {
  const { stderr } = search('-if', place('counted', `${event(1, 'x')}rubbish\n${event(2, 'x')}`), '--raw', '--stats');
  t.match(stderr, /^lines: 3$/m);
  t.match(stderr, /^malformed lines: 1$/m);
  t.match(stderr, /^matching events: 2$/m);
});

const locales = mkdtempSync(join(tmpdir(), 'locales-'));
t.teardown(() => rmSync(locales, { recursive: true }));
const isMade = spawnSync('localedef', ['-i', 'de_DE', '-f', 'UTF-8', join(locales, 'de_DE.UTF-8')]).status === 0;
const skip = isMade ? false : 'localedef and its sources are not installed';

t.test('Dates are written and read in the form of the locale', { skip }, async t => {
  const log = place('locale', event(1, 'x'));
  const german = (...words: string[]) =>
    spawnSync(process.execPath, [ausearch, '-if', log, ...words], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { PATH: process.env['PATH'], TZ: 'UTC', LOCPATH: locales, LC_ALL: 'de_DE.UTF-8' },
    });
  t.match(german('-i').stdout, 'msg=audit(14.11.2023 22:13:20.123:1)');
  t.match(german('--format', 'text').stdout, 'At 22:13:20 14.11.2023 ');
  t.match(german('--format', 'csv').stdout, ',14.11.2023,22:13:20,1,');
  t.equal(german('-ts', '14.11.2023', '22:13:20', '--raw').stdout, event(1, 'x'));
  t.equal(german('-ts', '14.11.2023', '22:13:21', '--raw').stdout, '');
});
