import type { ReportRequest } from '../options.ts';
import type { ListName } from './pageCounts.ts';
import { shellWord } from './shellWord.ts';

/** What of a search is fixed for all of a page. */
export interface SearchBase {
  /** `ausearch`, and where it searches. */
  readonly command: string;
  /** `-ts`, `-te` of the report; the reader's own choice takes their place. */
  readonly times: string;
}

/** Options that narrow a search to one value. */
export interface SearchOptions {
  /** At most one of a slot can be in force. */
  readonly slot: string;
  readonly options: string;
  /** Whether the value is to be met exactly (-w). */
  readonly isWord: boolean;
  /** What the search finds beside or instead of the bar's events; null: it finds just these. Plain text. */
  readonly note: string | null;
}

/** ausearch takes no longer one: no path is. */
const LONGEST_FILE = 4096;

/**
 * @param request  What the page reports on.
 * @param input    The file or directory with its whole path, a byte string; null: not to be named.
 */
export function searchBase(request: ReportRequest, input: string | null): SearchBase {
  const words = ['ausearch', '-i'];
  const path = input === null ? null : argument(input);
  if (path !== null) words.push('-if', path);
  for (const node of request.nodes) words.push('--node', shellWord(node) ?? '');
  if (request.result !== null) words.push('-sv', request.result);
  const times = [];
  if (request.start !== null) times.push('-ts', zoned(request.start));
  if (request.end !== null) times.push('-te', zoned(request.end));
  return { command: words.join(' '), times: times.join(' ') };
}

/**
 * How to find the events of a bar.
 *
 * @returns null for what no search can name: a value that begins with `-` is an option to ausearch, no word holds a NUL,
 *          and no path is as long as some names.
 */
export function searchOptions(list: ListName, text: string, isType: (name: string) => boolean): SearchOptions | null {
  switch (list) {
    case 'executables':
      return word('-x', text);
    case 'files':
      return text.length < LONGEST_FILE ? word('-f', text) : null;
    case 'keys':
      return word('-k', text);
    case 'users':
      return { slot: '-ul', options: `-ul ${text.split(' ', 1)[0] ?? ''}`, isWord: false, note: null };
    case 'syscalls': {
      const [machine = '?', number = '', name = ''] = text.split(' ');
      const arch = machine === '?' ? '' : `--arch ${machine} `;
      const note = machine === '?' ? `Finds calls with this number of every machine.` : null;
      return { slot: '-sc', options: `${arch}-sc ${name === '' ? number : name}`, isWord: false, note };
    }
    case 'types':
    case 'anomalies':
      return isType(text) ? typeOptions([text]) : null;
    case 'logins': {
      if (text === '') return { ...typeOptions(['USER_LOGIN']), note: 'Finds logins with a host, too.' };
      const host = argument(text);
      return host === null ? null : { slot: '-m', options: `-m USER_LOGIN -hn ${host}`, isWord: true, note: null };
    }
  }
}

/** Events with a record of one of these types. */
export function typeOptions(types: readonly string[]): SearchOptions {
  return { slot: '-m', options: `-m ${types.map(type => shellWord(type)).join(',')}`, isWord: false, note: null };
}

function word(option: string, text: string): SearchOptions | null {
  const value = argument(text);
  return value === null ? null : { slot: option, options: `${option} ${value}`, isWord: true, note: null };
}

function argument(text: string): string | null {
  return text === '' || text.startsWith('-') ? null : shellWord(text);
}

/** ISO 8601 with its zone: the same moment on whatever host it is typed. */
function zoned(seconds: number): string {
  return new Date(seconds * 1000).toISOString().replace('.000Z', 'Z');
}
