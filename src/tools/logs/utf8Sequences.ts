/** Each alternative is a valid sequence (RFC 3629), but for the last. */
const SEQUENCE =
  /[\x00-\x7f]|[\xc2-\xdf][\x80-\xbf]|\xe0[\xa0-\xbf][\x80-\xbf]|[\xe1-\xec\xee\xef][\x80-\xbf]{2}|\xed[\x80-\x9f][\x80-\xbf]|\xf0[\x90-\xbf][\x80-\xbf]{2}|[\xf1-\xf3][\x80-\xbf]{3}|\xf4[\x80-\x8f][\x80-\xbf]{2}|[\x80-\xff]/g;

/**
 * The characters of a byte string, each with what it is as text; null for a byte that is no UTF-8, which stands alone.
 */
export function* utf8Sequences(bytes: string): Generator<{ readonly bytes: string; readonly text: string | null }> {
  for (const [sequence] of bytes.matchAll(SEQUENCE)) {
    const isOdd = sequence.length === 1 && sequence >= '\x80';
    yield { bytes: sequence, text: isOdd ? null : Buffer.from(sequence, 'latin1').toString('utf8') };
  }
}
