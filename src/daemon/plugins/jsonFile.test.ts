import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { SaidMessages } from '../../../test/support/saidMessages.ts';
import { addon } from '../../binding/addon.ts';
import { FilePlugin } from '../../sinks/dispatch/filePlugin.ts';
import { JsonPlugin } from '../../sinks/dispatch/jsonPlugin.ts';
import { Batch } from '../../sinks/dispatch/slabs.ts';
import { openAppended } from './appendedFile.ts';

t.test('Records reach a file as one JSON object an event', async t => {
  const path = join(t.testdir({ 'events.json': '{"version":1,"torn' }), 'events.json');
  const messages = new SaidMessages();
  const target = new FilePlugin({
    name: 'json',
    path,
    mode: 0o640,
    limit: 1000,
    open: openAppended,
    messages,
    now: () => performance.now(),
    pause: () => new Promise(resolve => setImmediate(resolve)),
    onOverflow: () => t.fail('there is room'),
  });
  const plugin = new JsonPlugin({
    target,
    lines: new addon.JsonFeed(2),
    limit: 1000,
    wallSeconds: () => 1700000100,
    every: () => () => undefined,
    onOverflow: () => t.fail('there is room'),
  });
  await plugin.start();
  const stamp = 'msg=audit(1700000000.123:45):';
  const records = [
    `type=SYSCALL ${stamp} arch=c000003e syscall=59 success=yes exit=0 a0=1 a1=2 a2=3 a3=4 items=1 ppid=1 pid=2 auid=1000 uid=0 gid=0 euid=0 suid=0 fsuid=0 egid=0 sgid=0 fsgid=0 tty=pts0 ses=3 comm="cat" exe="/usr/bin/cat" key="k"\x1dAUID="alice"`,
    `type=EXECVE ${stamp} argc=2 a0="cat" a1=636166E9`,
    `type=EOE ${stamp} `,
    `type=SYSCALL msg=audit(1700000001.000:46): arch=c000003e syscall=257 success=no exit=-13 a0=1 a1=2`,
  ];
  for (const record of records) {
    const batch = new Batch(Buffer.from(`${record}\n`), 1);
    plugin.offer(batch);
    batch.release();
  }
  await plugin.stop();
  const [torn, first, second, end] = readFileSync(path, 'utf8').split('\n');
  t.equal(torn, '{"version":1,"torn', 'what a crash has left keeps its line to itself');
  t.match(JSON.parse(first ?? ''), {
    version: 1,
    id: '1700000000.123:45',
    type: 'SYSCALL',
    result: 'success',
    argv: ['cat', 'caf\ufffd'],
    not_utf8: [{ at: '/argv/1', base64: 'Y2Fm6Q==' }],
    keys: ['k'],
    records: [{ type: 'SYSCALL', interpreted: { syscall: 'execve', auid: 'alice' } }, { type: 'EXECVE' }],
  });
  t.match(JSON.parse(second ?? ''), { serial: 46, result: 'failed' });
  t.equal(end, '');
  t.strictSame(messages.said, []);
});

t.test('Only a regular file is written to', async t => {
  const directory = t.testdir({ real: '' });
  symlinkSync(join(directory, 'real'), join(directory, 'link'));
  mkdirSync(join(directory, 'directory'));
  await t.rejects(openAppended(join(directory, 'link'), 0o640), { code: 'ELOOP' });
  await t.rejects(openAppended(join(directory, 'directory'), 0o640), { code: 'EISDIR' });
  await t.rejects(openAppended(join(directory, 'missing/file'), 0o640), { code: 'ENOENT' });
  writeFileSync(join(directory, 'whole'), 'a\n');
  const file = await openAppended(join(directory, 'whole'), 0o640);
  t.equal(await file.write([Buffer.from('xb'), Buffer.from('c\n')], 1), 3);
  await file.close();
  t.equal(readFileSync(join(directory, 'whole'), 'utf8'), 'a\nbc\n');
});
