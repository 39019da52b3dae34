import { spawn } from 'node:child_process';
import t from 'tap';
import { identifyProcess, waitForExit } from './waitForExit.ts';

t.test('The wait ends when the process does, though nobody has reaped it', async t => {
  const child = spawn('sleep', ['0.2']);
  const { pid = 0 } = child;
  const identity = identifyProcess(pid);
  t.equal(identity.pid, pid);
  const before = Date.now();
  waitForExit(identity);
  t.ok(Date.now() - before >= 100);
});

t.test('A process that is gone, or another under its pid, is not waited for', async t => {
  waitForExit({ pid: process.pid, startTime: 'another' });
  t.equal(identifyProcess(2 ** 22 + 1).startTime, null);
  waitForExit(identifyProcess(2 ** 22 + 1));
});
