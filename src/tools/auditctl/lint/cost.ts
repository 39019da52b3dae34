import { FILTER, hasSyscall } from '../../../control/rule.ts';
import { machineOfRule, selectsAll } from '../../../control/ruleText.ts';
import type { MachineName } from '../../../tables/machines.ts';
import { syscallsOf } from '../../../tables/syscalls.ts';
import type { Finding } from './finding.ts';
import type { RuleLine } from './lintedLine.ts';

/** How many rules the kernel tries, at most, for system calls of this machine. */
export interface Cost {
  /** Rules that every system call is tried against, whatever it is. */
  everyCall: number;
  /** The calls with the most rules, those for every call included; at most five. */
  dearest: { call: string; rules: number }[];
}

/** Counts the rules of the exit list by the calls they select; rules for another arch are left out. */
export function costOf(rules: readonly RuleLine[], machine: MachineName): Cost {
  const exit = rules
    .map(({ rule }) => rule)
    .filter(rule => rule.list === FILTER.exit && (machineOfRule(rule) ?? machine) === machine);
  const everyCall = exit.filter(selectsAll).length;
  const chosen = exit.filter(rule => !selectsAll(rule));
  const counted = syscallsOf(machine).map(([number, call]) => ({
    call,
    rules: everyCall + chosen.filter(rule => hasSyscall(rule.mask, number)).length,
  }));
  const dearest = counted.filter(({ rules: count }) => count > everyCall).toSorted((a, b) => b.rules - a.rules);
  return { everyCall, dearest: dearest.slice(0, 5) };
}

/** One note on the whole set. */
export function costFinding(file: string, { everyCall, dearest }: Cost): Finding {
  const calls = dearest.map(({ call, rules }) => `${call} ${rules}`).join(', ');
  const message = `every system call is tried against ${everyCall} rules${calls === '' ? '' : `; most: ${calls}`}`;
  return { file, line: null, severity: 'note', check: 'cost', message };
}
