import { errnoText, isErrno, SystemError } from '../../base/errors.ts';
import { AnswerError } from '../../control/answerError.ts';
import type { AuditControl } from '../../control/auditControl.ts';
import { FEATURE, formatFeatures } from '../../control/features.ts';
import { FIELD, matchesKey } from '../../control/rule.ts';
import type { RuleRequest } from '../../control/ruleBuilder.ts';
import { decodeRule } from '../../control/ruleBytes.ts';
import { type RuleEnvironment, warningText } from '../../control/ruleEnvironment.ts';
import { splitRuleLine } from '../../control/ruleLine.ts';
import { formatRule } from '../../control/ruleText.ts';
import { FEATURE_BITMAP, formatStatus, type StatusField } from '../../control/status.ts';
import { formatUserMessage } from '../../control/userMessage.ts';
import { AUDIT } from '../../tables/recordTypes.ts';
import type { DaemonSignal } from './daemonSignal.ts';
import type { Host } from './host.ts';
import { type Command, parseCommand, type Step } from './options.ts';
import { RuleFileError, type RuleFileLine, readRuleFile } from './ruleFile.ts';
import { USAGE } from './usage.ts';

/** Exit codes of auditctl; scripts and service actions depend on each. */
const EXIT = { success: 0, refused: 1, noDaemon: 2, noPrivilege: 4, failure: 255 } as const;

/**
 * Does what auditctl's arguments ask for.
 *
 * @param words  Byte strings, the program's name first.
 * @returns The exit code.
 */
export function run(words: readonly string[], host: Host): number {
  if (words.length === 1) {
    host.output.print(USAGE);
    return EXIT.refused;
  }
  if (!isFree(words, host) && !host.hasAuditControl()) {
    host.output.tell('You must be root to run this program.');
    return EXIT.noPrivilege;
  }
  const session = new Session(host);
  const [, option, file] = words;
  if (option === '-R' && file !== undefined && words.length === 3) return session.runFile(file);
  return session.runWords(words);
}

/** Whether a command needs no privilege of ours: help, and a list, which the kernel guards by itself. */
function isFree(words: readonly string[], host: Host): boolean {
  if (words.length !== 2) return false;
  return words[1] === '-h' || words[1] === '--help' || (words[1] === '-l' && host.isRoot());
}

/** How one command came out. `exit` ends the program with a code of its own. */
type Verdict = { kind: 'ok' } | { kind: 'failed' } | { kind: 'disabled' } | { kind: 'exit'; code: number };
const OK: Verdict = { kind: 'ok' };
const FAILED: Verdict = { kind: 'failed' };

/** Thrown by a step for what it has told already. */
class StepFailed extends Error {}

/** One run of auditctl: one socket, and what lines of a file leave for the lines after them. */
export class Session {
  readonly #host: Host;
  #control: AuditControl | null = null;
  #featureBitmap: number | null = null;
  #ignoresErrors = false;
  #remembersErrors = false;

  constructor(host: Host) {
    this.#host = host;
  }

  runWords(words: readonly string[]): number {
    if (this.#openControl() === null) return EXIT.refused;
    const command = parseCommand(words, null, this.#environment());
    const verdict = this.#run(command, null);
    switch (verdict.kind) {
      case 'ok':
        return EXIT.success;
      case 'exit':
        return verdict.code;
      case 'disabled':
        this.#host.output.tell('The audit system is disabled');
        return EXIT.success;
      case 'failed':
        this.#host.output.tell('There was an error while processing parameters');
        return EXIT.failure;
    }
  }

  runFile(path: string): number {
    if (this.#openControl() !== null && !this.#isReadyForRules()) return EXIT.refused;
    let hasFailed = false;
    try {
      for (const line of readRuleFile(path)) {
        const outcome = this.runLine(line, path);
        if (outcome === 'ok') continue;
        if (outcome === 'disabled') return EXIT.success;
        if (outcome === 'noSocket' || !this.#ignoresErrors) return EXIT.refused;
        hasFailed = true;
      }
    } catch (error) {
      if (!(error instanceof RuleFileError)) throw error;
      this.#host.output.tell(error.message);
      return EXIT.refused;
    }
    return hasFailed && this.#remembersErrors ? EXIT.refused : EXIT.success;
  }

  /** Does what one line of a rules file asks for, and tells what went wrong. */
  runLine({ number, text }: RuleFileLine, path: string): 'ok' | 'failed' | 'disabled' | 'noSocket' {
    const words = splitRuleLine(text);
    if (words.length === 0) return 'ok';
    if (this.#openControl() === null) return 'noSocket';
    const command = parseCommand(['auditctl', ...words], number, this.#environment());
    const verdict = this.#run(command, number);
    if (verdict.kind === 'ok') return 'ok';
    if (verdict.kind === 'disabled') {
      this.#host.output.tell('The audit system is disabled');
      return 'disabled';
    }
    this.#host.output.tell(`There was an error in line ${number} of ${path}`);
    return 'failed';
  }

  #run(command: Command, line: number | null): Verdict {
    try {
      for (const step of command.steps) {
        const verdict = this.#runStep(step, line);
        if (verdict.kind !== 'ok') return verdict;
      }
      const { ending } = command;
      if (ending.kind === 'error' && ending.error !== null) this.#host.output.tell(ending.error.message);
      // A file's rules were checked for once, before its first line.
      if (command.hasList && line === null && !this.#isReadyForRules()) return { kind: 'exit', code: EXIT.refused };
      switch (ending.kind) {
        case 'done':
          return OK;
        case 'showStatus':
          this.#showStatus(false);
          return OK;
        case 'rule':
          this.#sendRule(ending.request);
          return OK;
        case 'deprecated':
          this.#host.output.tell(ending.error.message);
          return OK;
        case 'unsupportedSignal':
          this.#host.output.tell(`${ending.name} is an unsupported signal`);
          return { kind: 'exit', code: EXIT.refused };
        case 'error':
          return FAILED;
      }
    } catch (error) {
      if (error instanceof StepFailed) return FAILED;
      if (isErrno(error, 'ECONNREFUSED')) return { kind: 'disabled' };
      throw error;
    }
  }

  #runStep(step: Step, line: number | null): Verdict {
    const control = this.#requireControl();
    switch (step.kind) {
      case 'print':
        this.#host.output.print(step.text);
        return OK;
      case 'warn':
        this.#host.output.tell(warningText(step.warning, line));
        return OK;
      case 'ignoreErrors':
        this.#ignoresErrors = true;
        return OK;
      case 'continueOnErrors':
        this.#ignoresErrors = true;
        this.#remembersErrors = true;
        return OK;
      case 'status':
        this.#showStatus(step.isInterpreted);
        this.#showFeatures();
        return OK;
      case 'set':
        this.#attempt(`Error sending ${REQUEST_WORDS[step.field]} request`, () =>
          control.setStatus(step.field, step.value),
        );
        return OK;
      case 'list':
        this.#list('Error sending rule list data request', step.key, step.isInterpreted);
        return OK;
      case 'deleteAll':
        this.#deleteAll(step.key);
        return OK;
      case 'userMessage':
        this.#sendUserMessage(step.text);
        return OK;
      case 'makeEquivalent':
        this.#attempt('Error sending make_equivalent command', () => control.makeEquivalent(step.mount, step.subtree));
        return OK;
      case 'trim':
        this.#attempt('Error sending trim subtrees command', () => control.trimTrees());
        return OK;
      case 'resetLost': {
        if ((this.#features() & FEATURE_BITMAP.lostReset) === 0) {
          this.#host.output.tell('Field option not supported by kernel: reset-lost');
          return FAILED;
        }
        const lost = this.#attempt('Error sending lost reset request', () => control.resetLost());
        this.#host.output.tell(`lost: ${lost}`);
        return OK;
      }
      case 'resetBacklogWaitTimeActual': {
        const waited = this.#attempt('Error sending backlog wait time actual reset request', () =>
          control.resetBacklogWaitTimeActual(),
        );
        this.#host.output.tell(`backlog_wait_time_actual: ${waited}`);
        return OK;
      }
      case 'lockLoginuid': {
        const bit = 1 << FEATURE.loginuidImmutable;
        this.#attempt('Error setting feature', () => control.setFeatures({ mask: bit, features: bit, lock: bit }));
        return OK;
      }
      case 'signal':
        return this.#signalDaemon(step.signal);
    }
  }

  #showStatus(isInterpreted: boolean): void {
    const status = this.#attempt('Error sending status request', () => this.#requireControl().status());
    this.#host.output.print(formatStatus(status, isInterpreted));
  }

  #showFeatures(): void {
    const control = this.#requireControl();
    this.#attempt('Error getting feature', () => {
      try {
        this.#host.output.print(formatFeatures(control.features()));
      } catch (error) {
        // A kernel before 3.13 has no features to show.
        if (!isErrno(error, 'EINVAL')) throw error;
      }
    });
  }

  #list(complaint: string, key: string, isInterpreted: boolean): void {
    const rules = this.#attempt(complaint, () => this.#requireControl().rules());
    if (rules.length === 0) this.#host.output.print('No rules\n');
    const options = {
      nativeMachine: this.#host.nativeMachine(),
      isInterpreted,
      interpretArgument: this.#host.interpretArgument,
    };
    const lines = rules.filter(rule => matchesKey(rule, key)).map(rule => `${formatRule(rule, options)}\n`);
    if (lines.length > 0) this.#host.output.print(lines.join(''));
  }

  #deleteAll(key: string): void {
    const control = this.#requireControl();
    // The kernel's own bytes go back: a rule with fields we do not know must be deletable too.
    const all = this.#attempt('Error receiving rules list', () => control.ruleBytes());
    for (const bytes of all) {
      this.#attempt('Error deleting rule', () => {
        if (key === '' || matchesKey(decodeRule(bytes), key)) control.deleteRuleBytes(bytes);
      });
    }
    this.#list('Error receiving rules list', key, false);
  }

  #sendRule({ operation, rule }: RuleRequest): void {
    const control = this.#requireControl();
    if (operation === 'delete') {
      this.#attempt('Error sending delete rule data request', () => control.deleteRule(rule));
      return;
    }
    this.#attempt('Error sending add rule data request', () => {
      const [first] = rule.fields;
      try {
        control.addRule(rule);
      } catch (error) {
        if (first?.field !== FIELD.dir || !isErrno(error, 'EINVAL')) throw error;
        // What the kernel refuses to watch as a tree, it may watch as a single path.
        first.field = FIELD.path;
        control.addRule(rule);
      }
    });
  }

  #sendUserMessage(text: string): void {
    const { exe, hostname, terminal } = this.#host.sender();
    const message = formatUserMessage({
      message: `text=${text}`,
      exe,
      hostname,
      addr: null,
      terminal,
      isSuccess: true,
    });
    this.#attempt('Error sending user message', () => this.#requireControl().userMessage(AUDIT.USER, message));
  }

  #signalDaemon(signal: DaemonSignal): Verdict {
    const { output } = this.#host;
    let pid: number | null;
    try {
      pid = this.#requireControl().daemonPid();
    } catch (error) {
      if (!(error instanceof SystemError) || error.code === 'ECONNREFUSED') throw error;
      output.tell(`Failed sending signal to auditd (${error.code === 'EAGAIN' ? 'timeout' : errnoText(error.errno)})`);
      return { kind: 'exit', code: EXIT.refused };
    }
    if (pid === null) {
      output.tell('Auditd is not running');
      return { kind: 'exit', code: EXIT.noDaemon };
    }
    try {
      this.#host.signal(pid, signal);
      return OK;
    } catch (error) {
      if (!isErrno(error, 'ESRCH') && !isErrno(error, 'EPERM')) throw error;
      output.tell(`Failed sending signal to auditd (${errnoText(-(error.errno ?? 0))})`);
      return { kind: 'exit', code: EXIT.refused };
    }
  }

  /** Whether the kernel takes changes of rules; says why when it does not. */
  #isReadyForRules(): boolean {
    try {
      if (this.#requireControl().status().enabled !== 2) return true;
      this.#host.output.tell('The audit system is in immutable mode, no rule changes allowed');
      return false;
    } catch (error) {
      if (isErrno(error, 'ECONNREFUSED')) {
        this.#host.output.tell('The audit system is disabled');
        return false;
      }
      // Another refusal comes again, and is told, when the rule is sent.
      if (error instanceof SystemError || error instanceof AnswerError) return true;
      throw error;
    }
  }

  /** Runs a request; a refusal is told as `complaint (reason)` and ends the command, except for audit being off. */
  #attempt<T>(complaint: string, request: () => T): T {
    try {
      return request();
    } catch (error) {
      if (error instanceof AnswerError) {
        this.#host.output.tell(`${complaint} (${error.message})`);
        throw new StepFailed();
      }
      if (!(error instanceof SystemError) || error.code === 'ECONNREFUSED') throw error;
      const isRule = error.syscall === 'AUDIT_ADD_RULE' || error.syscall === 'AUDIT_DEL_RULE';
      const reason = isRule && error.code === 'EEXIST' ? 'Rule exists' : errnoText(error.errno);
      this.#host.output.tell(`${complaint} (${reason})`);
      throw new StepFailed();
    }
  }

  #environment(): RuleEnvironment {
    const host = this.#host;
    return {
      nativeMachine: () => host.nativeMachine(),
      userId: name => host.userId(name),
      groupId: name => host.groupId(name),
      isDirectory: path => host.isDirectory(path),
      featureBitmap: () => this.#features(),
      warn: () => {},
    };
  }

  #features(): number {
    if (this.#featureBitmap !== null) return this.#featureBitmap;
    try {
      this.#featureBitmap = this.#requireControl().status().featureBitmap ?? 0;
    } catch (error) {
      // A kernel that does not say what it knows is taken for one that knows nothing new.
      if (!(error instanceof SystemError) && !(error instanceof AnswerError)) throw error;
      this.#featureBitmap = 0;
    }
    return this.#featureBitmap;
  }

  /** Null, and a message, when there is no socket to be had. */
  #openControl(): AuditControl | null {
    if (this.#control !== null) return this.#control;
    try {
      this.#control = this.#host.openControl();
    } catch (error) {
      if (!(error instanceof SystemError)) throw error;
      this.#host.output.tell('Cannot open netlink audit socket');
    }
    return this.#control;
  }

  #requireControl(): AuditControl {
    if (this.#control === null) throw new Error('auditctl: a request before its socket is open');
    return this.#control;
  }
}

/** What a change of the status is called in messages. */
const REQUEST_WORDS: Readonly<Record<StatusField, string>> = {
  enabled: 'enable',
  failure: 'failure mode',
  pid: 'audit daemon pid',
  rateLimit: 'rate limit',
  backlogLimit: 'backlog limit',
  backlogWaitTime: 'backlog wait time',
  lost: 'lost reset',
  backlogWaitTimeActual: 'backlog wait time actual reset',
};
