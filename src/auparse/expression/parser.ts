import { addon } from '../../binding/addon.ts';
import { FIELD_TYPE } from '../fieldType.ts';
import { ExpressionError } from './expressionError.ts';
import { COMPARISONS, type Comparison, Lexer, type Token } from './lexer.ts';
import type { NumberComparison, Term } from './term.ts';

/**
 * Parses a search expression: see ausearch-expression(5).
 *
 * @throws {ExpressionError} with the C library's words.
 */
export function parseExpression(text: string): Term {
  const parser = new Parser(text);
  return parser.parse();
}

/** A regular expression by regcomp(3), extended syntax. @throws {ExpressionError} */
export function compileRegexp(pattern: string, expression: string | null): { test(text: Uint8Array): boolean } {
  try {
    return new addon.PosixRegexp(pattern);
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    throw new ExpressionError(`Invalid regexp: ${error.message}`, expression, { cause: error });
  }
}

const MAX_NUMBER = 0xffffffff;
// Of a nesting that no person writes, so that a hostile one does not exhaust the stack.
const MAX_DEPTH = 500;

class Parser {
  readonly #lexer: Lexer;
  #token: Token;
  #depth = 0;

  constructor(text: string) {
    this.#lexer = new Lexer(text);
    this.#token = this.#lexer.next();
  }

  parse(): Term {
    if (this.#token.kind === 'end') throw this.#error('Empty expression');
    const term = this.#or();
    if (this.#kind() !== 'end') throw this.#error(`Unexpected trailing token ${this.#quoted()}`);
    return term;
  }

  #or(): Term {
    let left = this.#and();
    while (this.#token.kind === '||') {
      this.#advance();
      left = { kind: 'or', left, right: this.#and() };
    }
    return left;
  }

  #and(): Term {
    let left = this.#primary();
    while (this.#token.kind === '&&') {
      this.#advance();
      left = { kind: 'and', left, right: this.#primary() };
    }
    return left;
  }

  #primary(): Term {
    if (++this.#depth > MAX_DEPTH) throw this.#error('Expression nested too deeply');
    try {
      return this.#primaryHere();
    } finally {
      this.#depth--;
    }
  }

  #primaryHere(): Term {
    switch (this.#token.kind) {
      case '!':
        this.#advance();
        return { kind: 'not', term: this.#primary() };
      case '(': {
        this.#advance();
        const term = this.#or();
        if (this.#kind() !== ')') throw this.#error(`Right paren expected, got ${this.#quoted()}`);
        this.#advance();
        return term;
      }
      case 'string':
        return this.#comparison(this.#token.value);
      case '\\':
        return this.#virtual();
      default:
        throw this.#error(`Unexpected token ${this.#quoted()}`);
    }
  }

  #comparison(field: string): Term {
    this.#advance();
    const operator = this.#operator();
    if (operator === 'r=' || operator === 'r!=' || operator === 'i=' || operator === 'i!=') {
      const value = Buffer.from(this.#value());
      this.#advance();
      return { kind: 'text', field, isInterpreted: operator.startsWith('i'), isEqual: !operator.includes('!'), value };
    }
    const type = addon.fieldTypeOfName(field);
    if (type !== FIELD_TYPE.UID && type !== FIELD_TYPE.GID) {
      throw this.#error(`Field \`${field}' does not support value comparison`);
    }
    const value = this.#value();
    if (!/^\d+$/.test(value) || Number(value) > MAX_NUMBER) {
      throw this.#error(`Error converting number ${this.#quoted()}`);
    }
    this.#advance();
    return { kind: 'number', field, comparison: operator, value: Number(value) };
  }

  #virtual(): Term {
    this.#advance();
    if (this.#token.kind !== 'string') throw this.#error('Field name expected after field escape');
    const name = this.#token.value;
    if (name === 'regexp') return this.#regexp();
    if (name !== 'timestamp' && name !== 'timestamp_ex' && name !== 'record_type') {
      throw this.#error(`Unknown escaped field name ${this.#quoted()}`);
    }
    this.#advance();
    const operator = this.#operatorKind();
    if (operator === 'r=' || operator === 'r!=' || operator === 'i=' || operator === 'i!=') {
      this.#advance();
      this.#value();
      this.#advance();
      return { kind: 'never' };
    }
    if (name !== 'record_type') return this.#timestamp(operator, name === 'timestamp_ex');
    this.#advance();
    const value = addon.recordTypeNumber(this.#value());
    if (value === -1) throw this.#error(`Invalid record type ${this.#quoted()}`);
    this.#advance();
    return { kind: 'type', comparison: operator, value };
  }

  // The value is no token: it is read as it stands behind the operator, which is the token at hand.
  #timestamp(comparison: NumberComparison, hasSerial: boolean): Term {
    this.#lexer.skipBlanks();
    const pattern = hasSerial ? /^ts:([+-]?\d+)\.(\d+):(\d+)/ : /^ts:([+-]?\d+)\.(\d+)/;
    const found = pattern.exec(this.#lexer.rest);
    if (found === null) {
      this.#advance();
      if (this.#token.kind !== 'string') throw this.#error(`Value expected, got ${this.#quoted()}`);
      throw this.#error(`Invalid timestamp value ${this.#quoted()}`);
    }
    const [all, seconds = '', milli = '', serial = '0'] = found;
    const limit = 2n ** 63n;
    const overflows = BigInt(seconds) >= limit || BigInt(seconds) < -limit || BigInt(serial) > BigInt(MAX_NUMBER);
    if (overflows || Number(milli) > 999) {
      this.#advance();
      const what = overflows ? 'Timestamp overflow' : 'Millisecond out of range';
      throw this.#error(`${what} in ${this.#quoted()}`);
    }
    this.#lexer.skip(all.length);
    this.#advance();
    const stamp = { seconds: Number(seconds), milliseconds: Number(milli), serial: Number(serial) };
    return hasSerial ? { kind: 'stamp', comparison, stamp } : { kind: 'time', comparison, stamp };
  }

  #regexp(): Term {
    this.#token = this.#lexer.next(true);
    if (this.#token.kind !== 'string' && this.#token.kind !== 'regexp') {
      throw this.#error(`Regexp expected, got ${this.#quoted()}`);
    }
    const regexp = compileRegexp(this.#token.value, this.#lexer.text);
    this.#advance();
    return { kind: 'regexp', regexp };
  }

  /** The operator at hand, which stays there. */
  #operatorKind(): Comparison {
    const { kind } = this.#token;
    const operator = COMPARISONS.find(comparison => comparison === kind);
    if (operator === undefined) throw this.#error(`Operator expected, got ${this.#quoted()}`);
    return operator;
  }

  #operator(): Comparison {
    const operator = this.#operatorKind();
    this.#advance();
    return operator;
  }

  /** The string at hand, which stays there. */
  #value(): string {
    if (this.#token.kind !== 'string') throw this.#error(`Value expected, got ${this.#quoted()}`);
    return this.#token.value;
  }

  #kind(): Token['kind'] {
    return this.#token.kind;
  }

  #advance(): void {
    this.#token = this.#lexer.next();
  }

  #quoted(): string {
    return `\`${this.#token.text}'`;
  }

  #error(message: string): ExpressionError {
    return new ExpressionError(message, this.#lexer.text);
  }
}
