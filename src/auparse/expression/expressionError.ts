/** A search expression that cannot be understood. The message is what the C library says. */
export class ExpressionError extends Error {
  override readonly name = 'ExpressionError';
  /** The expression as it was given; null for one that was put together by functions. */
  readonly expression: string | null;

  constructor(message: string, expression: string | null, options: ErrorOptions = {}) {
    super(message, options);
    this.expression = expression;
  }
}
