import t from 'tap';
import { FieldError, isErrno, reasonOf, SystemError } from './errors.ts';

t.test('A FieldError prints file, line, key, value and what was expected', async t => {
  const error = new FieldError({
    file: 'auditd.conf',
    line: 14,
    field: 'space_left',
    value: '-3',
    expected: 'megabytes',
  });
  t.equal(error.message, 'auditd.conf:14: space_left = "-3": expected megabytes');
});

t.test('A SystemError names the call, the path and the reason in the words of strerror', async t => {
  const error = new SystemError({ syscall: 'rename', errno: 28, path: '/a' });
  t.equal(error.message, 'rename /a: ENOSPC (No space left on device)');
  t.equal(error.code, 'ENOSPC');
  t.ok(isErrno(error, 'ENOSPC'));
  t.notOk(isErrno(error, 'EIO'));
  t.equal(reasonOf(error), 'No space left on device');
});

t.test('An errno that no table knows keeps its number', async t => {
  t.match(new SystemError({ syscall: 'x', errno: 9999, path: null }).message, /^x: errno 9999/);
});
