import { appendFileSync, closeSync, openSync } from 'node:fs';
import t from 'tap';
import { reportTime, startReport } from '../../src/auparse/logReport.ts';
import { type Host, run } from '../../src/tools/aureport/run.ts';
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

// What aureport 4.2.2 printed for every report of every log of the corpus, byte for byte. In this process: seven thousand
// starts of a program would take longer than all the reports.

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
      for (const recorded of casesOf(log, 'aureport')) {
        const expected = {
          exit: recorded.exit,
          stdout: recorded.stdout.toString('latin1'),
          stderr: recorded.stderr ?? '',
        };
        const ours = await answer(recorded);
        if (process.env['CONF_OUT'] && JSON.stringify(ours) !== JSON.stringify(expected))
          appendFileSync(
            process.env['CONF_OUT'],
            JSON.stringify({ log, name: nameOf(recorded), ours, expected }) + '\n',
          );
        t.strictSame(ours, expected, nameOf(recorded));
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
  process.env['TZ'] = env['TZ'];
  const output = new CapturedOutput();
  const errors = new CapturedOutput();
  const input = openSync(stdin ? 'log' : '/dev/null', 'r');
  const host: Host = {
    print: text => output.write(text),
    complain: text => errors.write(text),
    outputDescriptor: output.descriptor,
    errorDescriptor: errors.descriptor,
    outputIsTerminal: false,
    errorsIsTerminal: false,
    version: '4.2.2',
    parseTime: words => {
      const [date = '', time = '00:00:00'] = words;
      if (date === 'today') return Math.floor(Date.now() / 86400000) * 86400;
      const [m, d, y] = date.split('/');
      if ((y ?? '').length !== 2) return { error: `Error parsing start date (${date})` };
      const seconds = Date.parse(`20${y}-${m}-${d}T${time}Z`) / 1000;
      return y === '70' ? { error: 'Error - year is 1970' } : seconds;
    },
    localTime: reportTime,
    chooseInput: request => {
      if (request.input === null)
        return { input: { kind: 'descriptor', path: Buffer.from('stdin'), descriptor: input }, endOfEventTimeout: 2 };
      return { input: { kind: 'file', path: Buffer.from(request.input) }, endOfEventTimeout: 2 };
    },
    startReport,
  };
  const exit = await run(argv.slice(1), host);
  const printed = { exit, stdout: output.take().toString('latin1'), stderr: errors.take().toString('latin1') };
  closeSync(input);
  output.remove();
  errors.remove();
  return stderr === null ? { ...printed, stderr: '' } : printed;
}
