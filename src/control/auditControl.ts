import type { Completion, ControlAnswer } from '../binding/control.ts';
import { AUDIT_CONTROL } from '../tables/recordTypes.ts';
import { AnswerError } from './answerError.ts';
import { type AuditFeatures, decodeFeatures, encodeFeatures } from './features.ts';
import { writeWord } from './nativeWords.ts';
import type { AuditRule } from './rule.ts';
import { decodeRule, encodeRule } from './ruleBytes.ts';
import { decodeSignalInfo, type SignalInfo } from './signalInfo.ts';
import { type AuditStatus, decodeStatus, encodeStatusChange, type StatusField } from './status.ts';
import { decodeTtyStatus, encodeTtyStatus, type TtyStatus } from './tty.ts';

/** What carries requests to the kernel: a ControlSocket, or a stand-in under test. */
export interface RequestChannel {
  request(name: string, type: number, payload: Uint8Array, completion: Completion, timeoutMs: number): ControlAnswer;
}

// The kernel acknowledges within the call that sends, unless that call waits for room in the backlog.
const ACK_TIMEOUT_MS = 40_500;
// Replies come from a kernel thread of their own.
const REPLY_TIMEOUT_MS = 4_000;
const NO_PAYLOAD = new Uint8Array(0);

/**
 * The kernel's audit, asked and changed by name. Every method sends one request and blocks for its answer.
 * Methods throw SystemError with the kernel's own errno: EPERM without CAP_AUDIT_CONTROL, or for a change to an
 * immutable configuration; ECONNREFUSED where audit is off in this kernel; EAGAIN when the kernel does not answer.
 * An answer that makes no sense is an AnswerError.
 */
export class AuditControl {
  readonly #channel: RequestChannel;

  /** @param channel  Stays its owner's to close. */
  constructor(channel: RequestChannel) {
    this.#channel = channel;
  }

  /** Works without privilege beyond CAP_AUDIT_CONTROL; changes nothing. */
  status(): AuditStatus {
    return decodeStatus(this.#ask('GET', NO_PAYLOAD));
  }

  /** Process id of the registered audit daemon, null when there is none. */
  daemonPid(): number | null {
    const { pid } = this.status();
    return pid === 0 ? null : pid;
  }

  setEnabled(enabled: 0 | 1 | 2): void {
    this.setStatus('enabled', enabled);
  }

  /**
   * Changes one field of the status; `value` is an unsigned 32-bit number.
   *
   * @throws {SystemError} EINVAL for a value the kernel refuses.
   */
  setStatus(field: StatusField, value: number): void {
    this.#tell('SET', encodeStatusChange(field, value));
  }

  /** Sets the count of lost records to 0. Returns what it was. */
  resetLost(): number {
    return this.#tell('SET', encodeStatusChange('lost', 0));
  }

  /** Sets the time that processes waited for the backlog to 0. Returns what it was, in jiffies. */
  resetBacklogWaitTimeActual(): number {
    return this.#tell('SET', encodeStatusChange('backlogWaitTimeActual', 0));
  }

  /** @throws {SystemError} EINVAL where the kernel has no features. */
  features(): AuditFeatures {
    const question = encodeFeatures({ mask: 0, features: 0, lock: 0 });
    return decodeFeatures(this.#ask('GET_FEATURE', question));
  }

  /** Turns on and off, and locks, the features in `features.mask`. */
  setFeatures(features: AuditFeatures): void {
    this.#tell('SET_FEATURE', encodeFeatures(features));
  }

  /** Terminal recording of the calling process. */
  ttyStatus(): TtyStatus {
    return decodeTtyStatus(this.#ask('TTY_GET', NO_PAYLOAD));
  }

  setTtyStatus(status: TtyStatus): void {
    this.#tell('TTY_SET', encodeTtyStatus(status));
  }

  /** The sender of the last signal to the daemon. */
  signalInfo(): SignalInfo {
    return decodeSignalInfo(this.#ask('SIGNAL_INFO', NO_PAYLOAD));
  }

  /** The rules the kernel holds, in its order: by list, then as inserted. */
  rules(): AuditRule[] {
    return this.ruleBytes().map(bytes => decodeRule(bytes));
  }

  /** The rules as the kernel's own bytes, struct audit_rule_data each. */
  ruleBytes(): Uint8Array[] {
    const { replies } = this.#request('LIST_RULES', AUDIT_CONTROL.LIST_RULES, NO_PAYLOAD, 'dump', REPLY_TIMEOUT_MS);
    return replies;
  }

  /**
   * Appends the rule to its list, or puts it first when it is prepended.
   *
   * @throws {SystemError} EEXIST when the list has it; EINVAL, ENOENT, ENOTDIR as the kernel judges its fields.
   */
  addRule(rule: AuditRule): void {
    this.addRuleBytes(encodeRule(rule));
  }

  addRuleBytes(bytes: Uint8Array): void {
    this.#tell('ADD_RULE', bytes);
  }

  /** @throws {SystemError} ENOENT when the kernel has no such rule. */
  deleteRule(rule: AuditRule): void {
    this.deleteRuleBytes(encodeRule(rule));
  }

  deleteRuleBytes(bytes: Uint8Array): void {
    this.#tell('DEL_RULE', bytes);
  }

  /** Drops watches on parts of trees that are no longer mounted. */
  trimTrees(): void {
    this.#tell('TRIM', NO_PAYLOAD);
  }

  /** Watches on the tree at `mount` cover `subtree` as well, as after a bind mount. Paths are byte strings. */
  makeEquivalent(mount: string, subtree: string): void {
    const payload = new Uint8Array(8 + mount.length + subtree.length);
    writeWord(payload, 0, mount.length);
    writeWord(payload, 4, subtree.length);
    payload.set(Buffer.from(mount + subtree, 'latin1'), 8);
    this.#tell('MAKE_EQUIV', payload);
  }

  /**
   * Has the kernel write a record of `type` with this text, around which it puts its own facts on the sender.
   *
   * @param type  AUDIT_USER, 1100 to 1199, or 2100 to 2999.
   * @param text  Byte string, without the NUL that ends it on the wire.
   * @throws {SystemError} EINVAL for a type that is not for user space, or more than 8951 bytes of text.
   */
  userMessage(type: number, text: string): void {
    const payload = new Uint8Array(text.length + 1);
    payload.set(Buffer.from(text, 'latin1'));
    this.#request('USER', type, payload, 'ack', ACK_TIMEOUT_MS);
  }

  #ask(name: RequestName, payload: Uint8Array): Uint8Array {
    const { replies } = this.#request(name, AUDIT_CONTROL[name], payload, 'single', REPLY_TIMEOUT_MS);
    const [reply] = replies;
    if (reply === undefined) throw new AnswerError(`AUDIT_${name}: answered without a reply`);
    return reply;
  }

  #tell(name: RequestName, payload: Uint8Array): number {
    return this.#request(name, AUDIT_CONTROL[name], payload, 'ack', ACK_TIMEOUT_MS).acknowledged;
  }

  #request(name: string, type: number, payload: Uint8Array, completion: Completion, timeoutMs: number): ControlAnswer {
    return this.#channel.request(`AUDIT_${name}`, type, payload, completion, timeoutMs);
  }
}

type RequestName = keyof typeof AUDIT_CONTROL;
