import { parse } from 'ini';

export type IniLine =
  | { readonly kind: 'section'; readonly line: number; readonly section: string }
  /** `section` is null above the first section. */
  | {
      readonly kind: 'key';
      readonly line: number;
      readonly section: string | null;
      readonly key: string;
      readonly value: string;
    }
  | { readonly kind: 'fault'; readonly line: number; readonly text: string };

/**
 * Reads an ini file line by line: empty lines and comments yield nothing, and what the `ini` package would pass over
 * in silence is a fault. The package tells no line numbers, so it gets one line at a time; no value spans two.
 */
export function* readIniLines(bytes: Uint8Array): Generator<IniLine, void, undefined> {
  let line = 0;
  let section: string | null = null;
  for (const raw of new TextDecoder().decode(bytes).split('\n')) {
    line++;
    const text = raw.trim();
    if (text === '' || text.startsWith('#') || text.startsWith(';')) continue;
    const said: [string, unknown][] = Object.entries(parse(text));
    const [name, value] = said[0] ?? [];
    if (name === undefined || said.length > 1) {
      yield { kind: 'fault', line, text };
    } else if (text.startsWith('[') && isRecord(value)) {
      // A dot nests sections; here it is only a name that no section has.
      section = Object.keys(value).length === 0 ? name : text.slice(1, -1);
      yield { kind: 'section', line, section };
    } else if (text.includes('=') && ['string', 'number', 'boolean'].includes(typeof value)) {
      yield { kind: 'key', line, section, key: name, value: String(value) };
    } else {
      yield { kind: 'fault', line, text };
    }
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
