const LONGEST = 160;
/** A valid sequence of UTF-8 (RFC 3629) in a byte string. */
const UTF8 =
  /[\x00-\x7f]|[\xc2-\xdf][\x80-\xbf]|\xe0[\xa0-\xbf][\x80-\xbf]|[\xe1-\xec\xee\xef][\x80-\xbf]{2}|\xed[\x80-\x9f][\x80-\xbf]|\xf0[\x90-\xbf][\x80-\xbf]{2}|[\xf1-\xf3][\x80-\xbf]{3}|\xf4[\x80-\x8f][\x80-\xbf]{2}|[\x80-\xff]/g;
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
  for (const [sequence] of text.matchAll(UTF8)) {
    if (shown++ === LONGEST) return `${label}… (${text.length} bytes)`;
    label += visibleCharacter(sequence);
  }
  return label;
}

function visibleCharacter(bytes: string): string {
  if (bytes === '\\') return '\\\\';
  if (bytes.length === 1 && bytes >= '\x80') return `\\x${hex(bytes.charCodeAt(0), 2)}`;
  const character = Buffer.from(bytes, 'latin1').toString('utf8');
  if (!UNSEEN.test(character)) return character;
  const code = character.codePointAt(0) ?? 0;
  return code < 0x80 ? `\\x${hex(code, 2)}` : `\\u{${hex(code, 4)}}`;
}

const hex = (number: number, digits: number) => number.toString(16).padStart(digits, '0');
