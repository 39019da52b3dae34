import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Duplex, type Readable, type Writable } from 'node:stream';

/** Chrome's DevTools protocol, as far as tests look at it. */
interface Message {
  readonly id?: number;
  readonly method?: string;
  readonly params?: Record<string, unknown>;
  readonly result?: Record<string, unknown>;
  readonly error?: { readonly message: string };
}

/** A headless Chromium with one page, spoken to over a pipe. */
export class Browser {
  /** What the page complained of, and what it asked for, since it was opened. */
  readonly complaints: string[] = [];
  readonly requests: string[] = [];
  readonly #profile = mkdtempSync(join(tmpdir(), 'browser-'));
  readonly #process: ChildProcess;
  readonly #to: Writable;
  readonly #waiting = new Map<number, { resolve(message: Message): void; reject(error: Error): void }>();
  readonly #events = new Map<string, () => void>();
  #received = '';
  #next = 1;
  #session: string | null = null;

  private constructor() {
    const flags = ['--headless', '--no-sandbox', '--disable-gpu', '--no-first-run', '--disable-sync'];
    const quiet = ['--disable-background-networking', '--disable-component-update', '--remote-debugging-pipe'];
    this.#process = spawn('chromium', [...flags, ...quiet, `--user-data-dir=${this.#profile}`], {
      stdio: ['ignore', 'ignore', 'ignore', 'pipe', 'pipe'],
    });
    const [, , , to, from] = this.#process.stdio;
    if (!(to instanceof Duplex) || !(from instanceof Duplex)) throw new Error('no pipes to the browser');
    this.#to = to;
    this.#listen(from);
    this.#process.on('exit', () => {
      for (const { reject } of this.#waiting.values()) reject(new Error('the browser has ended'));
    });
  }

  static async start(): Promise<Browser> {
    const browser = new Browser();
    const { targetId } = await browser.call('Target.createTarget', { url: 'about:blank' });
    const { sessionId } = await browser.call('Target.attachToTarget', { targetId, flatten: true });
    browser.#session = String(sessionId);
    for (const domain of ['Page', 'Runtime', 'Log', 'Network']) await browser.call(`${domain}.enable`, {});
    return browser;
  }

  /** Resolves when the page and all it needs are there. */
  async open(url: string): Promise<void> {
    this.complaints.length = 0;
    this.requests.length = 0;
    const loaded = new Promise<void>(resolve => this.#events.set('Page.loadEventFired', resolve));
    await this.call('Page.navigate', { url });
    await loaded;
  }

  /** What an expression comes to in the page; promises are awaited. */
  async evaluate(expression: string): Promise<unknown> {
    const answer = await this.call('Runtime.evaluate', { expression, returnByValue: true, awaitPromise: true });
    if (answer['exceptionDetails'] !== undefined) throw new Error(JSON.stringify(answer['exceptionDetails']));
    return (answer['result'] as { value?: unknown }).value;
  }

  async call(method: string, params: Record<string, unknown>): Promise<Record<string, unknown>> {
    const id = this.#next++;
    const session = this.#session === null ? {} : { sessionId: this.#session };
    const answer = new Promise<Message>((resolve, reject) => this.#waiting.set(id, { resolve, reject }));
    this.#to.write(`${JSON.stringify({ id, method, params, ...session })}\0`);
    const { result, error } = await answer;
    if (error !== undefined) throw new Error(`${method}: ${error.message}`);
    return result ?? {};
  }

  async close(): Promise<void> {
    const ended = new Promise<void>(resolve => this.#process.once('exit', () => resolve()));
    this.#session = null;
    await Promise.race([this.call('Browser.close', {}), ended]);
    await ended;
    rmSync(this.#profile, { recursive: true, force: true, maxRetries: 5 });
  }

  #listen(from: Readable): void {
    from.setEncoding('utf8');
    from.on('data', (text: string) => {
      const messages = (this.#received + text).split('\0');
      this.#received = messages.pop() ?? '';
      for (const message of messages) this.#take(JSON.parse(message) as Message);
    });
  }

  #take({ id, method = '', params = {}, ...rest }: Message): void {
    if (id !== undefined) {
      this.#waiting.get(id)?.resolve({ id, ...rest });
      this.#waiting.delete(id);
      return;
    }
    const isComplaint = ['Runtime.consoleAPICalled', 'Runtime.exceptionThrown', 'Log.entryAdded'].includes(method);
    if (isComplaint) this.complaints.push(`${method} ${JSON.stringify(params)}`);
    if (method === 'Network.requestWillBeSent') {
      this.requests.push(String((params['request'] as { url: string }).url));
    }
    this.#events.get(method)?.();
    this.#events.delete(method);
  }
}
