import { execFileSync, spawn } from 'node:child_process';
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
import { reportInProcess } from '../support/reportInProcess.ts';
import { exceptions } from './aureport.exceptions.ts';

// What aureport 4.2.2 printed for every report of every log of the corpus, byte for byte: output, exit code, and messages
// where they were recorded.
// A log's name as argument runs that one alone.

if (!hasCorpus()) {
  t.fail('no conformance corpus: set NODE_AUDITD_SHARED to the directory that holds corpus/');
} else {
  withCorpusAccounts();
  t.setTimeout(0);
  const wanted = process.argv[2];
  for (const log of corpusLogs().filter(name => wanted === undefined || name === wanted)) {
    t.test(`aureport prints of ${log} what the reference does`, { timeout: 0 }, async t => {
      const directory = unpackLog(log);
      process.chdir(directory);
      execFileSync('mkfifo', ['pipe']);
      for (const recorded of casesOf(log, 'aureport')) {
        const expected = {
          exit: recorded.exit,
          stdout: withoutToday(recorded, recorded.stdout.toString('latin1')),
          stderr: recorded.stderr ?? '',
        };
        const name = nameOf(recorded);
        const exception = exceptions.find(({ log: of, cases }) => of === log && cases.test(name));
        const ours = await answer(recorded);
        if (exception === undefined) t.strictSame(ours, expected, name);
        else t.notSame(ours, expected, `${name}: differs, because ${exception.reason}`);
      }
      process.chdir('/');
      removeLog(directory);
    });
  }
}

function nameOf({ argv, env, stdin }: CorpusCase): string {
  return `TZ=${env['TZ']} ${argv.join(' ')}${stdin ? ' < log' : ''}`;
}

async function answer(recorded: CorpusCase): Promise<unknown> {
  const { argv, env, stdin, stderr } = recorded;
  Object.assign(process.env, env);
  // Only a pipe is read without being asked for.
  const writer = stdin ? spawn('sh', ['-c', 'exec cat log > pipe'], { stdio: 'ignore' }) : null;
  const printed = await reportInProcess(argv.slice(1), stdin ? 'pipe' : '/dev/null');
  writer?.kill();
  return { ...printed, stdout: withoutToday(recorded, printed.stdout), ...(stderr === null ? { stderr: '' } : {}) };
}

/** The day of the run is not that of the recording. */
function withoutToday({ argv }: CorpusCase, text: string): string {
  return argv.includes('today') ? text.replace(/^(Selected time for report: )\S+/m, '$1@TODAY@') : text;
}
