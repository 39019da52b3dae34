import { overview, type ReportType, reportOfOption } from './reports.ts';

export type EscapeMode = 'raw' | 'tty' | 'shell' | 'shell_quote';
export type ReportFormat = 'text' | 'csv' | 'json';

export interface ReportRequest {
  readonly report: ReportType;
  readonly isSummary: boolean;
  readonly isInterpreted: boolean;
  /** Only events with this result; null: all. */
  readonly result: 'yes' | 'no' | null;
  readonly isAdditions: boolean;
  readonly isDeletions: boolean;
  readonly leavesOutConfig: boolean;
  /** Any of these; none: all. */
  readonly nodes: readonly string[];
  /** Seconds since the epoch, inclusive; null: not given. */
  readonly start: number | null;
  readonly end: number | null;
  /** A file or directory; null: the logs of the configuration, or standard input. */
  readonly input: string | null;
  readonly isInputLogs: boolean;
  /** Null: the configuration's. */
  readonly eoeTimeoutSeconds: number | null;
  readonly escape: EscapeMode;
  readonly isDebug: boolean;
  readonly format: ReportFormat;
  /** Where the page goes; null: no page. */
  readonly html: string | null;
}

/** What the arguments come to. */
export type Command =
  | { readonly kind: 'report'; readonly request: ReportRequest }
  | { readonly kind: 'help' | 'version' }
  /** `text` with its newline, where it has one. `hasHelp`: the help follows on standard output. */
  | { readonly kind: 'error'; readonly text: string; readonly hasHelp: boolean };

/** Seconds since the epoch, or why there are none. */
export type TimeParser = (words: readonly string[], which: 'start' | 'end') => number | { readonly error: string };

const ESCAPE_MODES: readonly string[] = ['raw', 'tty', 'shell', 'shell_quote'];
const FORMATS: readonly string[] = ['text', 'csv', 'json'];
/** The reference's room for a file name, in bytes: B.2. */
const LONGEST_INPUT = 4064;

class ArgumentError extends Error {
  override readonly name = 'ArgumentError';
  readonly isWithoutNewline: boolean;
  readonly hasHelp: boolean;

  constructor(message: string, { isWithoutNewline = false, hasHelp = true } = {}) {
    super(message);
    this.isWithoutNewline = isWithoutNewline;
    this.hasHelp = hasHelp;
  }
}

/**
 * What aureport's arguments, without the program's name, ask for. They are looked at from left to right until the first
 * error; a word that begins with `-` is never an option's argument.
 *
 * @param words  Byte strings.
 */
export function parseOptions(words: readonly string[], parseTime: TimeParser): Command {
  try {
    return new ArgumentReader(words, parseTime).command();
  } catch (error) {
    if (!(error instanceof ArgumentError)) throw error;
    return { kind: 'error', text: `${error.message}${error.isWithoutNewline ? '' : '\n'}`, hasHelp: error.hasHelp };
  }
}

type Draft = { -readonly [Key in keyof ReportRequest]: ReportRequest[Key] };

class ArgumentReader {
  readonly #words: readonly string[];
  readonly #parseTime: TimeParser;
  readonly #nodes: string[] = [];
  #at = 0;
  #report: ReportType | null = null;

  constructor(words: readonly string[], parseTime: TimeParser) {
    this.#words = words;
    this.#parseTime = parseTime;
  }

  command(): Command {
    const request: Draft = {
      report: overview,
      isSummary: false,
      isInterpreted: false,
      result: null,
      isAdditions: false,
      isDeletions: false,
      leavesOutConfig: false,
      nodes: this.#nodes,
      start: null,
      end: null,
      input: null,
      isInputLogs: false,
      eoeTimeoutSeconds: null,
      escape: 'tty',
      isDebug: false,
      format: 'text',
      html: null,
    };
    while (this.#at < this.#words.length) {
      const option = this.#words[this.#at++] ?? '';
      if (option === '--help') return { kind: 'help' };
      if (option === '-v' || option === '--version') return { kind: 'version' };
      this.#take(option, request);
    }
    if (this.#report !== null) request.report = this.#report;
    const isOther = this.#report !== null || request.isSummary || request.format !== 'text';
    if (request.html !== null && isOther) {
      throw new ArgumentError('--html is a report of its own; leave out the other, --summary and --format');
    }
    return { kind: 'report', request };
  }

  #take(option: string, request: Draft): void {
    const report = reportOfOption(option);
    if (report !== null) {
      this.#choose(report);
      return;
    }
    switch (option) {
      case '-i':
      case '--interpret':
        if (this.#argument() !== null) throw new ArgumentError(`Argument is NOT required for ${option}`);
        request.isInterpreted = true;
        break;
      case '--summary':
        request.isSummary = true;
        break;
      case '--success':
        request.result = 'yes';
        break;
      case '--failed':
        request.result = 'no';
        break;
      case '--add':
        request.isAdditions = true;
        break;
      case '--delete':
        request.isDeletions = true;
        break;
      case '-nc':
      case '--no-config':
        request.leavesOutConfig = true;
        break;
      case '--debug':
        request.isDebug = true;
        break;
      case '--input-logs':
        request.isInputLogs = true;
        break;
      case '--node':
        this.#nodes.push(this.#required(option));
        break;
      case '-ts':
      case '--start':
        request.start = this.#time(option, 'start');
        break;
      case '-te':
      case '--end':
        request.end = this.#time(option, 'end');
        break;
      case '-if':
      case '--input':
        request.input = this.#input(option);
        break;
      case '--eoe-timeout':
        request.eoeTimeoutSeconds = this.#timeout(option);
        break;
      case '--escape':
        request.escape = this.#oneOf<EscapeMode>(option, ESCAPE_MODES);
        break;
      case '--format':
        request.format = this.#oneOf<ReportFormat>(option, FORMATS);
        break;
      case '--html':
        request.html = this.#required(option);
        break;
      default:
        throw new ArgumentError(`${option} is an unsupported option`);
    }
  }

  #choose(report: ReportType): void {
    if (this.#report !== null) {
      throw new ArgumentError('Error - only one report can be specified', { isWithoutNewline: true });
    }
    if (report.refusesWord && this.#argument() !== null) {
      throw new ArgumentError('Unimplemented option', { hasHelp: false });
    }
    this.#report = report;
  }

  /** The next word, if it is no option; null otherwise. It is not passed yet. */
  #argument(): string | null {
    const word = this.#words[this.#at];
    return word === undefined || word.startsWith('-') ? null : word;
  }

  #required(option: string): string {
    const word = this.#argument();
    if (word === null) throw new ArgumentError(`Argument is required for ${option}`);
    this.#at++;
    return word;
  }

  #oneOf<Choice extends string>(option: string, choices: readonly string[]): Choice {
    const word = this.#required(option);
    if (!choices.includes(word)) throw new ArgumentError(`Unknown option (${word})`);
    return word as Choice;
  }

  #input(option: string): string {
    const path = this.#required(option);
    if (path.length >= LONGEST_INPUT) throw new ArgumentError(`File name is too long ${path}`);
    return path;
  }

  #timeout(option: string): number {
    const word = this.#required(option);
    if (!/^[0-9]/.test(word)) throw new ArgumentError(`End of Event Timeout must be a numeric value, was ${word}`);
    const seconds = Number.parseInt(word, 10);
    if (seconds < 1 || seconds > 0xffff_ffff) {
      throw new ArgumentError(`Illegal value for End of Event Timeout, was ${word}`);
    }
    return seconds;
  }

  #time(option: string, which: 'start' | 'end'): number {
    const words = this.#words.slice(this.#at, this.#at + 2);
    const count = words.findIndex(word => word.startsWith('-'));
    const given = count === -1 ? words : words.slice(0, count);
    if (given.length === 0) throw new ArgumentError(`${option} requires either date and/or time`);
    this.#at += given.length;
    const time = this.#parseTime(given, which);
    if (typeof time !== 'number') throw new ArgumentError(time.error);
    return time;
  }
}
