import { closeSync, openSync } from 'node:fs';
import t from 'tap';
import { readDescriptor, readFile } from '../../src/auparse/auditLog.ts';
import { ctime, reportTime } from '../../src/auparse/logReport.ts';
import { run as runAulast } from '../../src/tools/aulast/run.ts';
import { localAccounts } from '../../src/tools/aulastlog/localAccounts.ts';
import { run as runAulastlog } from '../../src/tools/aulastlog/run.ts';
import {
  type CorpusCase,
  casesOf,
  corpusLogs,
  hasCorpus,
  removeLog,
  unpackLog,
  withCorpusAccounts,
} from '../support/corpus.ts';

// What aulast and aulastlog 4.2.2 printed of every log of the corpus, byte for byte.

if (!hasCorpus()) {
  t.fail('no conformance corpus: set NODE_AUDITD_SHARED to the directory that holds corpus/');
} else {
  withCorpusAccounts();
  t.setTimeout(0);
  for (const log of corpusLogs()) {
    t.test(`aulast and aulastlog print of ${log} what the reference does`, { timeout: 0 }, async t => {
      const directory = unpackLog(log);
      process.chdir(directory);
      for (const recorded of [...casesOf(log, 'aulast'), ...casesOf(log, 'aulastlog')]) {
        const stdout = withoutNow(recorded, recorded.stdout.toString('latin1'));
        const expected = { exit: recorded.exit, stdout, stderr: recorded.stderr ?? '' };
        const name = `TZ=${recorded.env['TZ']} ${recorded.argv.join(' ')}${recorded.stdin ? ' < log' : ''}`;
        t.strictSame(await answer(recorded), expected, name);
      }
      process.chdir('/');
      removeLog(directory);
    });
  }
}

/** `--end` of what goes on is the time of the run. */
function withoutNow({ normalize }: CorpusCase, text: string): string {
  return normalize === null ? text : text.replace(/--end (@NOW@|\S+ \S+)$/gm, '--end @TIME@');
}

async function answer(recorded: CorpusCase): Promise<unknown> {
  const { argv, env, stdin, stderr } = recorded;
  process.env['TZ'] = env['TZ'];
  const printed = { exit: 0, stdout: '', stderr: '' };
  const input = openSync(stdin ? 'log' : '/dev/null', 'r');
  const host = {
    print: (text: string) => {
      printed.stdout += text;
    },
    complain: (text: string) => {
      printed.stderr += text;
    },
    outputIsTerminal: false,
    openStandardInput: () => readDescriptor(input, { endOfEventTimeoutSeconds: 2 }),
    dateTime: reportTime,
  };
  const openLog = (file: string | null) => readFile(file ?? '/dev/null', { endOfEventTimeoutSeconds: 2 });
  printed.exit =
    argv[0] === 'aulast'
      ? await runAulast(argv.slice(1), {
          ...host,
          isRoot: () => true,
          now: () => Math.floor(Date.now() / 1000),
          ctime,
          openLog,
          createExtract: () => null,
        })
      : await runAulastlog(argv.slice(1), { ...host, accounts: localAccounts, openLogs: () => openLog(null) });
  closeSync(input);
  printed.stdout = withoutNow(recorded, printed.stdout);
  return stderr === null ? { ...printed, stderr: '' } : printed;
}
