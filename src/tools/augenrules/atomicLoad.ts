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
    // From here on the rules change: whatever ends this, they are put back.
    let isLoaded = false;
    tell(say, () => {
      isLoaded = load(lines, path, before, control, say, host) && lock(lines, path, host);
    });
    if (isLoaded) return 0;
    if (!tell(say, () => restore(before, status, control, say))) say(NOT_RESTORED);
    return FAILED;
  } catch (error) {
    if (!isTellable(error)) throw error;
    say(error.message);
    return FAILED;
  }
}

/** What the kernel refuses or answers wrongly, and a file that is not read: told to the operator. */
function isTellable(error: unknown): error is Error {
  return error instanceof RuleFileError || error instanceof SystemError || error instanceof AnswerError;
}

/** Whether `action` ended well; otherwise its error has been told, behind `what` where that is given. */
function tell(say: (text: string) => void, action: () => void, what = ''): boolean {
  try {
    action();
    return true;
  } catch (error) {
    if (!isTellable(error)) throw error;
    say(what === '' ? error.message : `${what}: ${error.message}`);
    return false;
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

const NOT_RESTORED = 'THE RULES FROM BEFORE COULD NOT BE RESTORED';

/** Puts the rules and the settings back that were there before: as many as the kernel takes, each other one named. */
function restore(
  before: readonly Uint8Array[],
  status: AuditStatus,
  control: AuditControl,
  say: (text: string) => void,
): void {
  const asText = { nativeMachine: null, isInterpreted: false, interpretArgument: null };
  const text = (bytes: Uint8Array) => formatRule(decodeRule(bytes), asText);
  for (const bytes of control.ruleBytes()) tell(say, () => control.deleteRuleBytes(bytes), text(bytes));
  for (const bytes of before) tell(say, () => control.addRuleBytes(bytes), text(bytes));
  const now = control.status();
  for (const field of RESTORED_FIELDS) {
    const value = status[field];
    if (value !== null && value !== now[field]) tell(say, () => control.setStatus(field, value), field);
  }
  const after = control.ruleBytes();
  const isRestored = after.length === before.length && after.every((bytes, i) => isEqual(bytes, before[i]));
  say(isRestored ? `The ${before.length} rules from before are loaded again` : NOT_RESTORED);
}

function isEqual(a: Uint8Array, b: Uint8Array | undefined): boolean {
  return b !== undefined && Buffer.compare(a, b) === 0;
}
