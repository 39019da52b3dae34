import t from 'tap';
import {
  abortText,
  configText,
  DaemonRecordStamps,
  endText,
  lossText,
  resumeText,
  rotateText,
  startText,
} from './daemonRecords.ts';

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

t.test('DAEMON_CONFIG, ROTATE and RESUME have the words of the specification', async t => {
  const sender = { auid: 1000, uid: 0, ses: '3', pid: 7, subj: 'unconfined' };
  t.equal(configText('changed', sender), 'op=reconfigure state=changed auid=1000 pid=7 subj=unconfined res=success');
  t.match(configText('changed', { ...sender, subj: null }), 'subj=? res=success');
  t.equal(
    configText('no-change', sender),
    'op=reconfigure state=no-change auid=1000 uid=0 ses=3 pid=7 subj=unconfined res=failed',
  );
  t.equal(configText('no-change', null), 'op=reconfigure state=no-change auid=-1 pid=-1 subj=? res=failed');
  t.equal(rotateText(sender), 'op=rotate-logs auid=1000 uid=0 ses=3 pid=7 subj=unconfined res=success');
  t.equal(rotateText(null), 'op=rotate-logs auid=-1 pid=-1 subj=? res=failed');
  t.equal(resumeText({ ...sender, subj: null }), 'op=resume-logging auid=1000 uid=0 ses=3 pid=7 res=success');
  t.equal(resumeText(null), 'op=resume-logging auid=-1 pid=-1 subj=? res=success');
});

t.test('A loss names each counter that moved and by how much', async t => {
  t.equal(
    lossText([
      { name: 'kernel-lost', by: 3 },
      { name: 'log-discarded', by: 1 },
    ]),
    'op=lost-records kernel-lost=3 log-discarded=1 res=failed',
  );
});
