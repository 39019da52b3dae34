import t from 'tap';
import { abortText, DaemonRecordStamps, endText, startText } from './daemonRecords.ts';

const self = { auid: 4294967295, uid: 0, ses: 4294967295, pid: 42, subj: null };

t.test('Stamps count up from a number below 10,000 and cut milliseconds', async t => {
  const stamps = new DaemonRecordStamps(
    () => 1_700_000_000_007.9,
    () => 0.99999,
  );
  t.equal(stamps.stamp('op=x'), 'audit(1700000000.007:9999): op=x');
  t.equal(stamps.stamp('op=y'), 'audit(1700000000.007:10000): op=y');
});

t.test('A payload is cut at 495 characters', async t => {
  t.equal(new DaemonRecordStamps(() => 0).stamp('x'.repeat(600)).length, 495);
});

t.test('DAEMON_START, END and ABORT have the words of the specification', async t => {
  t.equal(
    startText({ version: '4.2.2', format: 'enriched', kernel: 'k'.repeat(60), self }),
    `op=start ver=4.2.2 format=enriched kernel=${'k'.repeat(56)} auid=4294967295 pid=42 uid=0 ses=4294967295 res=success`,
  );
  t.equal(
    abortText('set-pid', { ...self, subj: 'unconfined' }),
    'op=set-pid auid=4294967295 pid=42 uid=0 ses=4294967295 subj=unconfined res=failed',
  );
  t.equal(
    endText({ auid: 1000, uid: 0, ses: '3', pid: 7, subj: null }),
    'op=terminate auid=1000 uid=0 ses=3 pid=7 res=success',
  );
  t.equal(endText(null), 'op=terminate auid=-1 uid=-1 ses=-1 pid=-1 subj=? res=success');
});
