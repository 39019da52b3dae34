import { closeSync, linkSync, openSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { logFiles } from './logFiles.ts';

t.test('A write tells how many names its file has after it', async t => {
  const path = join(t.testdir(), 'log');
  const fd = openSync(path, 'a');
  t.teardown(() => closeSync(fd));
  t.strictSame(await logFiles.append(fd, Buffer.from('one\n')), { bytes: 4, links: 1 });
  linkSync(path, `${path}.kept`);
  t.strictSame(await logFiles.append(fd, Buffer.from('second\n').subarray(3)), { bytes: 4, links: 2 });
  t.equal(readFileSync(path, 'utf8'), 'one\nond\n');
  rmSync(path);
  rmSync(`${path}.kept`);
  t.strictSame(await logFiles.append(fd, Buffer.from('x')), { bytes: 1, links: 0 });
});

t.test('A write that fails says why', async t => {
  const fd = openSync('/dev/full', 'a');
  t.teardown(() => closeSync(fd));
  await t.rejects(logFiles.append(fd, Buffer.from('x')), { name: 'SystemError', code: 'ENOSPC', syscall: 'write' });
});
