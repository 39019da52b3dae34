/**
 * A byte string as a terminal may get it: control bytes but the newline as `\ooo`, so that no record can move the
 * cursor, change colours or answer for the operator.
 */
export function visibleText(text: string): string {
  return text.replace(/[\x00-\x09\x0b-\x1f\x7f]/g, byte => `\\${byte.charCodeAt(0).toString(8).padStart(3, '0')}`);
}
