import { type Machine, machineByName } from '../../tables/machines.ts';
import type { NumberedName } from '../../tables/nameTable.ts';
import type { Output } from '../auditctl/output.ts';
import { answerToLoneOption } from '../loneOption.ts';
import { HELP, parseOptions, type Question } from './options.ts';
import { machineTable, type SyscallTable } from './syscallTable.ts';

/** What ausyscall needs of the machine. */
export interface Host {
  readonly output: Output;
  /** What uname(2) calls the machine. */
  machineName(): string;
}

/** The reference looks no further through names than this. */
const NUMBERS = 1400;
const NAME_WIDTH = 18;

/** @returns the exit code: 0 when something was found. */
export function run(words: readonly string[], { output, machineName }: Host): number {
  const help = answerToLoneOption('ausyscall', words, HELP);
  if (help !== null) {
    output.print(help);
    return 0;
  }
  const native: Machine | null = machineByName(machineName());
  const options = parseOptions(words, native);
  if ('refusal' in options) {
    output.tell(options.refusal);
    return 1;
  }
  for (const note of options.notes) output.tell(note);
  const table = options.table ?? (native === null ? null : machineTable(native));
  if (table === null) {
    output.tell('Unable to detect machine type');
    return 1;
  }
  if (options.question.kind === 'none') {
    output.tell('Error - either a syscall name or number must be given with an optional arch');
    return 1;
  }
  const found = answer(options.question, table);
  if (found.length === 0 && options.question.kind !== 'dump') {
    const wanted = options.question.kind === 'name' ? options.question.text : options.question.number;
    output.tell(`Unknown syscall ${wanted} using ${table.name} lookup table`);
    return 1;
  }
  output.print(options.isJson ? asJson(table, found) : asText(options.question, table, found));
  return 0;
}

function answer(question: Question, table: SyscallTable): readonly NumberedName[] {
  switch (question.kind) {
    case 'none':
      return [];
    case 'dump':
      return table.entries();
    case 'number': {
      const name = table.nameOf(question.number);
      return name === null ? [] : [[question.number, name]];
    }
    case 'name': {
      if (question.isExact) {
        const number = table.numberOf(question.text);
        return number === null ? [] : [[number, table.nameOf(number) ?? question.text]];
      }
      const wanted = question.text.toLowerCase();
      return table.entries().filter(([number, name]) => number < NUMBERS && name.toLowerCase().includes(wanted));
    }
  }
}

function asText(question: Question, table: SyscallTable, found: readonly NumberedName[]): string {
  switch (question.kind) {
    case 'dump':
      return [`Using ${table.name} syscall table:`, ...found.map(([number, name]) => `${number}\t${name}`), ''].join(
        '\n',
      );
    case 'number':
      return found.map(([, name]) => `${name}\n`).join('');
    default:
      return found
        .map(([number, name]) => (isExact(question) ? `${number}\n` : `${name.padEnd(NAME_WIDTH)} ${number}\n`))
        .join('');
  }
}

function isExact(question: Question): boolean {
  return question.kind === 'name' && question.isExact;
}

function asJson(table: SyscallTable, found: readonly NumberedName[]): string {
  return `${JSON.stringify({ arch: table.name, syscalls: found.map(([number, name]) => ({ number, name })) })}\n`;
}
