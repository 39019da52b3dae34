import { execFileSync } from 'node:child_process';
import t from 'tap';
import {
  type CorpusCase,
  casesOf,
  corpusLogs,
  hasCorpus,
  removeLog,
  unpackLog,
  withCorpusAccounts,
} from '../support/corpus.ts';
import { searchInProcess, withoutOwnNotes } from '../support/searchInProcess.ts';
import { exceptions } from './ausearch.exceptions.ts';

// What ausearch 4.2.2 printed for every search of every log of the corpus, byte for byte: results, messages where they
// were recorded, exit code. In this process: three thousand starts of a program would take longer than all the searches.
// A name as argument runs one log alone.

interface Tally {
  passed: number;
  failed: number;
  excepted: number;
}
const tallies = new Map<string, Tally>();

if (!hasCorpus()) {
  t.fail('no conformance corpus: set NODE_AUDITD_SHARED to the directory that holds corpus/');
} else {
  withCorpusAccounts();
  const wanted = process.argv[2];
  const used = new Set<string>();
  for (const log of corpusLogs().filter(name => wanted === undefined || name === wanted)) {
    t.test(`ausearch finds in ${log} what the reference does`, async t => {
      const directory = unpackLog(log);
      process.chdir(directory);
      execFileSync('mkfifo', ['pipe']);
      for (const recorded of casesOf(log, 'ausearch')) {
        const name = nameOf(recorded);
        const expected = {
          exit: recorded.exit,
          stdout: recorded.stdout.toString('latin1'),
          stderr: recorded.stderr ?? '',
        };
        const printed = withoutOwnNotes(await searchInProcess(recorded));
        const ours = recorded.stderr === null ? { ...printed, stderr: '' } : printed;
        const isSame = JSON.stringify(ours) === JSON.stringify(expected);
        const reason = exceptions.get(`${log}: ${name}`);
        count(recorded, isSame, reason !== undefined);
        if (reason === undefined) {
          if (isSame) continue;
          t.strictSame(ours, expected, name);
        } else {
          used.add(`${log}: ${name}`);
          t.notOk(isSame, `${name}: differs, because ${reason}`);
        }
      }
      t.pass(`${log}: every case was run`);
      process.chdir('/');
      removeLog(directory);
    });
  }
  t.test('Every exception is a case of the corpus', async t => {
    if (wanted === undefined)
      t.strictSame(
        [...exceptions.keys()].filter(name => !used.has(name)),
        [],
      );
    for (const [format, { passed, failed, excepted }] of tallies) {
      t.comment(
        `${format}: ${passed}/${passed + failed + excepted} as the reference, ${excepted} on the list, ${failed} failed`,
      );
    }
  });
}

function count({ argv }: CorpusCase, isSame: boolean, isException: boolean): void {
  const at = argv.indexOf('--format');
  const format =
    at >= 0
      ? (argv[at + 1] ?? 'none')
      : argv.some(word => word === '-i')
        ? 'interpret'
        : argv.includes('--raw')
          ? 'raw'
          : 'default';
  const tally = tallies.get(format) ?? { passed: 0, failed: 0, excepted: 0 };
  tallies.set(format, tally);
  if (isException) tally.excepted++;
  else if (isSame) tally.passed++;
  else tally.failed++;
}

function nameOf({ argv, env, stdin }: CorpusCase): string {
  return `TZ=${env['TZ']} ${argv.join(' ')}${stdin ? ' < log' : ''}`;
}
