/** Lets one at a time through, in the order they came: rotation, compression and deletion move the same names. */
export class Turn {
  #last: Promise<unknown> = Promise.resolve();

  take<T>(step: () => Promise<T>): Promise<T> {
    const result = this.#last.then(step);
    // Whoever comes next waits for the end of this one, not for its success; the caller has the failure.
    this.#last = result.catch(() => undefined);
    return result;
  }
}
