import type { AuditRule } from '../../../control/rule.ts';
import type { Command } from '../options.ts';

/** One line that does something, where it stands and what it is. */
export interface LintedLine {
  file: string;
  number: number;
  text: string;
  command: Command;
}

/** A line that adds a rule. */
export interface RuleLine {
  line: LintedLine;
  rule: AuditRule;
}

/** The rules among the lines that an add would put on a list, in the order they are loaded. */
export function addedRules(lines: readonly LintedLine[]): RuleLine[] {
  const rules: RuleLine[] = [];
  for (const line of lines) {
    const { ending } = line.command;
    if (ending.kind === 'rule' && ending.request.operation === 'add') rules.push({ line, rule: ending.request.rule });
  }
  return rules;
}

/** Where the line stands, for messages about another one. */
export function placeOf(line: LintedLine, seenFrom: LintedLine): string {
  return line.file === seenFrom.file ? `line ${line.number}` : `${line.file}:${line.number}`;
}
