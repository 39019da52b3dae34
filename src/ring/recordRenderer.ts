import { addon, native } from '../binding/addon.ts';
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
  readonly #filling = new FillingWords();
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

  /** Writes records to `out`, as far as whole ones fit. The result is the same object each time. */
  render(format: 'string' | 'binary', start: number, end: number, out: Uint8Array, offset: number): Filling {
    const memory = this.#memory;
    if (memory === null) return { next: end, records: 0, bytes: 0 };
    const { wholeLines, node } = this.#form;
    const isBinary = format === 'binary';
    native(() =>
      addon.renderRecords(memory, start, end, isBinary, wholeLines, node ?? '', out, offset, this.#filling.words),
    );
    return this.#filling;
  }

  renderLine(
    format: 'string' | 'binary',
    line: { readonly type: number; readonly bytes: Uint8Array; readonly isWhole: boolean },
    out: Uint8Array,
    offset: number,
  ): number {
    const wholeLines = this.#form.wholeLines || line.isWhole;
    const node = this.#form.node ?? '';
    return native(() => addon.renderLine(line.type, line.bytes, format === 'binary', wholeLines, node, out, offset));
  }
}

/** What was written. */
export interface Filling {
  /** Index number of the first record that did not fit. */
  readonly next: number;
  readonly records: number;
  readonly bytes: number;
}

class FillingWords implements Filling {
  readonly words = new Uint32Array(3);

  get next(): number {
    return this.words[0] ?? 0;
  }

  get records(): number {
    return this.words[1] ?? 0;
  }

  get bytes(): number {
    return this.words[2] ?? 0;
  }
}
