import type { AuditEvent, AuditField, AuditRecord, Stamp } from '../auditEvent.ts';
import { compareTimestamps } from '../compare.ts';
import { ExpressionError } from './expressionError.ts';
import { compileRegexp, parseExpression } from './parser.ts';
import { holds, type NumberComparison, type Term } from './term.ts';

/** Where an event fits. */
export interface Match {
  readonly event: AuditEvent;
  /** The first record that fits. */
  readonly record: AuditRecord;
  /** The field that was compared last; null when none was. */
  readonly field: AuditField | null;
}

/** What to look for, as ausearch-expression(5) writes it or as the functions here build it. Never changes. */
export class Expression {
  readonly #term: Term;

  private constructor(term: Term) {
    this.#term = term;
  }

  /** @throws {ExpressionError} with the words of ausearch_add_expression(3). */
  static parse(text: string): Expression {
    return new Expression(parseExpression(text));
  }

  /** The field is there; or its text as logged, quotes and hexadecimal included, is or is not this one. */
  static field(name: string, operator: 'exists'): Expression;
  static field(name: string, operator: '=' | '!=', value: string): Expression;
  static field(name: string, operator: 'exists' | '=' | '!=', value = ''): Expression {
    return Expression.#textItem(name, operator, value, false);
  }

  /** The same of the field's interpreted text. */
  static interpreted(name: string, operator: 'exists'): Expression;
  static interpreted(name: string, operator: '=' | '!=', value: string): Expression;
  static interpreted(name: string, operator: 'exists' | '=' | '!=', value = ''): Expression {
    return Expression.#textItem(name, operator, value, true);
  }

  /** The event's time against this one, milliseconds included; with a `serial`, that decides where the times agree. */
  static timestamp(
    operator: '<' | '<=' | '>=' | '>' | '=',
    time: { readonly seconds: number; readonly milliseconds: number; readonly serial?: number },
  ): Expression {
    const { seconds, milliseconds, serial = null } = time;
    if (!Number.isInteger(milliseconds) || milliseconds < 0 || milliseconds > 999) {
      throw new ExpressionError(`milliseconds = ${milliseconds}: expected 0 to 999`, null);
    }
    const comparison: NumberComparison = operator === '=' ? '==' : operator;
    const term: Term =
      serial === null
        ? { kind: 'time', comparison, stamp: { seconds, milliseconds } }
        : { kind: 'stamp', comparison, stamp: { seconds, milliseconds, serial } };
    return new Expression(term);
  }

  /** The record's text, without its enrichment, has a match of this POSIX extended regular expression. */
  static regexp(pattern: string): Expression {
    return new Expression({ kind: 'regexp', regexp: compileRegexp(pattern, null) });
  }

  static #textItem(name: string, operator: string, value: string, isInterpreted: boolean): Expression {
    if (operator === 'exists') return new Expression({ kind: 'exists', field: name });
    if (operator !== '=' && operator !== '!=') {
      throw new ExpressionError(`operator = ${JSON.stringify(operator)}: expected exists, = or !=`, null);
    }
    const isEqual = operator === '=';
    return new Expression({ kind: 'text', field: name, isInterpreted, isEqual, value: Buffer.from(value) });
  }

  and(other: Expression): Expression {
    return new Expression({ kind: 'and', left: this.#term, right: other.#term });
  }

  or(other: Expression): Expression {
    return new Expression({ kind: 'or', left: this.#term, right: other.#term });
  }

  not(): Expression {
    return new Expression({ kind: 'not', term: this.#term });
  }

  /** The event fits when one of its records does. Null: it does not. */
  match(event: AuditEvent): Match | null {
    for (const record of event.records) {
      const evaluation = new Evaluation(record);
      if (evaluation.of(this.#term)) return { event, record, field: evaluation.field };
    }
    return null;
  }
}

/** Evaluates terms on one record. */
class Evaluation {
  readonly #record: AuditRecord;
  /** The field that was compared last. */
  field: AuditField | null = null;

  constructor(record: AuditRecord) {
    this.#record = record;
  }

  of(term: Term): boolean {
    switch (term.kind) {
      case 'or':
        return this.of(term.left) || this.of(term.right);
      case 'and':
        return this.of(term.left) && this.of(term.right);
      case 'not':
        return !this.of(term.term);
      case 'exists':
        return this.#find(term.field) !== null;
      case 'text': {
        const field = this.#find(term.field);
        if (field === null) return false;
        const text = term.isInterpreted ? field.interpretedBytes : field.valueBytes;
        return term.value.equals(text) === term.isEqual;
      }
      case 'number': {
        const field = this.#find(term.field);
        return field !== null && holds(term.comparison, (field.integer >>> 0) - term.value);
      }
      case 'time': {
        const { event } = this.#record;
        return holds(
          term.comparison,
          compareTimestamps({ ...stampOf(event), serial: 0 }, { ...term.stamp, serial: 0 }),
        );
      }
      case 'stamp':
        return holds(term.comparison, compareTimestamps(stampOf(this.#record.event), term.stamp));
      case 'type':
        return holds(term.comparison, this.#record.type - term.value);
      case 'regexp':
        return term.regexp.test(this.#record.textBytes);
      case 'never':
        return false;
    }
  }

  #find(name: string): AuditField | null {
    const field = this.#record.field(name);
    if (field !== null) this.field = field;
    return field;
  }
}

function stampOf({ seconds, milliseconds, serial }: Stamp): Stamp {
  return { seconds, milliseconds, serial };
}

/** The events that fit, with the place where they do. */
export async function* search(
  events: AsyncIterable<AuditEvent> | Iterable<AuditEvent>,
  expression: Expression,
): AsyncGenerator<Match, void, undefined> {
  for await (const event of events) {
    const match = expression.match(event);
    if (match !== null) yield match;
  }
}
