import { spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { machine } from 'node:os';
import { localClock } from '../../src/auparse/localClock.ts';
import { machineByName } from '../../src/tables/machines.ts';
import { syscallNumber } from '../../src/tables/syscalls.ts';
import { groupLookup, userLookup } from '../../src/tools/auditctl/accounts.ts';
import { run } from '../../src/tools/ausearch/run.ts';
import { USAGE } from '../../src/tools/ausearch/usage.ts';
import { CapturedOutput } from './capturedOutput.ts';

export interface Printed {
  exit: number;
  /** Byte strings. */
  stdout: string;
  stderr: string;
}

/**
 * Runs ausearch in this process, in its working directory. With `stdin` the file `log` there is piped in through the
 * FIFO `pipe`. The environment's TZ and LC_ALL stay set.
 */
export async function searchInProcess(call: {
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly stdin: boolean;
}): Promise<Printed> {
  process.env['TZ'] = call.env['TZ'];
  process.env['LC_ALL'] = call.env['LC_ALL'];
  const output = new CapturedOutput();
  const errors = new CapturedOutput();
  if (call.stdin) spawn('sh', ['-c', 'cat log > pipe'], { stdio: 'ignore' });
  const input = openSync(call.stdin ? 'pipe' : '/dev/null', 'r');
  const exit = await run(call.argv.slice(1), {
    ...localClock,
    usage: () => USAGE,
    version: '4.2.2',
    input,
    output: output.descriptor,
    errors: errors.descriptor,
    print: text => output.write(text),
    tell: text => errors.write(text),
    userId: userLookup(),
    groupId: groupLookup(),
    nativeMachine: () => machineByName(machine()),
    syscallNumber: (wanted, name) => syscallNumber(wanted.name, name),
  });
  const printed = { exit, stdout: output.take().toString('latin1'), stderr: errors.take().toString('latin1') };
  closeSync(input);
  output.remove();
  errors.remove();
  return printed;
}

/** Lines that are no records are counted at the end, which the reference does not do: test/ausearchDamage.test.ts. */
export function withoutOwnNotes(printed: Printed): Printed {
  return { ...printed, stderr: printed.stderr.replace(/NOTE - lines in the logs: .*\n/, '') };
}
