#!/usr/bin/env node
import { machine } from 'node:os';
import { localClock } from '../../auparse/localClock.ts';
import { machineByName } from '../../tables/machines.ts';
import { groupLookup, userLookup } from '../auditctl/accounts.ts';
import { argumentBytes } from '../auditctl/argumentBytes.ts';
import { standardOutput, writeText } from '../auditctl/output.ts';
import { VERSION } from '../auditctl/version.ts';
import { run } from './run.ts';

async function main(words: readonly string[]): Promise<number> {
  // Long texts and tables are loaded for those alone who ask for them: starting up is most of what a short search takes.
  const asks = (...options: string[]) => words.some(word => options.includes(word));
  const usage = words.length === 0 || asks('-h', '--help') ? (await import('./usage.ts')).USAGE : '';
  const syscalls = asks('-sc', '--syscall') ? await import('../../tables/syscalls.ts') : null;

  return run(words, {
    ...localClock,
    usage: () => usage,
    version: VERSION,
    input: 0,
    output: 1,
    errors: 2,
    print: standardOutput.print,
    tell: text => writeText(2, text),
    userId: userLookup(),
    groupId: groupLookup(),
    nativeMachine: () => machineByName(machine()),
    syscallNumber: (wanted, name) => syscalls?.syscallNumber(wanted.name, name) ?? null,
  });
}

main(argumentBytes()).then(code => {
  process.exitCode = code;
});
