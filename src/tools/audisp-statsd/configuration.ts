import { readFileSync } from 'node:fs';
import { FieldError, reasonOf } from '../../base/errors.ts';

export interface Configuration {
  readonly address: string;
  readonly port: number;
  readonly intervalSeconds: number;
}

const SECONDS: Readonly<Record<string, number>> = { '': 1, s: 1, m: 60, h: 3600, d: 86_400 };
const LONGEST_INTERVAL_SECONDS = 86_400 * 7;

/**
 * Reads audisp-statsd.conf. Keys are known by their first letter, as in the reference; all three are needed.
 *
 * @throws {FieldError} for the first thing that is wrong.
 */
export function readConfiguration(file: string): Configuration {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    const expected = `a file that can be read (${reasonOf(error)})`;
    throw new FieldError({ file, line: null, field: null, value: null, expected });
  }
  return parseConfiguration(text, file);
}

/** @throws {FieldError} */
export function parseConfiguration(text: string, file: string): Configuration {
  let address: string | null = null;
  let port: number | null = null;
  let intervalSeconds: number | null = null;
  for (const [index, raw] of text.split('\n').entries()) {
    const line = raw.trim();
    if (line === '' || line.startsWith('#')) continue;
    const [, key = '', value = ''] = /^([a-z]\w*)\s*=\s*(\S+)$/.exec(line) ?? [];
    const wrong = (expected: string) =>
      new FieldError({
        file,
        line: index + 1,
        field: key === '' ? null : key,
        value: key === '' ? line : value,
        expected,
      });
    switch (key.charAt(0)) {
      case 'a':
        address = value;
        break;
      case 'p':
        port = Number(value);
        if (!/^\d+$/.test(value) || port < 1 || port > 65_535) throw wrong('a port from 1 to 65535');
        break;
      case 'i':
        intervalSeconds = seconds(value);
        if (intervalSeconds === null) throw wrong('a time such as 15s, 5m, 1h: at least a second, at most a week');
        break;
      default:
        throw wrong('address, port or interval');
    }
  }
  if (address === null || port === null || intervalSeconds === null) {
    const missing = [address === null && 'address', port === null && 'port', intervalSeconds === null && 'interval'];
    const expected = missing.filter(name => name !== false).join(', ');
    throw new FieldError({ file, line: null, field: null, value: null, expected });
  }
  return { address, port, intervalSeconds };
}

function seconds(text: string): number | null {
  const [, digits, unit = ''] = /^(\d{1,9})([smhd]?)$/.exec(text) ?? [];
  if (digits === undefined) return null;
  const value = Number(digits) * (SECONDS[unit] ?? Number.NaN);
  return value >= 1 && value <= LONGEST_INTERVAL_SECONDS ? value : null;
}
