import { isErrno, reasonOf } from '../base/errors.ts';
import type { Messages } from '../base/messages.ts';
import { ControlSocket } from '../binding/control.ts';
import { AuditControl } from '../control/auditControl.ts';
import type { AuditStatus } from '../control/status.ts';
import type { Sender } from '../pipeline/daemonRecords.ts';
import { describeSender } from './processFacts.ts';
import type { ReceivedSignal } from './signals.ts';

const LOCKED = 2;

/** What the daemon asks of the kernel's audit beside its records, on a socket of its own. */
export class KernelAudit {
  readonly control: AuditControl;
  readonly #socket: ControlSocket;
  readonly #messages: Messages;

  /** @throws {SystemError} EPROTONOSUPPORT where the kernel has no audit; it has been said. */
  constructor(messages: Messages) {
    this.#messages = messages;
    try {
      this.#socket = new ControlSocket();
    } catch (error) {
      const isMissing = isErrno(error, 'EPROTONOSUPPORT') || isErrno(error, 'EINVAL');
      messages.error(
        isMissing ? 'Error - audit support not in kernel' : `Error opening audit netlink socket (${reasonOf(error)})`,
      );
      throw error;
    }
    this.control = new AuditControl(this.#socket);
  }

  /**
   * Leaves a locked configuration alone.
   *
   * @param status  The kernel's of just now; null asks for it.
   * @throws {SystemError} EPERM without CAP_AUDIT_CONTROL.
   */
  setEnabled(isEnabled: boolean, status: AuditStatus | null): void {
    if ((status ?? this.control.status()).enabled < LOCKED) this.control.setEnabled(isEnabled ? 1 : 0);
  }

  /** Null when the kernel could not be asked, which is said. */
  status(): AuditStatus | null {
    try {
      return this.control.status();
    } catch (error) {
      this.#messages.warning(`Cannot ask the kernel for its audit status (${reasonOf(error)})`);
      return null;
    }
  }

  /** Who sent the signal: the kernel remembers the last sender while this process is registered. Null: not known. */
  senderOf(signal: ReceivedSignal): Sender | null {
    try {
      return describeSender(this.control.signalInfo(), { pid: signal.senderPid, uid: signal.senderUid });
    } catch (error) {
      this.#messages.warning(`Error sending signal_info request (${reasonOf(error)})`);
      return null;
    }
  }

  close(): void {
    this.#socket.close();
  }
}
