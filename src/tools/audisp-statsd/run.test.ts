import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import t from 'tap';
import { Plugin } from '../../auplugin/plugin.ts';
import { FieldError } from '../../base/errors.ts';
import { parseConfiguration } from './configuration.ts';
import { run } from './run.ts';
import { stateMetrics } from './stateFile.ts';

const STATE = `audit version = 4.2.2
Logging partition free space = 120 MiB
space_left setting = 75 MiB
current plugin queue depth = 3
max plugin queue depth used = 44
glibc arena (total memory) is: 1320 KiB, was: 7 KiB
glibc uordblks (in use memory) is: 900 KiB, was: 0 KiB
glibc fordblks (total free space) is: 420 KiB, was: 0 KiB
`;

const LOG = [
  "type=USER_LOGIN msg=audit(1700000001.000:1): pid=1 uid=0 auid=0 ses=1 msg='op=login res=failed'",
  "type=USER_LOGIN msg=audit(1700000001.000:2): pid=1 uid=0 auid=0 ses=1 msg='op=login res=success'",
  'type=SYSCALL msg=audit(1700000002.000:3): arch=c000003e syscall=59 success=no exit=-13 a0=1 a1=2',
  'type=EOE msg=audit(1700000002.000:3): ',
  'type=AVC msg=audit(1700000003.000:4): avc:  denied  { read } for pid=1 scontext=a tcontext=b tclass=file',
  'type=PROCTITLE msg=audit(1700000003.000:4): proctitle="x"',
  "type=ANOM_LOGIN_FAILURES msg=audit(1700000004.000:5): pid=1 uid=0 auid=0 ses=1 msg='op=x res=success'",
  "type=RESP_ACCT_LOCK msg=audit(1700000004.000:6): pid=1 uid=0 auid=0 ses=1 msg='op=x res=success'",
  '',
].join('\n');

t.test('Every interval one datagram holds all metrics, and the counters begin anew', async t => {
  const file = join(t.testdir({}), 'statsd.conf');
  writeFileSync(file, '# where\naddress = localhost\nport = 8125\ninterval = 15s\n');
  const sent: string[] = [];
  let tick = () => {};
  let seconds = 0;
  const input = new PassThrough();
  let plugin: Plugin | undefined;
  const running = run(file, {
    openSyslog: () => ({ say: (_, text) => t.fail(String(text)) }),
    openPlugin: () => {
      plugin = new Plugin({ input });
      return plugin;
    },
    readState: () => STATE,
    kernelStatus: () => ({ lost: 7, backlog: 2 }),
    send: (message, { address, port }) => sent.push(`${address}:${port}\n${message}`),
    every: (interval, task) => {
      seconds = interval;
      tick = task;
      return () => {
        tick();
        tick();
      };
    },
  });
  input.end(LOG);
  t.equal(await running, 0);
  t.equal(seconds, 15);
  const gauges = `localhost:8125
kernel.lost:7|g
kernel.backlog:2|g
auditd.free_space:120|g
auditd.plugin_current_depth:3|g
auditd.plugin_max_depth:44|g
auditd.total_memory:1320|g
auditd.memory_in_use:900|g
auditd.memory_free:420|g
`;
  t.equal(
    sent[0],
    `${gauges}events.total_count:6|c
events.total_failed:1|c
events.avc_count:1|c
events.fanotify_count:0|c
events.logins_success:1|c
events.logins_failed:1|c
events.anomaly_count:1|c
events.response_count:1|c
`,
  );
  t.match(sent[1], /total_count:0/);
  t.ok(Buffer.byteLength(sent[0] ?? '') < 530);
});

t.test('A report without a line lacks that metric only', async t => {
  t.strictSame(
    [...stateMetrics('glibc arena is: x\nLogging partition free space = 12 MiB\n')],
    [['auditd.free_space', 12]],
  );
});

t.test('What is wrong in the configuration is named', async t => {
  t.strictSame(parseConfiguration('interval = 5m\nport = 1\naddress = 10.0.0.1\n', 'f'), {
    address: '10.0.0.1',
    port: 1,
    intervalSeconds: 300,
  });
  const wrong: [text: string, message: RegExp][] = [
    ['port = 1\n', /^f: expected address, interval$/],
    ['port = 70000\n', /^f:1: port = "70000": expected a port from 1 to 65535$/],
    ['interval = 15 s\n', /^f:1: "interval = 15 s": expected/],
    ['interval = 0s\n', /^f:1: interval = "0s": expected a time/],
    ['\n\ncolour = red\n', /^f:3: colour = "red": expected address, port or interval$/],
  ];
  for (const [text, message] of wrong) {
    t.throws(() => parseConfiguration(text, 'f'), FieldError, text);
    t.throws(() => parseConfiguration(text, 'f'), { message }, text);
  }
});

t.test('Without a configuration the plugin says so and ends', async t => {
  const said: string[] = [];
  const code = await run('/nonexistent/statsd.conf', {
    openSyslog: () => ({ say: (priority, text) => void said.push(`${priority} ${text}`) }),
    openPlugin: () => t.fail('nothing to read') as never,
    readState: () => null,
    kernelStatus: () => null,
    send: () => undefined,
    every: () => () => undefined,
  });
  t.equal(code, 1);
  t.strictSame(said, ['3 /nonexistent/statsd.conf: expected a file that can be read (No such file or directory)']);
});
