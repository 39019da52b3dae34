import { SystemError } from '../../src/base/errors.ts';
import type { Completion, ControlAnswer } from '../../src/binding/control.ts';
import type { RequestChannel } from '../../src/control/auditControl.ts';

/** One request as it reached the kernel. */
export interface SentRequest {
  name: string;
  type: number;
  payload: Uint8Array;
}

/** Which requests the fake refuses, and with what errno; 0 lets it through, with the payload it may have changed. */
export type Refusal = (request: SentRequest) => number;

const STATUS_WORDS = 11;
const RULE_BYTES = 1040;
const PREPEND = 0x10;
const ENOENT = 2;
const EEXIST = 17;

/** The kernel's side of a control socket, as far as its answers matter: one status, features, rules in list order. */
export class FakeAuditKernel implements RequestChannel {
  readonly sent: SentRequest[] = [];
  /** The words of struct audit_status, the mask first. */
  readonly status = Uint32Array.from([0, 1, 1, 0, 0, 8192, 0, 0, 0x7f, 60000, 0]);
  features = { mask: 0xffffffff, features: 0, lock: 0 };
  rules: Uint8Array[] = [];
  readonly #refuse: Refusal;

  constructor(refuse: Refusal = () => 0) {
    this.#refuse = refuse;
  }

  request(name: string, type: number, payload: Uint8Array, _completion: Completion, _timeout: number): ControlAnswer {
    const request = { name, type, payload: payload.slice() };
    this.sent.push(request);
    const errno = this.#refuse(request);
    if (errno !== 0) throw new SystemError({ syscall: name, errno, path: null });
    const acknowledge = (acknowledged = 0): ControlAnswer => ({ acknowledged, replies: [] });
    const reply = (...replies: Uint8Array[]): ControlAnswer => ({ acknowledged: 0, replies });
    switch (name) {
      case 'AUDIT_GET':
        return reply(bytesOf(this.status));
      case 'AUDIT_SET':
        return acknowledge(this.#set(wordsOf(payload)));
      case 'AUDIT_GET_FEATURE':
        return reply(bytesOf(Uint32Array.of(1, this.features.mask, this.features.features, this.features.lock)));
      case 'AUDIT_SET_FEATURE': {
        const [, mask = 0, features = 0, lock = 0] = wordsOf(payload);
        this.features = { ...this.features, features: features & mask, lock: lock & mask };
        return acknowledge();
      }
      case 'AUDIT_LIST_RULES':
        return reply(...this.rules.toSorted((a, b) => listOf(a) - listOf(b)));
      case 'AUDIT_ADD_RULE':
        this.#add(request.payload);
        return acknowledge();
      case 'AUDIT_DEL_RULE':
        this.#delete(payload);
        return acknowledge();
      default:
        return acknowledge();
    }
  }

  #set(words: Uint32Array): number {
    const mask = words[0] ?? 0;
    const LOST = 6;
    const WAITED = 10;
    // Bits of the mask in the order of their words, which backlog and the bitmap have none of.
    const places = [1, 2, 3, 4, 5, 9, LOST, WAITED];
    let previous = 0;
    places.forEach((place, bit) => {
      if ((mask & (1 << bit)) === 0) return;
      if (place === LOST || place === WAITED) previous = this.status[place] ?? 0;
      this.status[place] = words[place] ?? 0;
    });
    return previous;
  }

  #add(payload: Uint8Array): void {
    const flags = wordsOf(payload)[0] ?? 0;
    const stored = payload.slice();
    stored.set(bytesOf(Uint32Array.of(flags & ~PREPEND)), 0);
    stored.set([0, 0], 12 + 4 * 63 + 2); // the kernel keeps class bits for itself
    if ((flags & PREPEND) !== 0) {
      this.rules.unshift(stored);
    } else {
      if (this.rules.some(rule => isSame(rule, stored))) throw refused('AUDIT_ADD_RULE', EEXIST);
      this.rules.push(stored);
    }
  }

  #delete(payload: Uint8Array): void {
    const wanted = payload.slice();
    wanted.set([0, 0], 12 + 4 * 63 + 2);
    const at = this.rules.findIndex(rule => isSame(rule, wanted));
    if (at < 0) throw refused('AUDIT_DEL_RULE', ENOENT);
    this.rules.splice(at, 1);
  }
}

function refused(syscall: string, errno: number): SystemError {
  return new SystemError({ syscall, errno, path: null });
}

function listOf(rule: Uint8Array): number {
  return wordsOf(rule)[0] ?? 0;
}

function isSame(a: Uint8Array, b: Uint8Array): boolean {
  return Buffer.compare(a, b) === 0;
}

function bytesOf(words: Uint32Array): Uint8Array {
  return new Uint8Array(words.buffer.slice(0));
}

function wordsOf(bytes: Uint8Array): Uint32Array {
  const words = Math.min(bytes.length >>> 2, Math.max(STATUS_WORDS, RULE_BYTES / 4));
  return new Uint32Array(bytes.slice(0, 4 * words).buffer);
}
