import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t from 'tap';
import { readLogConfiguration } from './logConfiguration.ts';

const skip = process.getuid?.() === 0 ? false : 'needs root: auditd.conf must be root’s';
const directory = mkdtempSync(join(tmpdir(), 'log-configuration-'));
t.teardown(() => rmSync(directory, { recursive: true }));

function read(text: string, mode = 0o640) {
  const path = join(directory, 'auditd.conf');
  writeFileSync(path, text);
  chmodSync(path, mode);
  return readLogConfiguration(path);
}

t.test('What concerns logs is read, whatever else the file says', { skip }, async t => {
  t.strictSame(read('log_file = /nowhere/a.log\nmax_log_file = rubbish\nno_such_key = 1\nend_of_event_timeout = 7\n'), {
    logFile: '/nowhere/a.log',
    endOfEventTimeoutSeconds: 7,
    messages: [],
    isBuiltIn: false,
  });
});

t.test('From a timeout that is no number on, what is built in stands', { skip }, async t => {
  t.match(read('end_of_event_timeout = soon\nlog_file = /nowhere/a.log\n'), {
    logFile: '/var/log/audit/audit.log',
    endOfEventTimeoutSeconds: 2,
    messages: ['Value soon should only be numbers - line 1'],
    isBuiltIn: true,
  });
});

t.test('A file that others could have written is not believed', { skip }, async t => {
  t.match(read('log_file = /nowhere/a.log\n', 0o646), {
    logFile: '/var/log/audit/audit.log',
    messages: [/is world writable$/],
    isBuiltIn: true,
  });
});

t.test('Without a file it is as if it said nothing', async t => {
  t.match(readLogConfiguration(join(directory, 'missing')), {
    logFile: '/var/log/audit/audit.log',
    endOfEventTimeoutSeconds: 2,
    messages: [/missing doesn't exist, skipping$/],
    isBuiltIn: false,
  });
  t.match(readLogConfiguration(directory).isBuiltIn, true);
});

t.test('A log that others may write is told of', { skip }, async t => {
  const log = join(directory, 'audit.log');
  writeFileSync(log, '');
  chmodSync(log, 0o646);
  t.strictSame(read(`log_file = ${log}\n`).messages, [`${log} permissions should be 0600 or 0640`]);
});
