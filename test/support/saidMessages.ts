import type { Messages } from '../../src/base/messages.ts';

/** Messages that a test can look at: `error Couldn't …`. */
export class SaidMessages implements Messages {
  readonly said: string[] = [];

  emergency = (text: string): void => this.#say('emergency', text);
  alert = (text: string): void => this.#say('alert', text);
  critical = (text: string): void => this.#say('critical', text);
  error = (text: string): void => this.#say('error', text);
  warning = (text: string): void => this.#say('warning', text);
  notice = (text: string): void => this.#say('notice', text);
  info = (text: string): void => this.#say('info', text);
  debug = (): void => undefined; // nobody is to rely on these

  /** What was said since the last time, and forgets it. */
  take(): string[] {
    return this.said.splice(0);
  }

  #say(severity: string, text: string): void {
    this.said.push(`${severity} ${text}`);
  }
}
