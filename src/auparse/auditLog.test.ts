import { mkdtempSync, openSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { gzipSync } from 'node:zlib';
import t from 'tap';
import type { AuditEvent } from './auditEvent.ts';
import { type AuditLog, readBuffer, readBuffers, readDescriptor, readFile, readFiles, readLogs } from './auditLog.ts';
import { compareNodes, compareTimestamps } from './compare.ts';
import { readDaemonLog } from './daemonLog.ts';
import { readStream } from './readStream.ts';

const directory = mkdtempSync(join(tmpdir(), 'auparse-'));
t.teardown(() => rmSync(directory, { recursive: true }));

const line = (type: string, serial: number, seconds = 100) =>
  `type=${type} msg=audit(${seconds}.000:${serial}): a=${serial}\n`;
const LOG = line('SYSCALL', 1) + line('PROCTITLE', 1) + line('USER_AUTH', 2) + line('SYSCALL', 3);

async function serials(events: AsyncIterable<AuditEvent>): Promise<string[]> {
  const found: string[] = [];
  for await (const { serial, records } of events) found.push(`${serial}/${records.length}`);
  return found;
}

function file(name: string, content: string | Uint8Array): string {
  const path = join(directory, name);
  writeFileSync(path, content);
  return path;
}

t.test('Every source gives the same events', async t => {
  const expected = ['1/2', '2/1', '3/1'];
  const path = file('plain.log', LOG);
  t.strictSame(await serials(readFile(path)), expected);
  t.strictSame(await serials(readFile(file('packed.log', gzipSync(LOG)))), expected);
  t.strictSame(await serials(readBuffer(LOG)), expected);
  t.strictSame(await serials(readBuffer(Buffer.from(LOG))), expected);
  t.strictSame(await serials(readDescriptor(openSync(path, 'r'))), expected);
  t.strictSame(await serials(readStream(Readable.from([Buffer.from(LOG)]))), expected);
  const packed = gzipSync(LOG);
  const chunks = Array.from(packed, byte => Buffer.from([byte]));
  t.strictSame(await serials(readStream(Readable.from(chunks))), expected);
});

t.test('Events span files, and know where they were read', async t => {
  const paths = [file('a.log', line('SYSCALL', 1)), file('b.log', `\n${line('PROCTITLE', 1)}`)];
  const { value: event } = await readFiles(paths).next();
  t.strictSame(
    event?.records.map(({ file, line }) => [file, line]),
    [
      [paths[0], 1],
      [paths[1], 2],
    ],
  );
});

t.test('A last line without a newline is a line', async t => {
  t.strictSame(await serials(readBuffer(line('USER_AUTH', 1).trimEnd())), ['1/1']);
  t.strictSame(await serials(readBuffers([line('USER_AUTH', 1).trimEnd(), line('USER_AUTH', 2)])), ['1/1', '2/1']);
});

t.test('A file that is not there is an error of the first event', async t => {
  const log = readFile(join(directory, 'none'));
  await t.rejects(log.next(), { syscall: 'open', code: 'ENOENT', path: join(directory, 'none') });
  t.strictSame(await log.next(), { done: true, value: undefined });
});

t.test('What is bad is counted, what is damaged is named', async t => {
  const log = readBuffer(`rubbish\n${LOG}\n`);
  await serials(log);
  t.equal(log.counts.malformedLines, 1);
  t.equal(log.counts.records, 4);
  t.equal(log.counts.events, 3);
  const path = file('cut.gz', gzipSync(LOG).subarray(0, -6));
  const cut = readFile(path);
  t.strictSame(await serials(cut), ['1/2', '2/1', '3/1']);
  t.strictSame(cut.damagedInputs, [{ file: path, damage: 'truncated-gzip' }]);
});

t.test('A log can be left early, read again, and asked twice at once', async t => {
  const log = readBuffer(LOG);
  for await (const event of log) {
    t.equal(event.serial, 1);
    break;
  }
  t.strictSame(await log.next(), { done: true, value: undefined });
  await log.rewind();
  const both = await Promise.all([log.next(), log.next()]);
  t.strictSame(
    both.map(({ value }) => value?.serial),
    [1, 2],
  );
});

t.test('A followed log goes on across a rotation until it is closed', async t => {
  const path = file('live.log', line('USER_AUTH', 1));
  const log: AuditLog = readFile(path, { follow: true });
  t.equal((await log.next()).value?.serial, 1);
  renameSync(path, `${path}.1`);
  writeFileSync(path, line('USER_AUTH', 2));
  t.equal((await log.next()).value?.serial, 2);
  const waiting = log.next();
  await log.close();
  t.strictSame(await waiting, { done: true, value: undefined });
});

t.test('The daemon’s log is the one that its configuration names', async t => {
  const path = file('audit.log', line('USER_AUTH', 2));
  file('audit.log.1', line('USER_AUTH', 1));
  const configuration = file('auditd.conf', `log_file = ${path}\nend_of_event_timeout = 7\n`);
  t.strictSame(readDaemonLog(configuration), { logFile: path, endOfEventTimeoutSeconds: 7 });
  t.strictSame(await serials(readLogs({ configuration })), ['1/1', '2/1']);
  const broken = file('broken.conf', `end_of_event_timeout = 9\nrubbish\nlog_file = ${path}\n`);
  t.strictSame(readDaemonLog(broken), { logFile: '/var/log/audit/audit.log', endOfEventTimeoutSeconds: 9 });
  t.equal(readDaemonLog(join(directory, 'none')).endOfEventTimeoutSeconds, 2);
});

t.test('A timeout is a number of seconds', async t => {
  t.throws(() => readBuffer('', { endOfEventTimeoutSeconds: 0 }), /expected a whole number of seconds/);
  t.strictSame(
    await serials(readBuffer(line('SYSCALL', 1) + line('SYSCALL', 2, 103), { endOfEventTimeoutSeconds: 9 })),
    ['1/1', '2/1'],
  );
});

t.test('Events compare by time and by node', async t => {
  const stamp = (seconds: number, milliseconds: number, serial: number) => ({ seconds, milliseconds, serial });
  t.equal(compareTimestamps(stamp(1, 2, 3), stamp(1, 2, 4)), -1);
  t.equal(compareTimestamps(stamp(1, 3, 0), stamp(1, 2, 4)), 1);
  t.equal(compareTimestamps(stamp(1, 2, 3), stamp(1, 2, 3)), 0);
  t.equal(compareNodes({ node: 'a' }, { node: 'b' }), -1);
  t.equal(compareNodes({ node: 'a' }, { node: null }), 1);
  t.equal(compareNodes({ node: null }, { node: 'a' }), -1);
  t.equal(compareNodes({ node: null }, { node: null }), 0);
});
