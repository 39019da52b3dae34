import type { Stamp } from '../auditEvent.ts';
import type { Comparison } from './lexer.ts';

/** The comparisons of numbers. */
export type NumberComparison = Exclude<Comparison, 'r=' | 'r!=' | 'i=' | 'i!='>;

/** What an expression is made of. */
export type Term =
  | { readonly kind: 'or' | 'and'; readonly left: Term; readonly right: Term }
  | { readonly kind: 'not'; readonly term: Term }
  | { readonly kind: 'exists'; readonly field: string }
  | {
      readonly kind: 'text';
      readonly field: string;
      readonly isInterpreted: boolean;
      readonly isEqual: boolean;
      readonly value: Buffer;
    }
  | { readonly kind: 'number'; readonly field: string; readonly comparison: NumberComparison; readonly value: number }
  | { readonly kind: 'time'; readonly comparison: NumberComparison; readonly stamp: Omit<Stamp, 'serial'> }
  | { readonly kind: 'stamp'; readonly comparison: NumberComparison; readonly stamp: Stamp }
  | { readonly kind: 'type'; readonly comparison: NumberComparison; readonly value: number }
  | { readonly kind: 'regexp'; readonly regexp: { test(text: Uint8Array): boolean } }
  | { readonly kind: 'never' };

/** Whether a difference (negative, 0, positive) is what a comparison asks for. */
export function holds(comparison: NumberComparison, difference: number): boolean {
  switch (comparison) {
    case '==':
      return difference === 0;
    case '!==':
      return difference !== 0;
    case '<':
      return difference < 0;
    case '<=':
      return difference <= 0;
    case '>':
      return difference > 0;
    case '>=':
      return difference >= 0;
  }
}
