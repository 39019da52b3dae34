import { type AuditRule, SYSCALL_MASK_WORDS } from './rule.ts';
import { decodeRule, encodeRule } from './ruleBytes.ts';

/**
 * What the kernel's lists must hold after a series of changes, computed without the kernel. Rules stand in the
 * kernel's order: by list, then as they were put into it.
 */
export class ExpectedRules {
  #rules: AuditRule[];

  constructor(loaded: readonly AuditRule[]) {
    this.#rules = loaded.map(asListed);
  }

  get rules(): readonly AuditRule[] {
    return this.#rules.toSorted((a, b) => a.list - b.list);
  }

  add(rule: AuditRule): void {
    const listed = asListed(rule);
    if (rule.isPrepended) this.#rules.unshift(listed);
    else this.#rules.push(listed);
  }

  delete(rule: AuditRule): void {
    const wanted = asListed(rule);
    const at = this.#rules.findIndex(loaded => isSameRule(loaded, wanted));
    if (at >= 0) this.#rules.splice(at, 1);
  }

  deleteMatching(matches: (rule: AuditRule) => boolean): void {
    this.#rules = this.#rules.filter(rule => !matches(rule));
  }
}

/** Whether a rule the kernel lists is the expected one. */
export function isSameRule(expected: AuditRule, listed: AuditRule): boolean {
  return ruleIdentity(expected) === ruleIdentity(listed);
}

/** Equal for rules that are one to the kernel: a second one is refused with EEXIST, and deleting either deletes it. */
export function ruleIdentity(rule: AuditRule): string {
  return Buffer.from(encodeRule(asListed(rule))).toString('latin1');
}

/** The rule as the kernel lists it: where it was put is forgotten, and the bits for classes of system calls are. */
function asListed(rule: AuditRule): AuditRule {
  const copy = decodeRule(encodeRule({ ...rule, isPrepended: false }));
  const last = SYSCALL_MASK_WORDS - 1;
  copy.mask[last] = (copy.mask[last] ?? 0) & 0xffff;
  return copy;
}
