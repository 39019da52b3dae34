import { reasonOf } from '../../base/errors.ts';
import type { Messages } from '../../base/messages.ts';
import type { FailureDecision } from '../../pipeline/pipeline.ts';
import { isFull, LogFailure, LogSuspended } from '../../sinks/log/logFailure.ts';
import type { LogAction, LogSettings } from '../../sinks/log/logSettings.ts';
import type { Crossing, LogWriter } from '../../sinks/log/logWriter.ts';
import { spaceMail } from './spaceMail.ts';

/** The log, as far as decisions about it go. */
export type PolicyLog = Pick<
  LogWriter,
  | 'rotate'
  | 'suspend'
  | 'resume'
  | 'reconfigure'
  | 'close'
  | 'dropOldest'
  | 'helperEnded'
  | 'tick'
  | 'isSuspended'
  | 'canRotate'
  | 'takeSpaceFlag'
>;

/** What an action does to the machine. Nothing of it is waited for, and each failure is logged where it happens. */
export interface MachineActions {
  mail(account: string, subject: string, body: readonly string[]): void;
  /** Settles when the helper has ended, or could not be started. */
  runHelper(path: string): Promise<void>;
  changeRunlevel(level: Runlevel): void;
  /** A line on the terminal of everybody who is logged in. */
  warnUsers(): void;
}

/** 1: single user mode. 0: halt. */
export type Runlevel = '0' | '1';

/** What the configuration wants done, beside what each crossing of the log already carries. */
export interface PolicySettings {
  readonly adminSpaceLeftAction: LogAction;
  readonly diskFullAction: LogAction;
  readonly diskErrorAction: LogAction;
  readonly actionMailAccount: string;
}

export interface PolicyInputs {
  readonly log: PolicyLog;
  readonly actions: MachineActions;
  readonly messages: Messages;
  readonly settings: PolicySettings;
  /** Runs a step between two writes. */
  readonly between: (step: () => Promise<void>) => Promise<void>;
  readonly pause: (milliseconds: number) => Promise<void>;
  /** Monotonic milliseconds. */
  readonly now: () => number;
}

/** How long a log that cannot be written is left alone before the same records are tried again. */
const RETRY_MILLISECONDS = 1000;
/** How long a stop waits for a log that cannot be written; then what is left is counted as lost. */
const STOP_PATIENCE_MILLISECONDS = 60_000;
/** A disk that goes on failing is told this often, until a write gets through. */
const MOST_DISK_ERROR_MESSAGES = 5;

/** The end of each message about an action: why. */
const LOW_SPACE = 'low disk space';
const NO_SPACE = 'no space left on logging partition';
const WRITE_ERROR = 'previously mentioned write error';

/**
 * Decides what is done when the log crosses a watermark or fails, as auditd.conf says: tells the administrator, acts
 * on the log and on the machine, and tells the pipeline what becomes of the records.
 *
 * Every method but `hurry` and `stopping` belongs between two writes.
 */
export class LogPolicy {
  readonly #inputs: PolicyInputs;
  readonly #log: PolicyLog;
  readonly #messages: Messages;
  #settings: PolicySettings;
  #endsMachine = false; // a change of runlevel was asked for: once is enough
  #stopsSince: number | null = null;
  #hurry: () => void = () => undefined;

  constructor(inputs: PolicyInputs) {
    this.#inputs = inputs;
    this.#log = inputs.log;
    this.#messages = inputs.messages;
    this.#settings = inputs.settings;
  }

  /** The log's OnCrossing. */
  async crossed(crossing: Crossing): Promise<void> {
    switch (crossing.stage) {
      case 'max_log_file':
        await this.#tooLarge(crossing.action);
        break;
      case 'space_left':
      case 'admin_space_left':
        await this.#lowOnSpace(crossing.stage, crossing.action);
        break;
      case 'disk_full':
        await this.#diskFull(crossing.action);
        break;
    }
  }

  /**
   * The pipeline's onFailure. Settles when the records may be tried again, or are to be given up: at once where the
   * action made room or suspended the log, else after a pause.
   *
   * @param error  What the log's write threw.
   */
  async failed(error: unknown): Promise<FailureDecision> {
    if (error instanceof LogSuspended) return 'discard';
    const hasRoom = await this.#answer(error);
    if (this.#log.isSuspended) return 'discard';
    if (error instanceof LogFailure && error.isWritten) return 'retry'; // nothing is left of it
    if (this.#givesUp) return 'discard';
    if (!hasRoom) await this.#waitForRetry();
    return this.#givesUp ? 'discard' : 'retry';
  }

  /** SIGUSR1. A failure is answered with the configured action, and the rotation goes on later. */
  async rotate(): Promise<void> {
    await this.#answering(() => this.#log.rotate());
  }

  /** SIGUSR2. */
  async resume(): Promise<void> {
    this.#endsMachine = false;
    await this.#answering(() => this.#log.resume());
  }

  /** SIGHUP, with settings that have been checked. */
  async reconfigure(log: LogSettings, settings: PolicySettings): Promise<void> {
    this.#settings = settings;
    await this.#answering(() => this.#log.reconfigure(log));
  }

  /** Once a minute: what is due by the time of day. */
  async tick(): Promise<void> {
    await this.#answering(() => this.#log.tick());
  }

  /** The end: a last fsync that fails is told, and nothing is done about it any more. */
  async close(): Promise<void> {
    try {
      await this.#log.close();
    } catch (error) {
      if (!(error instanceof LogFailure)) throw error;
      this.#sayDiskError(error.operation, error.cause);
    }
  }

  /** Ends the pause before the next try: somebody has, or may have, changed what made the log fail. */
  hurry(): void {
    this.#hurry();
  }

  /** The daemon stops: a log that cannot be written is not waited for without end any more. */
  stopping(): void {
    this.#stopsSince ??= this.#inputs.now();
    this.hurry();
  }

  get #givesUp(): boolean {
    if (this.#stopsSince === null) return false;
    // Who halts the machine for want of a log does not want the halt to wait for the log.
    return this.#endsMachine || this.#inputs.now() - this.#stopsSince > STOP_PATIENCE_MILLISECONDS;
  }

  async #waitForRetry(): Promise<void> {
    const hurried = new Promise<void>(resolve => {
      this.#hurry = resolve;
    });
    await Promise.race([this.#inputs.pause(RETRY_MILLISECONDS), hurried]);
  }

  async #answering(step: () => Promise<void>): Promise<void> {
    try {
      await step();
    } catch (error) {
      if (!(error instanceof LogFailure)) throw error;
      await this.#answer(error);
    }
  }

  /** True when there may be room for the records now. */
  async #answer(error: unknown): Promise<boolean> {
    const cause = error instanceof LogFailure ? error.cause : error;
    const operation = error instanceof LogFailure ? error.operation : 'write';
    if (isFull(cause) && (operation === 'write' || operation === 'rotate' || operation === 'rotate2')) {
      if (this.#log.takeSpaceFlag()) return this.#diskFull(this.#settings.diskFullAction);
      // Told and acted upon before. Only what failed beside the records is worth another word.
      if (operation === 'write') return this.#settings.diskFullAction.kind === 'rotate' && this.#dropOldest();
    }
    await this.#diskError(operation, cause, error instanceof LogFailure ? error.failuresInRow : 1);
    return false;
  }

  // The rotation was not enough. Who wants it for a full disk would rather miss the oldest records than the newest.
  async #dropOldest(): Promise<boolean> {
    let hasRoom = false;
    await this.#answering(async () => {
      hasRoom = await this.#log.dropOldest();
    });
    return hasRoom;
  }

  async #tooLarge(action: LogAction): Promise<void> {
    switch (action.kind) {
      case 'syslog':
        this.#messages.error('Audit daemon log file is larger than max size');
        break;
      case 'suspend':
        this.#messages.error('Audit daemon is suspending logging due to logfile size.');
        await this.#log.suspend();
        break;
      case 'exec':
        await this.#runBesideLog(action.path);
        break;
      default: // the log itself rotates, or nobody does anything
    }
  }

  // The helper gets a file that nobody writes any more, and the records a new one: they do not wait for a script.
  async #runBesideLog(path: string): Promise<void> {
    if (this.#log.canRotate) await this.rotate();
    void this.#inputs.actions
      .runHelper(path)
      .then(() => this.#inputs.between(() => this.#answering(() => this.#log.helperEnded())));
  }

  async #lowOnSpace(stage: 'space_left' | 'admin_space_left', action: LogAction): Promise<void> {
    const { adminSpaceLeftAction, diskFullAction, actionMailAccount } = this.#settings;
    if (adminSpaceLeftAction.kind === 'halt' || diskFullAction.kind === 'halt') this.#inputs.actions.warnUsers();
    const next = this.#whatComesNext(stage);
    switch (action.kind) {
      case 'syslog':
        this.#messages.alert(`Audit daemon is low on disk space for logging. ${next}`);
        break;
      case 'email': {
        const { subject, body } = spaceMail(stage, next);
        this.#inputs.actions.mail(actionMailAccount, subject, body);
        this.#messages.alert(body.join(' '));
        break;
      }
      default:
        await this.#act(action, LOW_SPACE);
    }
  }

  #whatComesNext(stage: 'space_left' | 'admin_space_left'): string {
    const { adminSpaceLeftAction, diskFullAction } = this.#settings;
    const full = `If the disk becomes full, audit will ${diskFullAction.kind}.`;
    if (stage === 'admin_space_left') return full;
    return `If the admin space left threshold is reached, audit will ${adminSpaceLeftAction.kind}. ${full}`;
  }

  async #diskFull(action: LogAction): Promise<boolean> {
    this.#messages.alert('Audit daemon has no space left on logging partition');
    return this.#act(action, NO_SPACE);
  }

  async #diskError(operation: string, cause: unknown, failuresInRow: number): Promise<void> {
    const action = this.#settings.diskErrorAction;
    if (action.kind === 'ignore') return;
    // The reference says this for syslog alone, and has the other actions refer to it all the same.
    if (failuresInRow <= MOST_DISK_ERROR_MESSAGES) this.#sayDiskError(operation, cause);
    await this.#act(action, WRITE_ERROR);
  }

  #sayDiskError(operation: string, cause: unknown): void {
    this.#messages.alert(`${operation}: Audit daemon detected an error writing an event to disk (${reasonOf(cause)})`);
  }

  /** What the three kinds of trouble have in common. True when the log was rotated. */
  async #act(action: LogAction, reason: string): Promise<boolean> {
    const stop = reason === WRITE_ERROR ? '' : '.';
    switch (action.kind) {
      case 'rotate':
        if (!this.#log.canRotate) return false;
        await this.rotate();
        return true;
      case 'exec':
        await this.#log.suspend();
        void this.#inputs.actions.runHelper(action.path);
        return false;
      case 'suspend':
        if (this.#log.isSuspended) return false;
        this.#messages.alert(`Audit daemon is suspending logging due to ${reason}${stop}`);
        await this.#log.suspend();
        return false;
      case 'single':
        this.#endMachine('1', `changing the system to single user mode and exiting due to ${reason}`);
        return false;
      case 'halt':
        this.#endMachine('0', `halting the system and exiting due to ${reason}${stop === '' ? '.' : ''}`);
        return false;
      default:
        return false;
    }
  }

  #endMachine(level: Runlevel, what: string): void {
    if (this.#endsMachine) return;
    this.#endsMachine = true;
    this.#messages.alert(`The audit daemon is now ${what}`);
    this.#inputs.actions.changeRunlevel(level);
  }
}
