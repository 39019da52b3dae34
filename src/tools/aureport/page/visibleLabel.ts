import { utf8Sequences } from '../../logs/utf8Sequences.ts';

const LONGEST = 160;
/** What moves, hides or reorders other text, or is nothing at all. */
const UNSEEN = /[\p{Cc}\p{Cf}\p{Co}\p{Cn}\p{Zl}\p{Zp}\p{Variation_Selector}]/u;

/**
 * A value of a record as a page may show it: every character that cannot be seen as it is stands there as an escape,
 * and so does every byte that is no UTF-8. What is longer than a line is cut, and says so.
 *
 * @param text  Byte string.
 */
export function visibleLabel(text: string): string {
  let label = '';
  let shown = 0;
  for (const { bytes, text: character } of utf8Sequences(text)) {
    if (shown++ === LONGEST) return `${label}… (${text.length} bytes)`;
    label += character === null ? `\\x${hex(bytes.charCodeAt(0), 2)}` : visibleCharacter(character);
  }
  return label;
}

function visibleCharacter(character: string): string {
  if (character === '\\') return '\\\\';
  if (!UNSEEN.test(character)) return character;
  const code = character.codePointAt(0) ?? 0;
  return code < 0x80 ? `\\x${hex(code, 2)}` : `\\u{${hex(code, 4)}}`;
}

const hex = (number: number, digits: number) => number.toString(16).padStart(digits, '0');
