import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import t from 'tap';
import { DaemonProcess } from '../support/daemonProcess.ts';

const sample = fileURLToPath(new URL('../../../conf/demo/sample.log', import.meta.url));
const directory = mkdtempSync(join(tmpdir(), 'replay-'));
t.teardown(() => rmSync(directory, { recursive: true }));

t.test('A replayed log comes out as it was recorded', async t => {
  const ended = await new DaemonProcess(['-f', '-c', directory, '--replay', sample]).ended;
  t.equal(ended.code, 0);
  t.ok(ended.stdout === readFileSync(sample, 'latin1'), 'byte for byte, enriched anew');
  t.match(ended.stderr, /Replaying/);
});

t.test('Standard input is a log too, and what is no record is left out', async t => {
  const daemon = new DaemonProcess(['-f', '-c', directory, '--replay', '-'], 'pipe');
  daemon.child.stdin?.end('type=CWD msg=audit(1.000:1): cwd="/"\nnonsense\n\ntype=CWD msg=audit(1.000:2): cwd="/b"');
  const ended = await daemon.ended;
  t.equal(ended.code, 0);
  t.equal(ended.stdout, 'type=CWD msg=audit(1.000:1): cwd="/"\ntype=CWD msg=audit(1.000:2): cwd="/b"\n');
});

t.test('A log that is not there is an error with its name', async t => {
  const ended = await new DaemonProcess(['-f', '-c', directory, '--replay', `${directory}/none`]).ended;
  t.equal(ended.code, 1);
  t.match(ended.stderr, /none/);
});

t.test('Command lines and configurations that cannot be used have the exit codes of the reference', async t => {
  t.equal((await new DaemonProcess(['--nonsense']).ended).code, 2);
  t.equal((await new DaemonProcess(['-f', 'operand']).ended).code, 2);
  t.equal((await new DaemonProcess(['--help']).ended).code, 0);
  t.match((await new DaemonProcess(['--version']).ended).stdout, /^auditd 4\.2\.2 \(node-auditd /);
  const bad = mkdtempSync(join(directory, 'bad-'));
  writeFileSync(`${bad}/auditd.conf`, 'space_left = -3\n', { mode: 0o640 });
  const ended = await new DaemonProcess(['-f', '-c', bad, '--replay', sample]).ended;
  t.equal(ended.code, 6);
  t.match(ended.stderr, /auditd\.conf:1: space_left = "-3": expected/);
});
