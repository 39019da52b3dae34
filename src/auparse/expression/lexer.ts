import { ExpressionError } from './expressionError.ts';

export const COMPARISONS = ['r=', 'r!=', 'i=', 'i!=', '==', '!==', '<', '<=', '>', '>='] as const;
export type Comparison = (typeof COMPARISONS)[number];

export type TokenKind = Comparison | 'end' | '||' | '&&' | '!' | '(' | ')' | '\\' | 'string' | 'regexp' | 'other';

export interface Token {
  readonly kind: TokenKind;
  /** As written; empty at the end. */
  readonly text: string;
  /** Without quotes and escapes. */
  readonly value: string;
  /** Where it starts and ends. */
  readonly start: number;
  readonly end: number;
}

// The longer ones first: `!==` is one token, and `i!=` begins with no string.
const FIXED = ['i=', 'i!=', 'r=', 'r!=', '!==', '==', '<=', '>=', '||', '&&', '<', '>', '!', '(', ')'] as const;
const BARE = /[A-Za-z0-9_-]+/y;

/** Splits an expression into tokens, one at a time: what may come next is the parser's to say. */
export class Lexer {
  readonly text: string;
  #at = 0;

  constructor(text: string) {
    this.text = text;
  }

  /**
   * The next token.
   *
   * @param regexp  Whether `/…/` is one here; it is after `\regexp` alone.
   * @throws {ExpressionError} for a quote that is not closed and an escape that is none.
   */
  next(regexp = false): Token {
    this.skipBlanks();
    const start = this.#at;
    const first = this.text[start];
    if (first === undefined) return { kind: 'end', text: '', value: '', start, end: start };
    if (first === '"') return this.#delimited('string', start);
    if (first === '/' && regexp) return this.#delimited('regexp', start);
    if (first === '\\') return this.#take('\\', start, start + 1);
    for (const kind of FIXED) {
      if (this.text.startsWith(kind, start)) return this.#take(kind, start, start + kind.length);
    }
    BARE.lastIndex = start;
    const bare = BARE.exec(this.text);
    return bare === null
      ? this.#take('other', start, start + first.length)
      : this.#take('string', start, start + bare[0].length);
  }

  /** The text from here on, without taking it. */
  get rest(): string {
    return this.text.slice(this.#at);
  }

  skip(length: number): void {
    this.#at += length;
  }

  skipBlanks(): void {
    while (' \t\n'.includes(this.text[this.#at] ?? 'x')) this.#at++;
  }

  #take(kind: TokenKind, start: number, end: number): Token {
    this.#at = end;
    const text = this.text.slice(start, end);
    return { kind, text, value: text, start, end };
  }

  #delimited(kind: 'string' | 'regexp', start: number): Token {
    const delimiter = this.text[start] ?? '';
    let value = '';
    for (let at = start + 1; at < this.text.length; at++) {
      const c = this.text[at] ?? '';
      if (c === delimiter) {
        this.#at = at + 1;
        return { kind, text: this.text.slice(start, at + 1), value, start, end: at + 1 };
      }
      if (c !== '\\') {
        value += c;
        continue;
      }
      const escaped = this.text[++at] ?? '';
      if (escaped === '') break;
      if (escaped !== '\\' && escaped !== delimiter) {
        throw new ExpressionError(`Unknown escape sequence \`\`\\${escaped}''`, this.text);
      }
      value += escaped;
    }
    throw new ExpressionError('Terminating delimiter missing', this.text);
  }
}
