import { addon, native } from '../binding/addon.ts';
import type { RenderedRecords } from '../binding/dispatch.ts';
import { HEAD_OFFSET, TAIL_OFFSET } from './layout.ts';

/** How records are put for plugins: what the log's lines hold, as auditd.conf says. */
export interface RecordForm {
  /** Records go out as the log has them: interpreted, or with a node. False: as the kernel sent them. */
  readonly wholeLines: boolean;
  /** Null: no node= prefix. */
  readonly node: string | null;
}

/** The ring's records as bytes for plugins. Nothing is done per record on this side. */
export class RingRenderer {
  readonly #memory: ArrayBuffer | null;
  readonly #words: Uint32Array | null;
  #form: RecordForm;

  /** @param memory  The ring's: native/ring/layout.h. Null: there is none, and only single lines come. */
  constructor(memory: ArrayBuffer | null, form: RecordForm) {
    this.#memory = memory;
    this.#words = memory === null ? null : new Uint32Array(memory, 0, TAIL_OFFSET / 4 + 1);
    this.#form = form;
  }

  set form(form: RecordForm) {
    this.#form = form;
  }

  get tail(): number {
    return this.#words === null ? 0 : Atomics.load(this.#words, TAIL_OFFSET / 4);
  }

  get head(): number {
    if (this.#words === null) return 0;
    return Atomics.load(this.#words, HEAD_OFFSET / 4); // pairs with the release store in Ring::Publish
  }

  render(format: 'string' | 'binary', start: number, end: number, out: Uint8Array, offset: number): RenderedRecords {
    const memory = this.#memory;
    if (memory === null) return { next: end, records: 0, bytes: 0 };
    return native(() => addon.renderRecords(memory, start, end, this.#options(format), out, offset));
  }

  renderLine(
    format: 'string' | 'binary',
    line: { readonly type: number; readonly bytes: Uint8Array; readonly isWhole: boolean },
    out: Uint8Array,
    offset: number,
  ): number {
    const options = this.#options(format);
    const wholeLines = options.wholeLines || line.isWhole;
    return native(() => addon.renderLine(line.type, line.bytes, { ...options, wholeLines }, out, offset));
  }

  #options(format: 'string' | 'binary') {
    return { format, wholeLines: this.#form.wholeLines, node: this.#form.node ?? '' };
  }
}
