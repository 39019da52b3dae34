/** The kernel answered a request with bytes that contradict themselves or what was asked. */
export class AnswerError extends Error {
  override readonly name = 'AnswerError';
}
