import { appendFileSync } from 'node:fs';
import t from 'tap';
import { KernelLog } from './kernelLog.ts';

t.test('A kernel log that may not be read counts nothing', async t => {
  const log = new KernelLog('/nonexistent/kmsg');
  t.equal(log.count(), null);
  log.close();
});

t.test('Only records that were printed count, and only new ones', async t => {
  const path = `${t.testdir({ kmsg: '5,1,1,-;audit: type=1300 audit(1.000:1): old\n' })}/kmsg`;
  const log = new KernelLog(path);
  t.equal(log.count(), 0);
  // A plain file gives all at once where the device gives one message a read.
  appendFileSync(path, '5,2,2,-;audit: type=1400 audit(2.000:2): a=1\n');
  t.equal(log.count(), 1);
  appendFileSync(path, '5,3,3,-;eth0: audit: type=1400 audit(2.000:2): in another driver\n');
  t.equal(log.count(), 1);
  appendFileSync(path, '5,4,4,-;audit: rate limit exceeded\n');
  t.equal(log.count(), 1);
  log.close();
  appendFileSync(path, '5,5,5,-;audit: type=1400 audit(3.000:3): after the daemon\n');
  t.equal(log.count(), 1, 'the count stays when the log is closed');
  log.close();
});
