import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { run } from '../../src/tools/ausyscall/run.ts';

// What ausyscall 4.2.2 printed on x86_64: every look-up that was recorded, and the whole table of every machine.
const shared = process.env['NODE_AUDITD_SHARED'] ?? join(import.meta.dirname, '../../../../shared');
const tables = join(shared, 'corpus/tables');

interface Golden {
  argv: string[];
  exit: number;
  stdout: string;
  stderr: string;
}

const NOT_BUILT_IN = 'the recording build knew no arm machine; ours does, and the arm table is compared below';

/** Recorded cases in which ours answers differently on purpose, by their arguments. */
const EXCEPTIONS: Readonly<Record<string, string>> = {
  'arm --dump': NOT_BUILT_IN,
  'armv7l --dump': NOT_BUILT_IN,
  'arm open': NOT_BUILT_IN,
  '--help': 'ours has one; no system call has such a name',
};

function answer(words: string[]): Omit<Golden, 'argv'> {
  let stdout = '';
  let stderr = '';
  const output = {
    print: (text: string) => {
      stdout += text;
    },
    tell: (text: string) => {
      stderr += `${text}\n`;
    },
  };
  const exit = run(words, { output, machineName: () => 'x86_64' });
  return { exit, stdout, stderr };
}

if (!existsSync(tables)) {
  t.fail(`no conformance corpus at ${tables}: set NODE_AUDITD_SHARED to the directory that holds corpus/`);
} else {
  const goldens = readFileSync(join(tables, 'ausyscall-cases.jsonl'), 'utf8').trimEnd().split('\n');
  for (const line of goldens) {
    const { argv, exit, stdout, stderr }: Golden = JSON.parse(line);
    const words = argv.slice(1);
    const name = words.join(' ');
    const expected = { exit, stdout, stderr };
    if (name in EXCEPTIONS) t.not(answer(words).stdout, expected.stdout, `${name}: ${EXCEPTIONS[name]}`);
    else t.strictSame(answer(words), expected, `ausyscall ${name}`);
  }
  for (const file of readdirSync(tables).filter(file => file.startsWith('syscalls-'))) {
    const machine = file.slice('syscalls-'.length, -'.txt'.length);
    const stdout = readFileSync(join(tables, file), 'utf8');
    t.strictSame(answer([machine, '--dump']), { exit: 0, stdout, stderr: '' }, `ausyscall ${machine} --dump`);
  }
}
