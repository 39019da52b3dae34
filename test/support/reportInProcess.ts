import { closeSync, openSync } from 'node:fs';
import { hostOf } from '../../src/tools/aureport/host.ts';
import { run } from '../../src/tools/aureport/run.ts';
import { CapturedOutput } from './capturedOutput.ts';

/** What a run printed. Byte strings. */
export interface ReportRun {
  readonly exit: number;
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * aureport in this process: thousands of starts of a program would take longer than all the reports.
 *
 * @param input  What is standard input.
 */
export async function reportInProcess(words: readonly string[], input = '/dev/null'): Promise<ReportRun> {
  const output = new CapturedOutput();
  const errors = new CapturedOutput();
  const descriptor = openSync(input, 'r');
  try {
    const host = hostOf({
      input: descriptor,
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
    const exit = await run(words, host);
    return { exit, stdout: output.take().toString('latin1'), stderr: errors.take().toString('latin1') };
  } finally {
    closeSync(descriptor);
    output.remove();
    errors.remove();
  }
}
