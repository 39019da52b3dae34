import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t from 'tap';
import { checkLog, type ExpectedLog, isWhole, LogCheck, type LogVerdict } from './logCheck.ts';

const expected: ExpectedLog = { events: 3, key: 'k', isEnriched: true, node: null };
const syscall = (number: number) =>
  `type=SYSCALL msg=audit(1795000000.123:${100 + number}): arch=c000003e syscall=110 a0=${number.toString(16)} a1=0 ` +
  `exe="/x" key="k"\x1dARCH=x86_64\n`;
const title = (number: number) => `type=PROCTITLE msg=audit(1795000000.123:${100 + number}): proctitle="x"\n`;
const event = (number: number) => syscall(number) + title(number);
const start = 'type=DAEMON_START msg=audit(1795000000.000:9): op=start ver=4.2 res=success\n';

function verdictOn(text: string, wanted: ExpectedLog = expected): LogVerdict {
  const check = new LogCheck(wanted);
  check.addFile(Buffer.from(text, 'latin1'));
  return check.verdict();
}

t.test('A whole log has no faults', async t => {
  const verdict = verdictOn(start + event(1) + event(2) + event(3));
  t.ok(isWhole(verdict));
  t.match(verdict, { lines: 7, found: 3, daemonVersion: '4.2' });
});

t.test("Records of others between the load's are no fault", async t => {
  const other = 'type=USER_LOGIN msg=audit(1795000000.123:99): pid=1 msg=\'op=login res=success\'\x1dUID="root"\n';
  t.ok(isWhole(verdictOn(syscall(1) + other + title(50) + title(1) + event(2) + event(3))));
});

t.test('Each fault is seen and named', async t => {
  const whole = event(1) + event(2) + event(3);
  const faults: [fault: string, log: string, counts: Partial<LogVerdict>][] = [
    ['an event is not there', event(1) + event(3), { missing: 1 }],
    ['nothing is there', '', { missing: 3, incomplete: 0 }],
    ['an event is there twice', event(1) + event(2) + event(2) + event(3), { missing: 0, repeated: 2 }],
    ['a PROCTITLE is there twice', event(1) + event(2) + title(2) + event(3), { repeated: 1 }],
    ['events have changed places', event(1) + event(3) + event(2), { missing: 0, disordered: 1 }],
    ['a PROCTITLE is missing', event(1) + syscall(2) + event(3), { missing: 0, incomplete: 1 }],
    ['the last PROCTITLE is missing', event(1) + event(2) + syscall(3), { incomplete: 1 }],
    ['a line has lost its start', whole.replace(/^type=/, 'ype='), { malformed: 1, missing: 1 }],
    ['two records share a line', whole.replace('\n', ''), { malformed: 1, missing: 1 }],
    ['the last line has no end', whole.slice(0, -1), { malformed: 1, incomplete: 1 }],
    ['a line is empty', `${whole}\n`, { malformed: 1 }],
    ['an event was never made', whole + event(4), { malformed: 1, missing: 0 }],
    ['a record has no names', whole.replace('\x1dARCH=x86_64', ''), { malformed: 1, missing: 1 }],
    ['a record has a node', `node=a ${whole}`, { malformed: 1, missing: 1 }],
  ];
  for (const [fault, log, counts] of faults) {
    const verdict = verdictOn(log);
    t.match(verdict, counts, fault);
    t.notOk(isWhole(verdict), fault);
  }
});

t.test('RAW records have no names, and a node stands before each when there is one', async t => {
  const raw = (event(1) + event(2) + event(3)).replaceAll('\x1dARCH=x86_64', '');
  t.ok(isWhole(verdictOn(raw, { ...expected, isEnriched: false })));
  t.equal(verdictOn(event(1) + event(2) + event(3), { ...expected, isEnriched: false }).malformed, 3);
  const named = raw.replaceAll('type=', 'node=here type=');
  t.ok(isWhole(verdictOn(named, { ...expected, isEnriched: false, node: 'here' })));
  t.equal(verdictOn(raw, { ...expected, isEnriched: false, node: 'here' }).malformed, 6);
});

t.test('Archives are read oldest first, and by number', async t => {
  const directory = mkdtempSync(join(tmpdir(), 'node-auditd-log-check-'));
  t.teardown(() => rmSync(directory, { recursive: true }));
  const path = join(directory, 'audit.log');
  writeFileSync(`${path}.10`, event(1));
  writeFileSync(`${path}.9`, syscall(2));
  writeFileSync(path, title(2) + event(3));
  writeFileSync(`${path}.old`, 'not of this log\n');
  t.ok(isWhole(checkLog(path, expected)));
  writeFileSync(`${path}.10`, event(3));
  writeFileSync(path, title(2) + event(1));
  t.match(checkLog(path, expected), { missing: 0, disordered: 2 });
});
