import { isErrno } from '../../base/errors.ts';
import type { Outlet } from './outlet.ts';

/** Bytes that wait to be sent, in order. */
export interface FeedSource {
  /** What waits next; null when nothing does, or when it has to be fetched first. The same until `took`. */
  peek(): Waiting | null;
  /** So many of the bytes last shown were sent. */
  took(bytes: number): void;
}

export interface Waiting {
  readonly buffers: readonly Uint8Array[];
  /** In the first buffer. */
  readonly offset: number;
  /** From there to the end of the last one. */
  readonly bytes: number;
}

/** Sends what waits as fast as its reader takes it: one write for as much as there is. */
export class Feed {
  readonly #source: FeedSource;
  readonly #onGone: () => void;
  #outlet: Outlet | null = null;
  #isBlocked = false;

  /** @param onGone  The reader has closed its end; what waits stays. */
  constructor(source: FeedSource, onGone: () => void) {
    this.#source = source;
    this.#onGone = onGone;
  }

  attach(outlet: Outlet): void {
    this.#outlet = outlet;
    this.#isBlocked = false;
    this.pump();
  }

  detach(): void {
    this.#outlet = null;
  }

  /** The reader takes bytes again. */
  unblock(): void {
    this.#isBlocked = false;
    this.pump();
  }

  /** There may be something to send. */
  pump(): void {
    while (this.#outlet !== null && !this.#isBlocked) {
      const waiting = this.#source.peek();
      if (waiting === null) return;
      const taken = this.#write(this.#outlet, waiting);
      if (taken === null) return;
      if (taken > 0) this.#source.took(taken);
      this.#isBlocked = taken < waiting.bytes;
    }
  }

  #write(outlet: Outlet, { buffers, offset }: Waiting): number | null {
    try {
      return outlet.write(buffers, offset);
    } catch (error) {
      // The reader's affair, not ours: whoever owns it decides what becomes of it.
      if (!isErrno(error, 'EPIPE') && !isErrno(error, 'ECONNRESET')) throw error;
      this.#onGone();
      return null;
    }
  }
}
