import { PassThrough } from 'node:stream';
import t from 'tap';
import { Plugin } from '../../auplugin/plugin.ts';
import { parseOptions } from './options.ts';
import { run } from './run.ts';

interface Line {
  readonly ident: string;
  readonly facility: number;
  readonly priority: number;
  readonly text: string;
}

async function saidOf(words: readonly string[], log: string | Buffer): Promise<{ code: number; lines: Line[] }> {
  const lines: Line[] = [];
  const input = new PassThrough();
  input.end(log);
  const code = await run(words, {
    openSyslog: (ident, facility) => ({
      say: (priority, text) => {
        lines.push({ ident, facility, priority, text: Buffer.from(text).toString('latin1') });
      },
    }),
    openPlugin: () => new Plugin({ input }),
  });
  return { code, lines };
}

t.test('A record is sent as it is, the byte before its enrichment a blank', async t => {
  const record = 'type=USER msg=audit(1.000:1): pid=1 uid=0\x1dUID="root"';
  const { code, lines } = await saidOf([], Buffer.concat([Buffer.from(record), Buffer.from([0xff, 10])]));
  t.equal(code, 0);
  t.strictSame(lines, [
    {
      ident: 'audisp-syslog',
      facility: 8,
      priority: 6,
      text: 'syslog plugin initialized with facility 8 and priority 6',
    },
    {
      ident: 'audisp-syslog',
      facility: 8,
      priority: 6,
      text: 'type=USER msg=audit(1.000:1): pid=1 uid=0 UID="root"\xff\n',
    },
  ]);
});

t.test('Priority and facility are taken in any order and case; another facility has the name audispd', async t => {
  const { lines } = await saidOf(['log_local1', 'LOG_Warning'], 'type=EOE msg=audit(1.000:1): \n');
  t.strictSame(lines[1], {
    ident: 'audispd',
    facility: 17 << 3,
    priority: 4,
    text: 'type=EOE msg=audit(1.000:1): \n',
  });
});

t.test('A NUL hides nothing', async t => {
  const { lines } = await saidOf([], 'type=USER msg=audit(1.000:1): a\0b\0\n');
  t.equal(lines[1]?.text, 'type=USER msg=audit(1.000:1): a b \n');
});

t.test('A word that is none ends the plugin, and is named', async t => {
  const { code, lines } = await saidOf(['LOG_LOUD'], '');
  t.equal(code, 1);
  t.match(lines[0], { priority: 3, text: 'Unknown log priority/facility LOG_LOUD' });
  t.strictSame(parseOptions(['toString']), { unknown: 'toString' });
});

t.test('Interpreted, a record says what its numbers mean', async t => {
  const zone = process.env['TZ'];
  process.env['TZ'] = 'UTC';
  t.teardown(() => {
    if (zone === undefined) delete process.env['TZ'];
    else process.env['TZ'] = zone;
  });
  const stamp = 'msg=audit(1700000005.123:2)';
  const { lines } = await saidOf(
    ['interpret'],
    [
      `node=h1 type=SYSCALL ${stamp}: arch=c000003e syscall=257 success=no exit=-13 a0=ffffff9c a1=7f a2=241 a3=1b6 uid=0`,
      `node=h1 type=CWD ${stamp}: cwd="/home/u"`,
      `node=h1 type=PATH ${stamp}: item=0 name="../x" mode=0100644`,
      `node=h1 type=SOCKADDR ${stamp}: saddr=02000035C0A80101000000000000000000000000`,
      `node=h1 type=PROCTITLE ${stamp}: proctitle=6C73002D6C`,
      `node=h1 type=EOE ${stamp}: `,
      'no record at all',
      '',
    ].join('\n'),
  );
  t.strictSame(
    lines.slice(1).map(({ text }) => text),
    [
      'node=h1 type=SYSCALL msg=audit(11/14/23 22:13:25) : arch=x86_64 syscall=openat success=no ' +
        'exit=EACCES(Permission denied) a0=AT_FDCWD a1=0x7f a2=O_WRONLY|O_CREAT|O_TRUNC a3=0x1b6 uid=root ',
      'node=h1 type=CWD msg=audit(11/14/23 22:13:25) : cwd=/home/u ',
      'node=h1 type=PATH msg=audit(11/14/23 22:13:25) : item=0 name=/home/x mode=file,644 ',
      'node=h1 type=SOCKADDR msg=audit(11/14/23 22:13:25) : saddr=192.168.1.1 ',
      'node=h1 type=PROCTITLE msg=audit(11/14/23 22:13:25) : proctitle=ls -l ',
    ],
  );
});
