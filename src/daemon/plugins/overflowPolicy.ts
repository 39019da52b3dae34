import type { Messages } from '../../base/messages.ts';
import type { Plugin } from '../../sinks/dispatch/plugin.ts';
import type { OverflowAction } from '../config/auditdConfig.ts';

/** Messages about full queues until a reload: as in the reference. */
const MOST_MESSAGES = 5;

/** Does what overflow_action says when a plugin does not keep pace and records for it are dropped. */
export class OverflowPolicy {
  readonly #messages: Messages;
  readonly #changeRunlevel: (level: '0' | '1') => void;
  #action: OverflowAction;
  #said = 0;
  #hasChangedRunlevel = false;

  constructor(messages: Messages, changeRunlevel: (level: '0' | '1') => void, action: OverflowAction) {
    this.#messages = messages;
    this.#changeRunlevel = changeRunlevel;
    this.#action = action;
  }

  /** After a reload; messages are said again. */
  reconfigure(action: OverflowAction): void {
    this.#action = action;
    this.#said = 0;
  }

  /** @param isFirst  The records before were taken: a new overflow. */
  overflowed(plugin: Plugin, isFirst: boolean): void {
    switch (this.#action.kind) {
      case 'ignore':
        break;
      case 'syslog':
        if (isFirst) this.#say(plugin);
        break;
      case 'suspend':
        plugin.suspend();
        this.#messages.alert(
          `Auditd is suspending event passing to plugins due to overflowing its queue. (plugin ${plugin.name})`,
        );
        break;
      case 'single':
        this.#change('1', 'changing the system to single user mode');
        break;
      case 'halt':
        this.#change('0', 'halting the system');
        break;
    }
  }

  #say(plugin: Plugin): void {
    if (++this.#said > MOST_MESSAGES) return;
    this.#messages.error(`queue to plugins is full - dropping event (plugin ${plugin.name})`);
    if (this.#said === MOST_MESSAGES) {
      this.#messages.error('auditd queue full reporting limit reached - ending dropped event notifications');
    }
  }

  #change(level: '0' | '1', what: string): void {
    if (this.#hasChangedRunlevel) return;
    this.#hasChangedRunlevel = true;
    this.#messages.alert(`Auditd is now ${what} due to overflowing its queue`);
    this.#changeRunlevel(level);
  }
}
