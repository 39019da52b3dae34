import { parseCNumber } from '../../control/cNumber.ts';
import { type OptionNames, OptionScanner } from '../../control/optionScanner.ts';
import { KEY_BYTES_MAX, KEY_SEPARATOR } from '../../control/rule.ts';
import { RuleBuilder, type RuleRequest } from '../../control/ruleBuilder.ts';
import type { RuleEnvironment, RuleWarning } from '../../control/ruleEnvironment.ts';
import { DeprecatedActionError, RuleError } from '../../control/ruleError.ts';
import { addRuleOption } from '../../control/ruleLine.ts';
import type { StatusField } from '../../control/status.ts';
import { type DaemonSignal, daemonSignal } from './daemonSignal.ts';
import { USAGE } from './usage.ts';
import { VERSION } from './version.ts';

/** One thing that an option asks for. Steps run in the order of their options; the first that fails ends the command. */
export type Step =
  | { kind: 'print'; text: string }
  | { kind: 'warn'; warning: RuleWarning }
  | { kind: 'ignoreErrors' }
  | { kind: 'continueOnErrors' }
  | { kind: 'status'; isInterpreted: boolean }
  | { kind: 'set'; field: StatusField; value: number }
  | { kind: 'list'; key: string; isInterpreted: boolean }
  | { kind: 'deleteAll'; key: string }
  | { kind: 'userMessage'; text: string }
  | { kind: 'makeEquivalent'; mount: string; subtree: string }
  | { kind: 'trim' }
  | { kind: 'resetLost' }
  | { kind: 'resetBacklogWaitTimeActual' }
  | { kind: 'lockLoginuid' }
  | { kind: 'signal'; signal: DaemonSignal };

/** How a command ends once its steps have run. */
export type Ending =
  /** Nothing more. */
  | { kind: 'done' }
  /** Whatever was set is shown. */
  | { kind: 'showStatus' }
  | { kind: 'rule'; request: RuleRequest }
  /** `exit,possible`: said, and otherwise ignored. */
  | { kind: 'deprecated'; error: RuleError }
  /** `error` is null where the reference has no words for it beyond those that close every failure. */
  | { kind: 'error'; error: RuleError | null }
  /** An unknown signal: said, and without the words that close every other failure. */
  | { kind: 'unsupportedSignal'; name: string };

export interface Command {
  steps: Step[];
  ending: Ending;
  /** Whether a rule was to be added or deleted, even where building it failed. */
  hasList: boolean;
}

const OPTIONS: OptionNames = {
  letters: 'hicslDvtC:e:f:r:b:a:A:d:S:F:m:R:w:W:k:p:q:',
  long: new Map([
    ['help', false],
    ['loginuid-immutable', false],
    ['backlog_wait_time', true],
    ['reset-lost', false],
    ['reset_backlog_wait_time_actual', false],
    ['signal', true],
  ]),
};

/** How an option leaves the command: open for more, complete, or complete with whatever follows ignored. */
type Outcome = 'open' | 'done' | 'doneAtOnce';

/**
 * What auditctl's arguments, or one line of a rules file, ask for. Never throws: what is wrong is in the ending, and
 * what stood before it in the steps, because it takes effect.
 *
 * @param words  Byte strings, the program's name first.
 * @param line   Number of the line in a rules file, null on the command line.
 */
export function parseCommand(words: readonly string[], line: number | null, environment: RuleEnvironment): Command {
  const command = new CommandParser(words, line, environment);
  return command.parse();
}

class CommandParser {
  readonly #scanner: OptionScanner;
  readonly #line: number | null;
  readonly #steps: Step[] = [];
  readonly #rule: RuleBuilder;

  constructor(words: readonly string[], line: number | null, environment: RuleEnvironment) {
    this.#scanner = new OptionScanner(words, OPTIONS);
    this.#line = line;
    this.#rule = new RuleBuilder({
      nativeMachine: () => environment.nativeMachine(),
      userId: name => environment.userId(name),
      groupId: name => environment.groupId(name),
      isDirectory: path => environment.isDirectory(path),
      featureBitmap: () => environment.featureBitmap(),
      warn: warning => this.#steps.push({ kind: 'warn', warning }),
    });
  }

  parse(): Command {
    const ending = this.#ending();
    return { steps: this.#steps, ending, hasList: this.#rule.hasList };
  }

  #ending(): Ending {
    try {
      const outcome = this.#takeOptions();
      if (outcome === 'doneAtOnce') return { kind: 'done' };
      // No option was taken whole: a word that is none, or joined letters of which the first was enough.
      if (this.#scanner.index === 1) return { kind: 'error', error: null };
      if (this.#scanner.index < this.#scanner.words.length) throw wrong('parameter passed without an option given');
      if (outcome === 'done') return { kind: 'done' };
      const request = this.#rule.finish();
      if (request !== null) return { kind: 'rule', request };
      if (this.#rule.hasSyscalls) throw wrong('Error - no list specified');
      return this.#steps.some(step => step.kind === 'set') ? { kind: 'showStatus' } : { kind: 'done' };
    } catch (error) {
      if (error instanceof UnsupportedSignal) return { kind: 'unsupportedSignal', name: error.message };
      if (!(error instanceof RuleError)) throw error;
      if (!(error instanceof DeprecatedActionError)) return { kind: 'error', error };
      // Of -A alone, what follows such a rule is an error of its own.
      if (error.isPrepended && this.#scanner.index < this.#scanner.words.length)
        return { kind: 'error', error: wrong(`${error.message}\nparameter passed without an option given`) };
      return { kind: 'deprecated', error };
    }
  }

  #takeOptions(): Outcome {
    for (let option = this.#scanner.next(); option !== null; option = this.#scanner.next()) {
      if (option.name === null) throw this.#invalidOption();
      const outcome = this.#takeOption(option.name, option.argument ?? '');
      if (outcome !== 'open') return outcome;
    }
    return 'open';
  }

  #takeOption(name: string, argument: string): Outcome {
    switch (name) {
      case 'h':
      case 'help':
        return this.#finishWith({ kind: 'print', text: USAGE });
      case 'v':
        return this.#finishWith({ kind: 'print', text: `auditctl version ${VERSION}\n` });
      case 'i':
        return this.#finishWith({ kind: 'ignoreErrors' });
      case 'c':
        return this.#finishWith({ kind: 'continueOnErrors' });
      case 's':
        return this.#finishWith({ kind: 'status', isInterpreted: this.#takeStatusWords() });
      case 'l':
        return this.#finishWith(this.#takeListWords());
      case 'D':
        return this.#finishWith({ kind: 'deleteAll', key: this.#takeDeleteAllWords() });
      case 'e':
        return this.#set('enabled', oneOf(['0', '1', '2'], argument, 'Enable must be 0, 1, or 2 was'));
      case 'f':
        return this.#set('failure', oneOf(['0', '1', '2'], argument, 'Failure must be 0, 1, or 2 was'));
      case 'r':
        return this.#set('rateLimit', limit(argument, 'Rate', 'rate'));
      case 'b':
        return this.#set('backlogLimit', limit(argument, 'Backlog', 'backlog'));
      case 'backlog_wait_time':
        return this.#set('backlogWaitTime', limit(argument, 'Backlog_wait_time', 'backlog_wait_time'));
      case 'm':
        return this.#takeUserMessage(argument);
      case 'q':
        return this.#takeEquivalence(argument);
      case 't':
        return this.#finishAtOnceWith({ kind: 'trim' });
      case 'R':
        throw wrong('Error - nested rule files not supported');
      case 'loginuid-immutable':
        return this.#finishWith({ kind: 'lockLoginuid' });
      case 'reset-lost':
        return this.#finishWith({ kind: 'resetLost' });
      case 'reset_backlog_wait_time_actual':
        return this.#finishAtOnceWith({ kind: 'resetBacklogWaitTimeActual' });
      case 'signal': {
        const signal = daemonSignal(argument);
        if (signal === null) throw new UnsupportedSignal(argument);
        return this.#finishWith({ kind: 'signal', signal });
      }
      case 'F':
        // Scripts written for early releases put an arch before -t; it means nothing there.
        if (!this.#rule.hasList && argument.includes('arch=') && this.#word(0) === '-t') return 'open';
        addRuleOption(this.#rule, name, argument);
        return 'open';
      default:
        addRuleOption(this.#rule, name, argument);
        return 'open';
    }
  }

  #finishWith(step: Step): Outcome {
    this.#steps.push(step);
    return 'done';
  }

  #finishAtOnceWith(step: Step): Outcome {
    this.#steps.push(step);
    return 'doneAtOnce';
  }

  #set(field: StatusField, value: number): Outcome {
    this.#steps.push({ kind: 'set', field, value });
    return 'open';
  }

  /** The word `offset` places after the ones taken so far. */
  #word(offset: number): string | undefined {
    return this.#scanner.words[this.#scanner.index + offset];
  }

  /** Whether -i follows -s; nothing else may. */
  #takeStatusWords(): boolean {
    const { words } = this.#scanner;
    if (words.length > 3) throw wrong('Too many options for status command');
    if (words.length !== 3 || words[1] !== '-s') return false;
    if (words[2] !== '-i') throw wrong('Only -i option is allowed');
    this.#scanner.index++;
    return true;
  }

  #takeListWords(): Step {
    const count = this.#scanner.words.length;
    if (count > 4) throw wrong('Wrong number of options for list request');
    const follower = this.#word(0);
    if ((count === 3 && follower !== '-i') || (count === 4 && follower !== '-k')) {
      throw wrong('Only -k or -i options are allowed');
    }
    const key = count === 4 ? checkedKey(this.#word(1) ?? '') : '';
    this.#scanner.index += count - 2;
    return { kind: 'list', key, isInterpreted: count === 3 };
  }

  #takeDeleteAllWords(): string {
    const count = this.#scanner.words.length;
    if (count === 3 || count > 4) throw wrong('Wrong number of options for Delete all request');
    if (count !== 4) return '';
    if (this.#word(0) !== '-k') throw wrong('Only the -k option is allowed');
    const key = checkedKey(this.#word(1) ?? '');
    this.#scanner.index += 2;
    return key;
  }

  #takeUserMessage(text: string): Outcome {
    if (this.#scanner.words.length > 3) {
      throw wrong('The -m option must be only the only option and takes 1 parameter');
    }
    // A control character would let the message's author forge the rest of the record.
    if (/[^ -\x7f]/.test(text)) throw wrong('Illegal character in audit event');
    return this.#finishAtOnceWith({ kind: 'userMessage', text });
  }

  #takeEquivalence(paths: string): Outcome {
    if (this.#rule.hasSyscalls) throw wrong('Syscall auditing requested for make equivalent');
    const [mount, subtree, more] = paths.split(',');
    if (mount === undefined || subtree === undefined || subtree === '' || more !== undefined) {
      throw wrong('Error parsing equivalent parts');
    }
    return this.#finishAtOnceWith({ kind: 'makeEquivalent', mount, subtree });
  }

  #invalidOption(): RuleError {
    const { index, words } = this.#scanner;
    const word = index < 2 ? ' ' : words[index - 1];
    const where = this.#line === null ? '' : ` on line ${this.#line}`;
    return wrong(`Option ${word}${where} is invalid`);
  }
}

class UnsupportedSignal extends Error {}

function wrong(text: string): RuleError {
  return new RuleError(text);
}

function oneOf(allowed: readonly string[], argument: string, complaint: string): number {
  if (!allowed.includes(argument)) throw wrong(`${complaint} ${argument}`);
  return Number(argument);
}

/** A number from 0 to 2^32 - 1, longer ones cut to their low 32 bits. */
function limit(argument: string, title: string, name: string): number {
  if (!/^[0-9]/.test(argument)) throw wrong(`${title} must be a numeric value was ${argument}`);
  const { word, isOverflow } = parseCNumber(argument, 'unsigned');
  if (isOverflow) throw wrong(`Error converting ${name}`);
  return word;
}

/** The key by which -l and -D choose. */
function checkedKey(key: string): string {
  if (key.length > KEY_BYTES_MAX) throw wrong('key option exceeds size limit');
  if (key.includes(KEY_SEPARATOR)) throw wrong(`key ${key} has illegal character`);
  return key;
}
