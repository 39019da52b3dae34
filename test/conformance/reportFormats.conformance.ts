import { closeSync, openSync, statSync } from 'node:fs';
import t, { type Test } from 'tap';
import { readDescriptor, readFile } from '../../src/auparse/auditLog.ts';
import { ctime, reportTime } from '../../src/auparse/logReport.ts';
import { run as runAulast } from '../../src/tools/aulast/run.ts';
import { localAccounts } from '../../src/tools/aulastlog/localAccounts.ts';
import { run as runAulastlog } from '../../src/tools/aulastlog/run.ts';
import { csvHeading, reportTypes } from '../../src/tools/aureport/reports.ts';
import { corpusLogs, hasCorpus, removeLog, unpackLog, withCorpusAccounts } from '../support/corpus.ts';
import { reportInProcess } from '../support/reportInProcess.ts';

// Every report of every log of the corpus as JSON and as CSV: each line is what the format says, has the members or fields
// of its report and no byte that moves a cursor, and there are as many lines as the text has.

if (!hasCorpus()) {
  t.fail('no conformance corpus: set NODE_AUDITD_SHARED to the directory that holds corpus/');
} else {
  withCorpusAccounts();
  t.setTimeout(0);
  process.env['TZ'] = 'UTC';
  for (const log of corpusLogs()) {
    t.test(`Reports of ${log} as JSON and CSV`, { timeout: 0 }, async t => {
      const directory = unpackLog(log);
      process.chdir(directory);
      const wrong: string[] = [];
      for (const type of reportTypes) {
        for (const isSummary of type.summary === null ? [false] : [false, true]) {
          const words = ['-if', 'log', ...type.options.slice(0, 1), ...(isSummary ? ['--summary'] : [])];
          const names = csvHeading(type, isSummary).trimEnd().split(',');
          const json = await reportInProcess([...words, '--format', 'json']);
          const csv = await reportInProcess([...words, '--format', 'csv']);
          const objects = linesOf(json.stdout).map(line => members(line));
          const rows = csvRows(csv.stdout);
          const complain = (what: string) => wrong.push(`${words.join(' ')}: ${what}`);
          if (json.exit !== csv.exit) complain(`exit codes ${json.exit} and ${csv.exit}`);
          if (/[\x00-\x09\x0b-\x1f\x7f]/.test(json.stdout)) complain('a control byte in JSON');
          if (rows.some(row => row.length !== names.length))
            complain('a row of CSV with other fields than the heading');
          if (type.name === 'overview') continue;
          if (objects.some(object => object.join() !== names.join())) complain('an object with other members');
          if (objects.length !== rows.length - 1) complain(`${objects.length} objects, ${rows.length - 1} rows`);
        }
      }
      t.strictSame(wrong, []);
      await checkLogins(t);
      process.chdir('/');
      removeLog(directory);
    });
  }
}

const linesOf = (text: string) => text.split('\n').slice(0, -1);

/** Names of an object's members, but for not_utf8, which must hold what its strings lack. */
function members(line: string): string[] {
  const object = JSON.parse(Buffer.from(line, 'latin1').toString('utf8')) as Record<string, unknown>;
  const { not_utf8: odd = [], ...rest } = object;
  for (const { at, base64 } of odd as { at: string; base64: string }[]) {
    const text = at
      .split('/')
      .reduce<unknown>((value, name) => (name === '' ? value : (value as Record<string, unknown>)[name]), rest);
    const bytes = Buffer.from(base64, 'base64');
    if (!String(text).includes('\ufffd') || bytes.length === 0) throw new Error(`${at} of ${line}`);
  }
  return Object.keys(rest);
}

/** RFC 4180, with a newline for CRLF. */
function csvRows(text: string): string[][] {
  const rows: string[][] = [];
  let row: string[] = [];
  for (const [, quoted, plain, end] of text.matchAll(/(?:"((?:[^"]|"")*)"|([^",\n]*))(,|\n)/g)) {
    row.push(quoted?.replaceAll('""', '"') ?? plain ?? '');
    if (end === ',') continue;
    rows.push(row);
    row = [];
  }
  return rows;
}

/** The same of aulast and aulastlog. */
async function checkLogins(t: Test): Promise<void> {
  let printed = '';
  const print = (text: string) => {
    printed += text;
  };
  const host = { print, complain: print, outputIsTerminal: false, dateTime: reportTime };
  const sessions = ['user', 'auid', 'session', 'pid', 'terminal', 'host', 'start', 'end', 'state', 'result', 'events'];
  const logins = ['user', 'uid', 'terminal', 'host', 'time'];
  const options = { endOfEventTimeoutSeconds: 2 };
  // Of a rotated set the newest.
  const file = statSync('log').isDirectory() ? 'log/audit.log' : 'log';
  const input = openSync(file, 'r');
  const openStandardInput = () => readDescriptor(input, options);
  const openLog = () => readFile(file, options);
  const aulast = {
    ...host,
    isRoot: () => true,
    now: () => 0,
    ctime,
    openLog,
    openStandardInput,
    createExtract: () => null,
  };
  for (const words of [
    ['-f', file],
    ['-f', file, '--bad'],
  ]) {
    printed = '';
    t.equal(await runAulast([...words, '--json'], aulast), 0);
    for (const line of linesOf(printed)) t.strictSame(members(line), sessions, line);
  }
  printed = '';
  const accounts = localAccounts();
  t.equal(
    await runAulastlog(['--json'], { ...host, accounts: () => accounts, openLogs: openLog, openStandardInput }),
    0,
  );
  t.equal(linesOf(printed).length, accounts.length);
  for (const line of linesOf(printed)) t.strictSame(members(line), logins, line);
  closeSync(input);
}
