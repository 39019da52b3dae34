import { utf8Sequences } from './utf8Sequences.ts';

type Value = string | number | boolean | null | Members;
interface Members {
  readonly [name: string]: Value;
}

/** What moves or hides other text on a terminal: the same as in native/normalize/json_string.cc. */
const UNSAFE = /[\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]/g;
const PLAIN = /^[\x00-\x7f]*$/;

/**
 * One line of JSON by the rules of docs/json.md: U+FFFD stands for each byte that is no UTF-8, and `not_utf8` has the
 * true bytes of such strings.
 *
 * @param members  Strings are byte strings; names are ours, and plain.
 * @returns a byte string, with its newline.
 */
export function jsonLine(members: Members): string {
  const odd: { at: string; base64: string }[] = [];
  const text = (bytes: string, at: string): string => {
    if (PLAIN.test(bytes)) return bytes;
    let decoded = '';
    let isOdd = false;
    for (const { text } of utf8Sequences(bytes)) {
      isOdd ||= text === null;
      decoded += text ?? '\ufffd';
    }
    if (isOdd) odd.push({ at, base64: Buffer.from(bytes, 'latin1').toString('base64') });
    return decoded;
  };
  const decoded = (value: Members, at: string): object =>
    Object.fromEntries(
      Object.entries(value).map(([name, member]) => {
        const place = `${at}/${name}`;
        if (typeof member === 'string') return [name, text(member, place)];
        return [name, typeof member === 'object' && member !== null ? decoded(member, place) : member];
      }),
    );
  const whole = decoded(members, '');
  const json = JSON.stringify(odd.length === 0 ? whole : { ...whole, not_utf8: odd }).replace(
    UNSAFE,
    character => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
  return `${Buffer.from(json, 'utf8').toString('latin1')}\n`;
}

const LAST_MILLISECOND = Date.UTC(9999, 11, 31, 23, 59, 59, 999);
const FIRST_MILLISECOND = new Date(0).setUTCFullYear(0, 0, 1);

/** RFC 3339 in UTC, with milliseconds; null for a time outside the years 0 to 9999, which it has no form for. */
export function utcTime(milliseconds: number | null): string | null {
  if (milliseconds === null || milliseconds < FIRST_MILLISECOND || milliseconds > LAST_MILLISECOND) return null;
  return new Date(milliseconds).toISOString();
}
