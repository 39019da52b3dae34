/**
 * The places at which a record can vanish, each with its own count. No single number tells all of them: some of the
 * kernel's drops leave no gap in the serials, and some are in no count of its own.
 */
export const LOSS_PLACES = {
  /** The kernel's backlog limit, its rate limit, its queues towards a daemon: AUDIT_GET, `lost`. */
  'kernel-lost': 'kernel lost',
  /** Records the kernel printed because it could not deliver them: `audit: type=` lines in /dev/kmsg. */
  'kernel-printed': 'records printed by the kernel',
  /** The receive buffer of our socket was full: /proc/net/netlink, Drops. */
  'receive-buffer': 'receive buffer drops',
  /** Serials that the kernel gave to events of which nothing arrived. */
  'serials-missing': 'serials missing',
  /** The log was suspended, or could not be written and was given up. */
  'log-discarded': 'records discarded',
  /** The ring was full when the daemon had to stop. */
  'ring-abandoned': 'records abandoned at stop',
  /** Text of other machines that nobody can be asked to send again, and that the log did not take. */
  'remote-lost': 'remote records lost',
  /** A plugin did not take its records in time. */
  'plugin-overflow': 'plugin records dropped',
} as const;

export type LossPlace = keyof typeof LOSS_PLACES;

/** What each place has counted so far; a place that cannot be asked at the moment is left out. */
export type LossCounts = Readonly<Partial<Record<LossPlace, number>>>;

export interface Movement {
  readonly name: LossPlace;
  readonly by: number;
}

/**
 * Watches the counts and says when one has moved, at most once in a while: a flood of losses must not become a flood of
 * records. What moves in between is said next time.
 */
export class LossLedger {
  readonly #now: () => number;
  readonly #pauseMilliseconds: number;
  readonly #said = new Map<LossPlace, number>();
  #lastSaid = Number.NEGATIVE_INFINITY;

  /** @param now  Milliseconds of a clock that never jumps. */
  constructor(now: () => number, pauseMilliseconds: number) {
    this.#now = now;
    this.#pauseMilliseconds = pauseMilliseconds;
  }

  /** The counts that are no loss of this daemon's time: those found at the start. */
  begin(counts: LossCounts): void {
    for (const [place, count] of entries(counts)) this.#said.set(place, count);
  }

  /**
   * @param isLast  Nothing will be said later: say it now.
   * @returns       What has moved since it was last said; empty when nothing has, or when it was said just before.
   */
  observe(counts: LossCounts, isLast = false): readonly Movement[] {
    const moved: Movement[] = [];
    for (const [name, count] of entries(counts)) {
      const before = this.#said.get(name) ?? 0;
      // A count that went back was reset by somebody (auditctl --reset-lost): it starts from there.
      if (count < before) this.#said.set(name, count);
      else if (count > before) moved.push({ name, by: count - before });
    }
    const now = this.#now();
    if (moved.length === 0 || (!isLast && now - this.#lastSaid < this.#pauseMilliseconds)) return [];
    this.#lastSaid = now;
    for (const { name, by } of moved) this.#said.set(name, (this.#said.get(name) ?? 0) + by);
    return moved;
  }
}

function entries(counts: LossCounts): [LossPlace, number][] {
  return Object.entries(counts) as [LossPlace, number][];
}
