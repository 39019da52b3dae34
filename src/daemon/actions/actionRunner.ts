import { isErrno, reasonOf } from '../../base/errors.ts';
import type { Messages } from '../../base/messages.ts';
import type { MachineActions, Runlevel } from './logPolicy.ts';
import type { Ended, Machine } from './machine.ts';
import { mailText } from './spaceMail.ts';
import { terminalsInUse } from './utmp.ts';

export interface ActionPaths {
  readonly mailer: string;
  /** Changes the runlevel. In a test never the real one. */
  readonly runlevel: string;
  readonly utmp: string;
  readonly console: string;
}

export const productionPaths: ActionPaths = {
  mailer: '/usr/lib/sendmail',
  runlevel: '/sbin/init',
  utmp: '/var/run/utmp',
  console: '/dev/console',
};

const WALL_TEXT =
  '\nBroadcast message from audit daemon:\n' +
  'The audit system is low on disk space and is now halting the system for admin corrective action.\n';

/** Does to the machine what a watermark or a failing disk asks for. Records wait for none of it. */
export class ActionRunner implements MachineActions {
  readonly #machine: Machine;
  readonly #paths: ActionPaths;
  readonly #messages: Messages;
  readonly #underWay = new Set<Promise<void>>();

  constructor(machine: Machine, paths: ActionPaths, messages: Messages) {
    this.#machine = machine;
    this.#paths = paths;
    this.#messages = messages;
  }

  /** Settles when what has been started so far has ended; a helper that hangs keeps it from doing so. */
  async settled(): Promise<void> {
    await Promise.all(this.#underWay);
  }

  mail(account: string, subject: string, body: readonly string[]): void {
    this.#start(() => this.#mail(account, subject, body));
  }

  runHelper(path: string): Promise<void> {
    return this.#start(() => this.#runHelper(path));
  }

  changeRunlevel(level: Runlevel): void {
    this.#start(() => this.#changeRunlevel(level));
  }

  warnUsers(): void {
    this.#start(() => this.#warnUsers());
  }

  #start(action: () => Promise<void>): Promise<void> {
    const ended = action()
      // What an action may expect to go wrong it has said itself, in its own words.
      .catch((error: unknown) => this.#messages.error(`An action of the audit daemon failed (${reasonOf(error)})`))
      .finally(() => this.#underWay.delete(ended));
    this.#underWay.add(ended);
    return ended;
  }

  async #mail(account: string, subject: string, body: readonly string[]): Promise<void> {
    const { mailer } = this.#paths;
    if (!(await this.#machine.isExecutable(mailer))) {
      this.#messages.error(`Error - ${mailer} isn't executable`);
      return;
    }
    const text = mailText(account, subject, body);
    const ended = await this.#run(mailer, ['-t', `-f${account}`], text, 'while sending email alert');
    if (ended === null) this.#messages.error('Error - starting mail');
    else this.#sayHow(mailer, ended);
  }

  async #runHelper(path: string): Promise<void> {
    const ended = await this.#run(path, [], null, 'doing safe_exec');
    if (ended !== null) this.#sayHow(path, ended);
  }

  async #changeRunlevel(level: Runlevel): Promise<void> {
    const { runlevel } = this.#paths;
    if (level === '0') await this.#writeConsole(`auditd: will try to change runlevel to ${level}\n`);
    const ended = await this.#run(runlevel, [level], null, 'switching runlevels');
    if (ended === null) return;
    if (ended.code === 0) await this.#writeConsole(`auditd: changed runlevel to ${level}\n`);
    else this.#sayHow(runlevel, ended);
  }

  async #warnUsers(): Promise<void> {
    let utmp: Uint8Array;
    try {
      utmp = await this.#machine.readFile(this.#paths.utmp);
    } catch (error) {
      if (isErrno(error, 'ENOENT')) return; // a system that does not note who is logged in
      throw error;
    }
    for (const line of terminalsInUse(utmp)) await this.#writeTerminal(`/dev/${line}`, WALL_TEXT);
  }

  async #run(path: string, args: readonly string[], input: string | null, purpose: string): Promise<Ended | null> {
    try {
      return await this.#machine.run(path, args, input);
    } catch (error) {
      const couldNotFork = isErrno(error, 'EAGAIN') || isErrno(error, 'ENOMEM');
      const what = couldNotFork ? `fork ${purpose}` : `exec ${path}`;
      this.#messages.alert(`Audit daemon failed to ${what} (${reasonOf(error)})`);
      return null;
    }
  }

  #sayHow(path: string, { code, signal }: Ended): void {
    if (code === 0) return;
    this.#messages.warning(`${path} ended with ${signal ?? `exit code ${code}`}`);
  }

  #writeConsole(text: string): Promise<void> {
    return this.#writeTerminal(this.#paths.console, text);
  }

  async #writeTerminal(path: string, text: string): Promise<void> {
    try {
      await this.#machine.writeTerminal(path, text);
    } catch (error) {
      // Logged out meanwhile, or held up: the others shall read it all the same.
      this.#messages.debug(`Cannot write to ${path} (${reasonOf(error)})`);
    }
  }
}
