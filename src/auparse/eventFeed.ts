import { addon } from '../binding/addon.ts';
import type { NativeEvent, NativeLogFeed } from '../binding/auparse.ts';
import { AuditEvent } from './auditEvent.ts';
import { readDaemonLog } from './daemonLog.ts';
import { checkedTimeout, escapeModeNumber, type ParseOptions } from './parseOptions.ts';
import type { ReadCounts } from './readCounts.ts';

/**
 * A live feed: bytes go in as they come, events come out as they are complete. Nothing ends by itself: the last event
 * stays open until a later record, `ageEvents` or `flush` completes it.
 *
 * ```ts
 * const feed = new EventFeed();
 * process.stdin.on('data', bytes => feed.feed(bytes).forEach(handle));
 * setInterval(() => feed.ageEvents().forEach(handle), 1000);
 * ```
 */
export class EventFeed {
  readonly #options: ParseOptions;
  readonly #feed: NativeLogFeed;

  constructor(options: ParseOptions = {}) {
    this.#options = options;
    escapeModeNumber(options.escape);
    const timeout = options.endOfEventTimeoutSeconds ?? readDaemonLog().endOfEventTimeoutSeconds;
    this.#feed = new addon.LogFeed(checkedTimeout(timeout));
  }

  /**
   * Takes whole lines or parts of them; an unfinished line is kept, up to 1 MiB of it. Malformed lines are counted.
   *
   * @returns Events that are complete and that no older open event keeps waiting.
   */
  feed(bytes: Uint8Array | string): AuditEvent[] {
    return this.#events(this.#feed.feed(typeof bytes === 'string' ? Buffer.from(bytes) : bytes));
  }

  /** Completes what is older than the timeout. @param now  In milliseconds; the wall clock by default. */
  ageEvents(now: number = Date.now()): AuditEvent[] {
    return this.#events(this.#feed.age(Math.floor(now / 1000)));
  }

  /** Completes all that is held, in order. An unfinished line stays and may go on. */
  flush(): AuditEvent[] {
    return this.#events(this.#feed.flush());
  }

  /** The end of the input: an unfinished line is one, and all that is held is complete. */
  end(): AuditEvent[] {
    return this.#events(this.#feed.end());
  }

  /** Drops all that is held and counts from 0 again. */
  reset(): void {
    this.#feed.reset();
  }

  /** Whether any event is held. */
  get hasData(): boolean {
    return this.#feed.counts().openEvents > 0;
  }

  /** Whether a complete event is held, which the next call gives unless an older one is open. */
  get hasReadyEvent(): boolean {
    return this.#feed.counts().readyEvents > 0;
  }

  get counts(): ReadCounts {
    return this.#feed.counts();
  }

  #events(events: readonly NativeEvent[]): AuditEvent[] {
    return events.map(event => new AuditEvent(event, NO_FILES, this.#options));
  }
}

const NO_FILES: readonly (string | null)[] = [];
