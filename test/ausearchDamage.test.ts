import { type ChildProcess, spawn } from 'node:child_process';
import { createCipheriv } from 'node:crypto';
import { once } from 'node:events';
import {
  appendFileSync,
  closeSync,
  ftruncateSync,
  mkdtempSync,
  openSync,
  renameSync,
  rmSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import t, { type Test } from 'tap';
import { commandFile } from '../src/base/commandFile.ts';

// Input that wants to harm: every good record comes out, the bad ones are counted, memory stays within the bound that
// holds for any log, and a terminal gets no byte that it would obey.

const MOST_RESIDENT_KILOBYTES = 200_000;
const ausearch = commandFile('ausearch');
const directory = mkdtempSync(join(tmpdir(), 'ausearch-damage-'));
t.teardown(() => rmSync(directory, { recursive: true }));
// At its end the command writes the most memory it had to the descriptor that the test gave it.
const TELL_MEMORY =
  'data:text/javascript,import{writeSync}from"node:fs";' +
  'process.on("exit",()=>writeSync(3,String(process.resourceUsage().maxRSS)))';

interface Ended {
  readonly stdout: string;
  readonly stderr: string;
  readonly status: number | null;
  readonly residentKilobytes: number;
}

const event = (serial: number, text = 'x') =>
  `type=USER msg=audit(1700000000.123:${serial}): pid=1 uid=0 auid=1 ses=2 msg='text=${text}'\n`;

function place(name: string, content: string | Buffer): string {
  const path = join(directory, name);
  writeFileSync(path, content, 'latin1');
  return path;
}

function start(words: readonly string[], output: 'pipe' | 'ignore' = 'pipe'): ChildProcess {
  return spawn(process.execPath, ['--import', TELL_MEMORY, ausearch, ...words], {
    stdio: ['ignore', output, 'pipe', 'pipe'],
  });
}

async function ended(child: ChildProcess): Promise<Ended> {
  const texts = ['', '', '', ''];
  for (const descriptor of [1, 2, 3]) {
    const stream = child.stdio[descriptor];
    if (stream === null || stream === undefined || !('setEncoding' in stream)) continue;
    stream.setEncoding('latin1');
    stream.on('data', chunk => {
      texts[descriptor] += String(chunk);
    });
  }
  const [status] = await once(child, 'close');
  const [, stdout = '', stderr = '', memory = ''] = texts;
  return { stdout, stderr, status, residentKilobytes: Number(memory) };
}

const search = (...words: string[]) => ended(start(words));

/** What the shell writes into a pipe, read as standard input. */
function searchPipe(producer: string, ...words: string[]): Promise<Ended> {
  const child = spawn(
    'sh',
    ['-c', `{ ${producer}; } | "$@"`, 'sh', process.execPath, '--import', TELL_MEMORY, ausearch, ...words],
    { cwd: directory, stdio: ['ignore', 'pipe', 'pipe', 'pipe'] },
  );
  return ended(child);
}

function isBounded(t: Test, { residentKilobytes }: Ended): void {
  t.ok(
    residentKilobytes > 0 && residentKilobytes < MOST_RESIDENT_KILOBYTES,
    `${residentKilobytes} kB of memory are within the bound`,
  );
}

/** Bytes without any pattern, the same in every run. */
function* randomBytes(megabytes: number): Generator<Buffer> {
  const cipher = createCipheriv('aes-128-ctr', Buffer.alloc(16, 7), Buffer.alloc(16));
  const zeros = Buffer.alloc(1 << 20);
  for (let i = 0; i < megabytes; i++) yield cipher.update(zeros);
}

t.test('100 MB of random bytes hide no good record, and are counted', async t => {
  const path = join(directory, 'random');
  const file = openSync(path, 'w');
  let serial = 0;
  let expected = '';
  for (const block of randomBytes(100)) {
    writeSync(file, block);
    writeSync(file, `\n${event(++serial)}`);
    expected += event(serial);
  }
  closeSync(file);
  const found = await search('-if', path, '--raw', '-m', 'USER');
  t.equal(found.stdout, expected);
  t.equal(found.status, 0);
  t.match(found.stderr, /^NOTE - lines in the logs: [1-9][0-9]{5} that are no audit records/m);
  isBounded(t, found);
});

t.test('Random bytes alone match nothing', async t => {
  const found = await search('-if', place('noise', Buffer.concat([...randomBytes(2)])), '-i', '-m', 'USER');
  t.equal(found.stdout, '');
  t.equal(found.status, 1);
  t.match(found.stderr, /^<no matches>$/m);
});

t.test('A line of 1 GB through a pipe costs itself', async t => {
  place('first', event(1));
  place('last', event(2));
  const found = await searchPipe("cat first; head -c 1000000000 /dev/zero | tr '\\0' x; echo; cat last", '--raw');
  t.equal(found.stdout, event(1) + event(2));
  t.equal(found.stderr, 'NOTE - lines in the logs: 1 that are no audit records, 1 longer than 8968 bytes, cut there\n');
  t.equal(found.status, 0);
  isBounded(t, found);
});

t.test('A hole of 1 GB in a file costs its line', async t => {
  const path = place('sparse', event(1));
  truncateSync(path, 1_000_000_000);
  appendFileSync(path, `\n${event(2)}`);
  const found = await search('-if', path, '--raw');
  t.equal(found.stdout, event(1) + event(2));
  t.equal(found.stderr, 'NOTE - lines in the logs: 1 longer than 8968 bytes, cut there\n');
  t.equal(found.status, 0);
  isBounded(t, found);
});

t.test('A compressed log that grows to 1 GB is read in pieces', async t => {
  const member = gzipSync(Buffer.alloc(16 << 20, 'x'));
  const bomb = Buffer.concat([
    gzipSync(event(1)),
    ...Array.from({ length: 64 }, () => member),
    gzipSync(`\n${event(2)}`),
  ]);
  const found = await search('-if', place('bomb.gz', bomb), '--raw');
  t.equal(found.stdout, event(1) + event(2));
  t.match(found.stderr, /1 longer than 8968 bytes/);
  t.equal(found.status, 0);
  isBounded(t, found);
});

t.test('Events of a flood that are complete all at once are not in memory all at once', async t => {
  const line = (serial: number, seconds = 1_700_000_000) =>
    `type=SYSCALL msg=audit(${seconds}.000:${serial}): arch=c000003e syscall=59 success=yes exit=0 a0=1 a1=2 a2=3 a3=4 ` +
    `items=0 ppid=1 pid=2 auid=0 uid=0 gid=0 euid=0 suid=0 fsuid=0 egid=0 sgid=0 fsgid=0 tty=(none) ses=1 comm="x" ` +
    `exe="/bin/${'x'.repeat(200)}" subj=u key="k"\n`;
  const flood = Array.from({ length: 100_000 }, (_, serial) => line(serial)).join('');
  const path = place('flood', flood + line(100_000, 1_700_000_010));
  for (const format of ['json', 'raw', 'interpret']) {
    const found = await ended(start(['-if', path, '--format', format], 'ignore'));
    t.equal(found.status, 0, format);
    isBounded(t, found);
  }
});

t.test('Compressed data that is cut or damaged gives what comes before', async t => {
  const text = Array.from({ length: 5000 }, (_, serial) => event(serial, `t${Math.sin(serial)}`)).join('');
  const whole = gzipSync(text);
  const half = whole.length >> 1;
  const damaged = Buffer.from(whole);
  damaged.fill(0xff, half, half + 64);
  for (const [name, bytes, complaint] of [
    ['cut.gz', whole.subarray(0, half), /^\S+cut\.gz: compressed data ends early/m],
    ['damaged.gz', damaged, /^\S+damaged\.gz: compressed data is damaged/m],
    ['tail.gz', Buffer.concat([whole, Buffer.from('rubbish')]), /^\S+tail\.gz: other bytes follow/m],
  ] as const) {
    const found = await search('-if', place(name, bytes), '--raw');
    const lines = found.stdout.split('\n').slice(0, -2);
    t.ok(lines.length > 1000 && text.startsWith(lines.join('\n')), `${name}: what came before is output`);
    t.match(found.stderr, complaint);
    t.equal(found.status, 0);
  }
});

/** A log of some 60 MB, and a search of it that waits, as nobody takes its output, with most of it still to be read. */
async function searchInProgress(name: string): Promise<{ path: string; text: string; child: ChildProcess }> {
  const line = 'y'.repeat(5000);
  const text = Array.from({ length: 12_000 }, (_, serial) => event(serial + 1, line)).join('');
  const path = place(name, text);
  const child = start(['-if', path, '--raw']);
  const { stdout } = child;
  if (stdout === null) throw new Error('the command has no output');
  await once(stdout, 'readable');
  return { path, text, child };
}

t.test('A log that is truncated while it is read ends early', async t => {
  const { path, text, child } = await searchInProgress('truncated');
  truncateSync(path, 0);
  const found = await ended(child);
  t.equal(found.status, 0);
  t.ok(found.stdout.length < text.length, 'not all of it was read');
  t.ok(text.startsWith(found.stdout.slice(0, found.stdout.lastIndexOf('\n', found.stdout.length - 2) + 1)));
  isBounded(t, found);
});

t.test('A log that is rotated while it is read is read to its end', async t => {
  const { path, text, child } = await searchInProgress('rotated');
  renameSync(path, `${path}.1`);
  writeFileSync(path, event(1, 'of the next log'));
  const found = await ended(child);
  t.equal(found.status, 0);
  t.ok(found.stdout === text, 'all of it, and nothing of its successor');
});

t.test('A followed log that is emptied is read from its start again', async t => {
  const path = place('emptied', event(1, 'before'));
  const child = start(['--follow', '--raw', '-if', path]);
  const end = ended(child);
  let output = '';
  child.stdout?.on('data', chunk => {
    output += String(chunk);
  });
  const outputHas = async (text: string) => {
    while (!output.includes(text)) await new Promise(resolve => child.stdout?.once('data', resolve));
  };
  appendFileSync(path, event(2, 'second'));
  await outputHas('before');
  const file = openSync(path, 'r+');
  ftruncateSync(file, 0);
  closeSync(file);
  appendFileSync(path, event(3, 'after'));
  await outputHas('after');
  child.kill('SIGINT');
  const { status, stdout } = await end;
  t.equal(status, 0);
  t.ok(stdout.startsWith(event(1, 'before')) && stdout.endsWith(event(3, 'after')));
});

/** What a terminal gets of both outputs of the command. */
async function onTerminal(words: readonly string[]): Promise<string> {
  const quoted = [process.execPath, ausearch, ...words].map(word => `'${word.replaceAll("'", "'\\''")}'`);
  const script = place('terminal.sh', Buffer.from(`exec ${quoted.join(' ')}\n`));
  // Its input stays open: at its end script(1) would show what it makes of that.
  const child = spawn('script', ['-qec', `sh ${script}`, '/dev/null'], { stdio: ['pipe', 'pipe', 'inherit'] });
  let shown = '';
  child.stdout.setEncoding('latin1').on('data', chunk => {
    shown += String(chunk);
  });
  await once(child, 'close');
  return shown;
}

t.test('A terminal obeys nothing of a log or of its name', async t => {
  const ESC = '\x1b';
  const CSI = '\xc2\x9b'; // U+009B, which is ESC [ for many terminals
  const nasty = `${ESC}]0;owned\x07${ESC}[2J${CSI}31m\x7f\x08`;
  const coded = Buffer.from(nasty, 'latin1').toString('hex').toUpperCase();
  const stamp = 'msg=audit(1700000000.123:9):';
  const log =
    `type=SYSCALL ${stamp} arch=c000003e syscall=2 success=no exit=-2 a0=7f a1=1b6 a2=42 a3=0 items=1 ppid=10 pid=300 ` +
    `auid=1001 uid=5 gid=6 euid=7 suid=8 fsuid=9 egid=11 sgid=12 fsgid=13 tty=${nasty} ses=3 comm=${coded} ` +
    `exe=${coded} subj=${nasty} key=${coded}\x1dAUID="${nasty}" UID="${nasty}"\n` +
    `type=CWD ${stamp} cwd=${coded}\n` +
    `type=PATH ${stamp} item=0 name=${coded} inode=9 dev=08:01 mode=0100644 ouid=0 ogid=0 rdev=00:00 ` +
    `obj=${nasty} nametype=${nasty}\n` +
    `type=PROCTITLE ${stamp} proctitle=${coded}\n` +
    `type=USER_LOGIN msg=audit(1700000000.123:10): pid=1 uid=0 auid=1 ses=2 msg='op=${nasty} acct="${nasty}" ` +
    `exe="/x" hostname=${nasty} addr=? terminal=${nasty} res=failed'\n` +
    `type=USER msg=audit(1700000000.1234:${ESC}[2J): stamp\n` +
    `type=${nasty} ${nasty}\n`;
  const path = place(`evil${ESC}[31m\x07.log`, Buffer.from(log, 'latin1'));
  const formats = [[], ['-i'], ['--raw'], ...['csv', 'text', 'json', 'interpret'].map(name => ['--format', name])];
  for (const format of formats) {
    for (const more of [[], ['--escape', 'raw', '--debug']]) {
      const shown = await onTerminal(['-if', path, ...format, ...more]);
      const obeyed = /[\x00-\x09\x0b\x0c\x0e-\x1f\x7f]|\xc2[\x80-\x9f]/.exec(shown);
      t.equal(obeyed, null, `${JSON.stringify([...format, ...more])}: no byte that is obeyed`);
      t.match(shown, 'owned', 'but the rest of the text');
    }
  }
  const cut = place(`evil${ESC}[31m.gz`, gzipSync(log).subarray(0, 200));
  for (const words of [['-if', cut], ['-if', `${path}${ESC}c`], [`--${nasty}`], ['-m', nasty], ['-ts', nasty]]) {
    const shown = await onTerminal(words);
    t.notMatch(shown, /[\x00-\x09\x0b\x0c\x0e-\x1f\x7f]/, `${JSON.stringify(words[0])}: a message does neither`);
    t.not(shown, '', 'and there is one');
  }
});
