/** A number and the one name that is printed for it. */
export type NumberedName = readonly [number: number, name: string];

/**
 * Names and numbers of one kind, looked up in both directions. Names are found in any case, as libaudit does; the
 * name handed back is spelled as the kernel and the reference daemon print it.
 */
export class NameTable {
  /** Ascending by number, aliases not included. */
  readonly entries: readonly NumberedName[];
  readonly #aliases: readonly NumberedName[];
  // Both maps are made when first asked: a tool that translates one record does not pay for eleven syscall tables.
  #names: Map<number, string> | null = null;
  #numbers: Map<string, number> | null = null;

  /** @param aliases  Names accepted for a number that prints as something else, such as EWOULDBLOCK. */
  constructor(entries: readonly NumberedName[], aliases: readonly NumberedName[] = []) {
    this.entries = entries;
    this.#aliases = aliases;
  }

  /** The name printed for a number, or null. */
  name(number: number): string | null {
    this.#names ??= new Map(this.entries);
    return this.#names.get(number) ?? null;
  }

  /** The number of a name or alias in any case, or null. */
  number(name: string): number | null {
    this.#numbers ??= new Map(
      [...this.#aliases, ...this.entries].map(([number, known]) => [known.toLowerCase(), number]),
    );
    return this.#numbers.get(name.toLowerCase()) ?? null;
  }
}
