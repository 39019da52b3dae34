import { execFileSync, spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import t from 'tap';
import { hostOf } from '../../src/tools/aureport/host.ts';
import { run } from '../../src/tools/aureport/run.ts';
import { CapturedOutput } from '../support/capturedOutput.ts';
import {
  type CorpusCase,
  casesOf,
  corpusLogs,
  hasCorpus,
  removeLog,
  unpackLog,
  withCorpusAccounts,
} from '../support/corpus.ts';
import { exceptions } from './aureport.exceptions.ts';

// What aureport 4.2.2 printed for every report of every log of the corpus, byte for byte: output, exit code, and messages
// where they were recorded. In this process: seven thousand starts of a program would take longer than all the reports.
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
          stdout: recorded.stdout.toString('latin1'),
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

async function answer({ argv, env, stdin, stderr }: CorpusCase): Promise<unknown> {
  Object.assign(process.env, env);
  const output = new CapturedOutput();
  const errors = new CapturedOutput();
  // Only a pipe is read without being asked for.
  const writer = stdin ? spawn('sh', ['-c', 'exec cat log > pipe'], { stdio: 'ignore' }) : null;
  const input = openSync(stdin ? 'pipe' : '/dev/null', 'r');
  const host = hostOf({
    input,
    output: output.descriptor,
    errors: errors.descriptor,
    print: text => output.write(text),
    complain: text => errors.write(text),
    readConfiguration: () => ({
      logFile: '/var/log/audit/audit.log',
      endOfEventTimeoutSeconds: 2,
      messages: [],
      isBuiltIn: false,
    }),
  });
  const exit = await run(argv.slice(1), host);
  const printed = { exit, stdout: output.take().toString('latin1'), stderr: errors.take().toString('latin1') };
  closeSync(input);
  writer?.kill();
  output.remove();
  errors.remove();
  return stderr === null ? { ...printed, stderr: '' } : printed;
}
