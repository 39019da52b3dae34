/** A rule that cannot be built from its text. The message is one line that names what is wrong. */
export class RuleError extends Error {
  override readonly name: string = 'RuleError';
}

/** A rule with the action `possible`, which kernels no longer have; such rules are passed over, not refused. */
export class DeprecatedActionError extends RuleError {
  override readonly name = 'DeprecatedActionError';
  /** Whether it was given with -A. */
  readonly isPrepended: boolean;

  constructor(message: string, isPrepended: boolean) {
    super(message);
    this.isPrepended = isPrepended;
  }
}
