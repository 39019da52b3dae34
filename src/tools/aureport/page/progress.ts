import type { RunningReport } from '../../../auparse/logReport.ts';

const INTERVAL_MILLISECONDS = 250;
const LINE_START = '\r\x1b[K';

/** One line on a terminal that says how far a report is; gone when it has ended. */
export class Progress {
  readonly #running: RunningReport;
  readonly #terminal: { complain(text: string): void };
  readonly #timer: NodeJS.Timeout;
  readonly #started = performance.now();
  #isShown = false;

  constructor(running: RunningReport, terminal: { complain(text: string): void }) {
    this.#running = running;
    this.#terminal = terminal;
    this.#timer = setInterval(() => this.#show(), INTERVAL_MILLISECONDS);
  }

  end(): void {
    clearInterval(this.#timer);
    if (this.#isShown) this.#terminal.complain(LINE_START);
  }

  #show(): void {
    this.#isShown = true;
    this.#terminal.complain(
      `${LINE_START}${progressText(this.#running.progress(), performance.now() - this.#started)}`,
    );
  }
}

/** `42 % of 1,024 MB, 180 MB/s, 1,234,567 events`; without a share where nobody knows the size. */
export function progressText(
  { bytes, size, events }: { bytes: number; size: number; events: number },
  milliseconds: number,
): string {
  const megabytes = (count: number) => `${Math.round(count / 1e6).toLocaleString('en-US')} MB`;
  const share =
    size > 0 ? `${Math.min(100, Math.floor((100 * bytes) / size))} % of ${megabytes(size)}` : megabytes(bytes);
  const rate = milliseconds > 0 ? `, ${megabytes((1000 * bytes) / milliseconds)}/s` : '';
  return `${share}${rate}, ${events.toLocaleString('en-US')} events`;
}
