import { SystemError } from '../../base/errors.ts';
import { AnswerError } from '../../control/answerError.ts';
import type { AuditControl } from '../../control/auditControl.ts';
import { ExpectedRules, isSameRule } from '../../control/expectedRules.ts';
import { matchesKey } from '../../control/rule.ts';
import { decodeRule } from '../../control/ruleBytes.ts';
import type { RuleEnvironment } from '../../control/ruleEnvironment.ts';
import { splitRuleLine } from '../../control/ruleLine.ts';
import { formatRule } from '../../control/ruleText.ts';
import type { AuditStatus, StatusField } from '../../control/status.ts';
import type { Host } from '../auditctl/host.ts';
import { type Command, parseCommand } from '../auditctl/options.ts';
import { RuleFileError, type RuleFileLine, readRuleFile } from '../auditctl/ruleFile.ts';
import { Session } from '../auditctl/run.ts';

/** A line of the rules file that does something, and what. */
interface ParsedLine {
  line: RuleFileLine;
  command: Command;
}

const FAILED = 1;

/**
 * Loads a rules file so that the kernel ends with all of it, or with what it had before, and reads the rules back to
 * see that it did. Unlike `auditctl -R`, an -i or -c in the file excuses nothing. A line that makes the kernel
 * immutable is run last, when the rules have been read back.
 *
 * @param say  Takes one line for the operator.
 * @returns The exit code.
 */
export function loadAtomically(path: string, say: (text: string) => void, host: Host): number {
  try {
    const control = host.openControl();
    const status = control.status();
    const lines = parseLines(path, status, say, host);
    if (lines === null) {
      say('No rule was changed');
      return FAILED;
    }
    const before = control.ruleBytes();
    const isLoaded = load(lines, path, before, control, say, host);
    if (isLoaded && lock(lines, path, host)) return 0;
    restore(before, status, control, say);
    return FAILED;
  } catch (error) {
    if (error instanceof RuleFileError || error instanceof SystemError || error instanceof AnswerError) {
      say(error.message);
      return FAILED;
    }
    throw error;
  }
}

/** Null, with every bad line told, unless all lines are good. Nothing is sent. */
function parseLines(path: string, status: AuditStatus, say: (text: string) => void, host: Host): ParsedLine[] | null {
  const environment: RuleEnvironment = {
    nativeMachine: () => host.nativeMachine(),
    userId: name => host.userId(name),
    groupId: name => host.groupId(name),
    isDirectory: name => host.isDirectory(name),
    featureBitmap: () => status.featureBitmap ?? 0,
    warn: () => {},
  };
  const parsed: ParsedLine[] = [];
  let isGood = true;
  for (const line of readRuleFile(path)) {
    const words = splitRuleLine(line.text);
    if (words.length === 0) continue;
    const command = parseCommand(['auditctl', ...words], line.number, environment);
    const { ending } = command;
    parsed.push({ line, command });
    if (ending.kind !== 'error' && ending.kind !== 'unsupportedSignal') continue;
    const reason =
      ending.kind === 'error' ? ending.error?.message.trimEnd() : `${ending.name} is an unsupported signal`;
    say(`${path}:${line.number}: ${reason ?? 'no option of auditctl'}`);
    isGood = false;
  }
  return isGood ? parsed : null;
}

function load(
  lines: readonly ParsedLine[],
  path: string,
  before: readonly Uint8Array[],
  control: AuditControl,
  say: (text: string) => void,
  host: Host,
): boolean {
  const session = new Session(host);
  for (const parsed of lines) {
    if (!makesImmutable(parsed) && session.runLine(parsed.line, path) !== 'ok') return false;
  }
  const expected = expectedAfter(lines, before);
  const loaded = control.rules();
  const wrong = expected.rules.findIndex((rule, i) => {
    const found = loaded[i];
    return found === undefined || !isSameRule(rule, found);
  });
  if (wrong < 0 && loaded.length === expected.rules.length) {
    say(`${loaded.length} rules loaded, read back, and found to be what ${path} says`);
    return true;
  }
  const at = wrong < 0 ? expected.rules.length : wrong;
  const asText = { nativeMachine: host.nativeMachine(), isInterpreted: false, interpretArgument: null };
  const show = (rule = expected.rules[at]) => (rule === undefined ? 'no rule' : formatRule(rule, asText));
  say(`The kernel's rule ${at + 1} is: ${loaded[at] === undefined ? 'no rule' : show(loaded[at])}`);
  say(`${path} says: ${show()}`);
  return false;
}

function expectedAfter(lines: readonly ParsedLine[], before: readonly Uint8Array[]): ExpectedRules {
  const expected = new ExpectedRules(before.map(decodeRule));
  for (const { command } of lines) {
    for (const step of command.steps) {
      if (step.kind === 'deleteAll') expected.deleteMatching(rule => matchesKey(rule, step.key));
    }
    if (command.ending.kind !== 'rule') continue;
    const { operation, rule } = command.ending.request;
    if (operation === 'add') expected.add(rule);
    else expected.delete(rule);
  }
  return expected;
}

function makesImmutable({ command }: ParsedLine): boolean {
  return command.steps.some(step => step.kind === 'set' && step.field === 'enabled' && step.value === 2);
}

function lock(lines: readonly ParsedLine[], path: string, host: Host): boolean {
  const session = new Session(host);
  return lines.filter(makesImmutable).every(({ line }) => session.runLine(line, path) === 'ok');
}

const RESTORED_FIELDS: readonly (StatusField & keyof AuditStatus)[] = [
  'failure',
  'rateLimit',
  'backlogLimit',
  'backlogWaitTime',
  'enabled',
];

/** Puts the rules and the settings back that were there before. */
function restore(
  before: readonly Uint8Array[],
  status: AuditStatus,
  control: AuditControl,
  say: (text: string) => void,
): void {
  for (const bytes of control.ruleBytes()) control.deleteRuleBytes(bytes);
  for (const bytes of before) control.addRuleBytes(bytes);
  const now = control.status();
  for (const field of RESTORED_FIELDS) {
    const value = status[field];
    if (value !== null && value !== now[field]) control.setStatus(field, value);
  }
  const after = control.ruleBytes();
  const isRestored = after.length === before.length && after.every((bytes, i) => isEqual(bytes, before[i]));
  say(
    isRestored
      ? `The ${before.length} rules from before are loaded again`
      : 'THE RULES FROM BEFORE COULD NOT BE RESTORED',
  );
}

function isEqual(a: Uint8Array, b: Uint8Array | undefined): boolean {
  return b !== undefined && Buffer.compare(a, b) === 0;
}
