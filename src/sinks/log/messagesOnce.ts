import type { Messages } from '../../base/messages.ts';

/** Says each thing once, until told to forget: a log that cannot be opened is tried again each second. */
export class MessagesOnce implements Messages {
  readonly #messages: Messages;
  readonly #said = new Set<string>();

  constructor(messages: Messages) {
    this.#messages = messages;
  }

  emergency = (text: string): void => this.#say(text, () => this.#messages.emergency(text));
  alert = (text: string): void => this.#say(text, () => this.#messages.alert(text));
  critical = (text: string): void => this.#say(text, () => this.#messages.critical(text));
  error = (text: string): void => this.#say(text, () => this.#messages.error(text));
  warning = (text: string): void => this.#say(text, () => this.#messages.warning(text));
  notice = (text: string): void => this.#say(text, () => this.#messages.notice(text));
  info = (text: string): void => this.#say(text, () => this.#messages.info(text));
  debug = (text: string): void => this.#say(text, () => this.#messages.debug(text));

  forget(): void {
    this.#said.clear();
  }

  #say(text: string, pass: () => void): void {
    if (this.#said.has(text)) return;
    this.#said.add(text);
    pass();
  }
}
