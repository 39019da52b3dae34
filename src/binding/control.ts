import { SystemError } from '../base/errors.ts';
import { addon } from './addon.ts';

/** What native/control exports, as control_addon.cc checks it. The addon's typed face extends this. */
export interface ControlAddon {
  /** @throws {Error} with `errno` and `syscall` 'socket': EPROTONOSUPPORT when the kernel has no audit. */
  controlOpen(): ControlHandle;
  /**
   * Sends one request and blocks until its answer is complete or `timeoutMs` has passed.
   *
   * @param payload    Bytes after the netlink header; copied before the call returns.
   * @param expect     0 an acknowledgement, 1 one reply of the same type, 2 replies until NLMSG_DONE.
   * @throws {Error} with `errno` and `syscall`: null when the kernel's audit refused the request, else the system
   *         call that failed; EAGAIN of poll when nothing answered in time.
   */
  controlRequest(
    handle: ControlHandle,
    type: number,
    payload: Uint8Array,
    expect: 0 | 1 | 2,
    timeoutMs: number,
  ): ControlAnswer;
  controlClose(handle: ControlHandle): void;
  controlStray(handle: ControlHandle): ControlStray;
}

declare const controlHandle: unique symbol;
/** An open control socket; closed by controlClose or with the last reference to it. */
export interface ControlHandle {
  readonly [controlHandle]: true;
}

export interface ControlAnswer {
  /** The acknowledgement's word: 0, or a counter's last value after a request to reset it. */
  acknowledged: number;
  /** Payloads without netlink headers, in the kernel's order. */
  replies: Uint8Array[];
}

/** Messages that answered no request: the kernel's own, forged ones from another port, ones of impossible length. */
export interface ControlStray {
  skipped: number;
  refused: number;
  damaged: number;
}

/** How a request is complete: acknowledged, answered by one message, or by many up to NLMSG_DONE. */
export type Completion = 'ack' | 'single' | 'dump';

const EXPECT = { ack: 0, single: 1, dump: 2 } as const;

/** A netlink socket for requests to the kernel's audit. Calls block, for a kernel that answers, well under 1 ms. */
export class ControlSocket {
  readonly #handle: ControlHandle;

  /** @throws {SystemError} EPROTONOSUPPORT without audit in the kernel, EMFILE without descriptors. */
  constructor() {
    this.#handle = asSystemError('socket', () => addon.controlOpen());
  }

  /**
   * Sends one request and returns the whole answer.
   *
   * @param name       The request as the kernel header calls it, AUDIT_ADD_RULE; it is the error's `syscall`.
   * @param timeoutMs  Ends the wait with EAGAIN.
   * @throws {SystemError} with the kernel's own answer: EPERM without CAP_AUDIT_CONTROL or on an immutable
   *         configuration, EEXIST, ENOENT, EINVAL for a rule; ECONNREFUSED when audit is off in this kernel.
   * @see audit_receive_msg() in the kernel's kernel/audit.c
   */
  request(name: string, type: number, payload: Uint8Array, completion: Completion, timeoutMs: number): ControlAnswer {
    return asSystemError(name, () => addon.controlRequest(this.#handle, type, payload, EXPECT[completion], timeoutMs));
  }

  /** Messages so far that answered no request. */
  get stray(): ControlStray {
    return addon.controlStray(this.#handle);
  }

  close(): void {
    addon.controlClose(this.#handle);
  }
}

function asSystemError<T>(name: string, call: () => T): T {
  try {
    return call();
  } catch (error) {
    if (!(error instanceof Error && 'errno' in error && typeof error.errno === 'number')) throw error;
    throw new SystemError({ syscall: name, errno: error.errno, path: null, cause: error });
  }
}
