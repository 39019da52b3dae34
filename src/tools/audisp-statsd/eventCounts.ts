import type { AuditEvent } from '../../auparse/index.ts';

/** Counters of events, in the order in which they are sent. */
const NAMES = [
  'total_count',
  'total_failed',
  'avc_count',
  'fanotify_count',
  'logins_success',
  'logins_failed',
  'anomaly_count',
  'response_count',
] as const;
type Name = (typeof NAMES)[number];

const AVC = [1107, 1400]; // USER_AVC, AVC
const USER_LOGIN = 1112;
const FANOTIFY = 1331;

/** Counts events since the last `take`. */
export class EventCounts {
  readonly #counts = new Map<Name, number>();

  add(event: AuditEvent): void {
    this.#count('total_count');
    const result = resultOf(event);
    if (result === 'no') this.#count('total_failed');
    const types = new Set(event.records.map(record => record.type));
    if (AVC.some(type => types.has(type))) this.#count('avc_count');
    if (types.has(FANOTIFY)) this.#count('fanotify_count');
    if (types.has(USER_LOGIN)) this.#count(isSuccess(result) ? 'logins_success' : 'logins_failed');
    const [first = 0] = types;
    if (first >= 2100 && first <= 2199) this.#count('anomaly_count');
    if (first >= 2200 && first <= 2299) this.#count('response_count');
  }

  /** Metrics in their order, and all counts 0 again. */
  take(): [metric: string, value: number][] {
    const metrics = NAMES.map((name): [string, number] => [`events.${name}`, this.#counts.get(name) ?? 0]);
    this.#counts.clear();
    return metrics;
  }

  #count(name: Name): void {
    this.#counts.set(name, (this.#counts.get(name) ?? 0) + 1);
  }
}

/** As its first record that has one says it: yes, no, success, failed. Null without one. */
function resultOf(event: AuditEvent): string | null {
  const field = event.field('success') ?? event.field('res') ?? event.field('result');
  return field?.interpreted ?? null;
}

function isSuccess(result: string | null): boolean {
  return result === 'yes' || result?.toLowerCase().startsWith('suc') === true;
}
