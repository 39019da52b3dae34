import type { Ring } from '../ring/ring.ts';
import type { WriteJournal } from '../sinks/log/writeJournal.ts';

/** Notes each write to the log in the ring's memory, which outlives this process; nothing until there is a ring. */
export class RingJournal implements WriteJournal {
  #ring: Ring | null = null;

  bind(ring: Ring | null): void {
    this.#ring = ring;
  }

  begin(bytes: Uint8Array, place: { readonly dev: number; readonly ino: number; readonly offset: number }): void {
    const note = this.#ring?.note ?? null;
    if (this.#ring === null || note === null) return;
    const cursor = this.#ring.cursorOf(bytes);
    if (cursor === null) note.noteOwn(place, bytes);
    else note.noteRun(place, cursor, bytes.length);
  }

  done(bytes: Uint8Array): void {
    // A run's note holds until its space is given back, which also ends it. A record of our own has no such end.
    if (this.#ring !== null && this.#ring.cursorOf(bytes) === null) this.#ring.note?.clear();
  }
}
