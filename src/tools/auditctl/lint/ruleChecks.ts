import { isSameRule, ruleIdentity } from '../../../control/expectedRules.ts';
import { ACTION, type AuditRule, FIELD, FILTER, hasSyscall, keysOf, matchesKey, PERM } from '../../../control/rule.ts';
import { isWatch, machineOfRule, selectedSyscalls, selectsAll } from '../../../control/ruleText.ts';
import { type MachineName, machineByName, machineOfBits } from '../../../tables/machines.ts';
import { syscallName, syscallNumber } from '../../../tables/syscalls.ts';
import { covers } from './covers.ts';
import type { Check, Finding } from './finding.ts';
import { kernelRefusal } from './kernelRefusal.ts';
import { type LintedLine, placeOf, type RuleLine } from './lintedLine.ts';

/** What the lines say that lint can judge without looking at the machine's files. */
export function checkRules(
  lines: readonly LintedLine[],
  rules: readonly RuleLine[],
  native: MachineName | null,
): Finding[] {
  return [
    ...rules.flatMap(checkRefusal),
    ...checkDuplicates(rules),
    ...checkOrder(rules),
    ...checkDeletions(lines),
    ...checkLock(lines),
    ...rules.flatMap(checkKeys),
    ...rules.flatMap(({ line, rule }) => checkArch(line, rule)),
    ...checkTwins(rules, native),
    ...rules.flatMap(({ line, rule }) => checkWatch(line, rule)),
  ];
}

export function finding(line: LintedLine, severity: Finding['severity'], check: Check, message: string): Finding {
  return { file: line.file, line: line.number, severity, check, message };
}

function checkRefusal({ line, rule }: RuleLine): Finding[] {
  const refusal = kernelRefusal(rule);
  return refusal === null ? [] : [finding(line, 'error', 'kernel-refuses', `the kernel refuses this rule: ${refusal}`)];
}

function checkDuplicates(rules: readonly RuleLine[]): Finding[] {
  const findings: Finding[] = [];
  const seen = new Map<string, LintedLine>();
  for (const { line, rule } of rules) {
    const identity = ruleIdentity(rule);
    const earlier = seen.get(identity);
    if (earlier === undefined) {
      seen.set(identity, line);
    } else if (!rule.isPrepended) {
      const message = `the same rule as ${placeOf(earlier, line)}: loading stops here`;
      findings.push(finding(line, 'error', 'duplicate-rule', message));
    }
  }
  return findings;
}

/** Beyond this, comparing each rule with all before it would take minutes, and the kernel could not bear the rules. */
const RULES_COMPARED = 4000;

/** The first rule of a list that matches an event decides; the kernel keeps that order across paths and calls. */
function checkOrder(rules: readonly RuleLine[]): Finding[] {
  const inKernelOrder: RuleLine[] = [];
  for (const entry of rules.slice(0, RULES_COMPARED)) {
    if (entry.rule.isPrepended) inKernelOrder.unshift(entry);
    else inKernelOrder.push(entry);
  }
  const findings = inKernelOrder.flatMap(({ line, rule }, i) => {
    const first = inKernelOrder.slice(0, i).find(earlier => covers(earlier.rule, rule));
    if (first === undefined || isSameRule(first.rule, rule)) return [];
    const place = placeOf(first.line, line);
    if (first.rule.action === ACTION.never && rule.action !== ACTION.never) {
      return [finding(line, 'warning', 'dead-rule', `never decides anything: ${place} comes first and says never`)];
    }
    const key = keysOf(rule).join(', ');
    const what = key === '' ? 'is covered' : `is covered, and key ${key} is never seen`;
    return [finding(line, 'warning', 'shadowed-rule', `${what}: ${place} matches first`)];
  });
  const next = rules[RULES_COMPARED];
  if (next === undefined) return findings;
  const message = `is rule ${RULES_COMPARED + 1}: from here on, rules are not compared with the ones before them`;
  return [...findings, finding(next.line, 'warning', 'too-many-rules', message)];
}

function checkDeletions(lines: readonly LintedLine[]): Finding[] {
  return lines.flatMap((line, i) => {
    const step = line.command.steps.find(step => step.kind === 'deleteAll');
    if (step === undefined) return [];
    const lost = lines.slice(0, i).filter(({ command: { ending } }) => {
      return ending.kind === 'rule' && ending.request.operation === 'add' && matchesKey(ending.request.rule, step.key);
    });
    const [first] = lost;
    if (first === undefined) return [];
    const message = `deletes ${lost.length} rules that stand before it, from ${placeOf(first, line)} on`;
    return [finding(line, 'warning', 'deleted-rules', message)];
  });
}

function checkLock(lines: readonly LintedLine[]): Finding[] {
  const findings: Finding[] = [];
  let lock: LintedLine | null = null;
  let lastEnable: LintedLine | null = null;
  for (const line of lines) {
    const { steps, hasList } = line.command;
    const changes = hasList || steps.some(step => step.kind === 'set' || step.kind === 'deleteAll');
    if (lock !== null && changes) {
      const message = `the kernel refuses it: ${placeOf(lock, line)} makes it immutable`;
      findings.push(finding(line, 'error', 'after-lock', message));
    }
    for (const step of steps) {
      if (step.kind !== 'set' || step.field !== 'enabled') continue;
      if (lastEnable !== null && lock === null) {
        const message = `has no lasting effect: ${placeOf(line, lastEnable)} sets it again`;
        findings.push(finding(lastEnable, 'warning', 'replaced-directive', message));
      }
      lastEnable = line;
      if (step.value === 2) lock = line;
    }
  }
  return findings;
}

function checkKeys({ line, rule }: RuleLine): Finding[] {
  const keys = keysOf(rule);
  const twice = keys.find((key, i) => keys.indexOf(key) !== i);
  return twice === undefined ? [] : [finding(line, 'warning', 'duplicate-key', `has key ${twice} twice`)];
}

function checkArch(line: LintedLine, rule: AuditRule): Finding[] {
  if (rule.list !== FILTER.exit || selectsAll(rule) || has(rule, FIELD.arch)) return [];
  const message = 'names system calls without -F arch: their numbers mean other calls in 32-bit programs';
  return [finding(line, 'warning', 'no-arch', message)];
}

/** A rule for 64-bit calls that has no rule for 32-bit ones can be got round by a 32-bit program. */
function checkTwins(rules: readonly RuleLine[], native: MachineName | null): Finding[] {
  const wide = native === null ? null : machineByName(native);
  const narrow = wide === null ? null : machineOfBits('b32', wide);
  if (wide === null || narrow === null || narrow.name === wide.name) return [];
  const exit = rules.filter(({ rule }) => rule.list === FILTER.exit);
  const families = familiesOf(exit.map(({ rule }) => rule));
  return exit.flatMap(({ line, rule }) => {
    const machine = machineOfRule(rule);
    const other = machine === wide.name ? narrow.name : machine === narrow.name ? wide.name : null;
    if (machine === null || other === null) return [];
    // A rule for every 32-bit call asks who makes any, where nobody should.
    if (selectsAll(rule) && machine === narrow.name) return [];
    const twins = families.get(familyOf(rule, other)) ?? [];
    if (twins.some(selectsAll)) return [];
    const bits = other === wide.name ? 'b64' : 'b32';
    if (selectsAll(rule)) return [finding(line, 'warning', 'missing-twin', `has no ${bits} rule beside it`)];
    const missing = missingCalls(rule, machine, other, twins);
    if (missing.length === 0) return [];
    const message = `has no ${bits} rule beside it for ${missing.join(', ')}`;
    return [finding(line, 'warning', 'missing-twin', message)];
  });
}

/** Calls of the rule that the other machine has too, and that no twin of the rule names. */
function missingCalls(
  rule: AuditRule,
  machine: MachineName,
  other: MachineName,
  twins: readonly AuditRule[],
): string[] {
  const names = selectedSyscalls(rule).map(number => syscallName(machine, number));
  return names.filter((name): name is string => {
    const number = name === null ? null : syscallNumber(other, name);
    return number !== null && !twins.some(({ mask }) => hasSyscall(mask, number));
  });
}

/** Rules by family: those that differ in their system calls and keys alone. */
function familiesOf(rules: readonly AuditRule[]): Map<string, AuditRule[]> {
  const families = new Map<string, AuditRule[]>();
  for (const rule of rules) {
    const machine = machineOfRule(rule);
    if (machine === null) continue;
    const family = familyOf(rule, machine);
    families.set(family, [...(families.get(family) ?? []), rule]);
  }
  return families;
}

/** What a rule's family would be on a machine. */
function familyOf(rule: AuditRule, machine: MachineName): string {
  const relevant = rule.fields.filter(({ field }) => field !== FIELD.arch && field !== FIELD.key);
  const conditions = relevant.map(({ field, operator, value, text }) => `${field} ${operator} ${value} ${text}`);
  return [machine, rule.action, ...conditions.sort()].join('\n');
}

/** A watch is looked at in every system call; with arch and perm, only calls that can do it are. */
function checkWatch(line: LintedLine, rule: AuditRule): Finding[] {
  if (rule.list !== FILTER.exit || !isWatch(rule) || !selectsAll(rule)) return [];
  const where = rule.fields.find(({ field }) => field === FIELD.path || field === FIELD.dir);
  if (where?.text === null || where === undefined) return [];
  const perm = rule.fields.find(({ field }) => field === FIELD.perm)?.value ?? 0;
  const letters = (['r', 'w', 'x', 'a'] as const).filter(letter => (perm & PERM[letter]) !== 0).join('');
  const keys = keysOf(rule).map(key => ` -F key=${key}`);
  const field = where.field === FIELD.dir ? 'dir' : 'path';
  const form = `-a always,exit -F arch=b64 -F ${field}=${where.text} -F perm=${letters}${keys.join('')}`;
  return [finding(line, 'note', 'old-watch', `is tried in every system call; cheaper: ${form}, and the same for b32`)];
}

function has(rule: AuditRule, field: number): boolean {
  return rule.fields.some(condition => condition.field === field);
}
