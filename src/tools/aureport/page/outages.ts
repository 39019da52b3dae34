import type { DaemonEvent } from './pageCounts.ts';

/** A time in which no daemon ran, as its records tell it. */
export interface Outage {
  readonly node: string;
  readonly from: number;
  /** Null: it has not started again. */
  readonly to: number | null;
  /** It said that it ended; otherwise it was killed, or the machine was: `from` is its last word. */
  readonly hasEnded: boolean;
}

/** The outages that the records of daemons tell of, in order of their end. */
export function outages(events: readonly DaemonEvent[]): Outage[] {
  const found: Outage[] = [];
  const last = new Map<string, { seconds: number; hasEnded: boolean }>();
  for (const [seconds, type, node] of events) {
    const before = last.get(node);
    if (type === 'DAEMON_START' && before !== undefined) {
      found.push({ node, from: before.seconds, to: seconds, hasEnded: before.hasEnded });
    }
    const hasEnded = type === 'DAEMON_END' || type === 'DAEMON_ABORT';
    last.set(node, { seconds, hasEnded });
  }
  for (const [node, { seconds, hasEnded }] of last) {
    if (hasEnded) found.push({ node, from: seconds, to: null, hasEnded });
  }
  return found;
}
