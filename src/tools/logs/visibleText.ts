/**
 * A byte string as a terminal may get it: control bytes but the newline as `\ooo`, also those of UTF-8 (U+0080 to
 * U+009F), so that no record can move the cursor, change colours or answer for the operator.
 */
export function visibleText(text: string): string {
  return text.replace(/[\x00-\x09\x0b-\x1f\x7f]|\xc2[\x80-\x9f]/g, bytes =>
    Array.from(bytes, byte => `\\${byte.charCodeAt(0).toString(8).padStart(3, '0')}`).join(''),
  );
}
