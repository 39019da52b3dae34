/**
 * Remembers, outside of this process, what is about to be appended to the log: whoever comes after a daemon that was
 * killed can then tell how much of it is there.
 */
export interface WriteJournal {
  /** The bytes will be appended next, at this offset of the file with these numbers. */
  begin(bytes: Uint8Array, place: { readonly dev: number; readonly ino: number; readonly offset: number }): void;
  /** They are there. */
  done(bytes: Uint8Array): void;
}

export const noJournal: WriteJournal = { begin: () => undefined, done: () => undefined };
