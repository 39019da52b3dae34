import { readFileSync } from 'node:fs';
import { isatty } from 'node:tty';
import type { LocalClock } from '../../auparse/localClock.ts';
import {
  ESCAPE_MODE,
  type LogSearch,
  newSearch,
  SEARCH_FORMAT,
  type SearchAnswer,
  type SearchInput,
  type SearchRequest,
} from '../../auparse/logSearch.ts';
import { errnoText, reasonOf } from '../../base/errors.ts';
import { chooseInput } from '../logs/chooseInput.ts';
import { type LogConfiguration, readLogConfiguration } from '../logs/logConfiguration.ts';
import { visibleText } from '../logs/visibleText.ts';
import {
  type Checkpoint,
  CheckpointError,
  checkpointOf,
  isFirstRun,
  parseCheckpoint,
  writeCheckpoint,
} from './checkpoint.ts';
import { type OptionHost, parseOptions, type Search } from './options.ts';
import { badLinesNote, statisticsText } from './statistics.ts';

/** Exit codes of ausearch; scripts depend on each. */
const EXIT = { found: 0, notFound: 1, badCheckpoint: 10, checkpointNotWritten: 11, corruptedCheckpoint: 12 } as const;

/** What ausearch touches of the machine. Texts are byte strings. */
export interface SearchHost extends OptionHost, LocalClock {
  readonly usage: () => string;
  readonly version: string;
  /** Descriptors of the input, the results and the messages. */
  readonly input: number;
  readonly output: number;
  readonly errors: number;
  print(text: string): void;
  /** Printed as it stands. */
  tell(text: string): void;
  readConfiguration?(): LogConfiguration;
}

/**
 * Does what ausearch's arguments ask for.
 *
 * @param words  Byte strings, without the program's name.
 * @returns The exit code.
 */
export async function run(words: readonly string[], host: SearchHost): Promise<number> {
  const command = parseOptions(words, host);
  switch (command.kind) {
    case 'help':
      host.print(host.usage());
      return EXIT.found;
    case 'usage':
      host.print(host.usage());
      return EXIT.notFound;
    case 'version':
      host.print(`ausearch version ${host.version}\n`);
      return EXIT.found;
    case 'error':
      tellSafely(host, command.text);
      return EXIT.notFound;
    case 'search':
      return new SearchRun(command.search, host).run();
  }
}

class SearchRun {
  readonly #search: Search;
  readonly #host: SearchHost;

  constructor(search: Search, host: SearchHost) {
    this.#search = search;
    this.#host = host;
  }

  async run(): Promise<number> {
    const { checkpoint: checkpointPath } = this.#search;
    const configuration = this.#configure();
    const path = checkpointPath === null ? null : Buffer.from(checkpointPath, 'latin1');
    let before: Checkpoint | null = null;
    try {
      if (path !== null) before = readCheckpoint(path);
    } catch (error) {
      if (!(error instanceof CheckpointError)) throw error;
      this.#tell(error.message);
      return EXIT.badCheckpoint;
    }
    const input = this.#chooseInput(configuration, before);
    if (input === null) return EXIT.notFound;
    const notesCheckpoint = path !== null && input.kind !== 'descriptor';
    const request = this.#request(configuration, input, before, notesCheckpoint);
    const answer = await this.#watch(newSearch(request), input);
    return this.#report(answer, before, notesCheckpoint ? path : null, input);
  }

  #tell(text: string): void {
    tellSafely(this.#host, text);
  }

  #configure(): LogConfiguration {
    const configuration = this.#host.readConfiguration?.() ?? readLogConfiguration();
    for (const message of configuration.messages) this.#tell(`${message}\n`);
    if (configuration.isBuiltIn) {
      this.#tell(`NOTE - using built-in end_of_event_timeout: ${configuration.endOfEventTimeoutSeconds}\n`);
      if (this.#search.input === null) this.#tell(`NOTE - using built-in logs: ${configuration.logFile}\n`);
    }
    return configuration;
  }

  /** Null, and a message, when what was asked for is not there. */
  #chooseInput(configuration: LogConfiguration, before: Checkpoint | null): SearchInput | null {
    const choice = chooseInput(this.#search, configuration, this.#host.input, note => this.#tell(`${note}\n`));
    switch (choice.kind) {
      case 'none':
        this.#tell(`${choice.message}\n`);
        return null;
      case 'file':
        return { kind: 'file', path: bytesOf(choice.path) };
      case 'pipe':
        if (this.#search.checkpoint !== null) this.#tell('Warning - checkpointing stdin is not supported');
        return { kind: 'descriptor', path: bytesOf('stdin'), descriptor: this.#host.input };
      case 'set': {
        // The time of a checkpoint counts in whatever file it is found.
        const isSought = before !== null && !this.#search.startsAtCheckpoint;
        const first = isSought ? { device: before.device, inode: before.inode } : null;
        return { kind: 'set', path: bytesOf(choice.path), first };
      }
    }
  }

  #request(
    configuration: LogConfiguration,
    input: SearchInput,
    before: Checkpoint | null,
    notesCheckpoint: boolean,
  ): SearchRequest {
    const search = this.#search;
    const { criteria } = search;
    const event = before?.event ?? null;
    return {
      criteria: {
        ...criteria,
        nodes: criteria.nodes.map(bytesOf),
        uidName: optionalBytesOf(criteria.uidName),
        euidName: optionalBytesOf(criteria.euidName),
        auidName: optionalBytesOf(criteria.auidName),
        file: optionalBytesOf(criteria.file),
        host: optionalBytesOf(criteria.host),
        terminal: optionalBytesOf(criteria.terminal),
        exe: optionalBytesOf(criteria.exe),
        comm: optionalBytesOf(criteria.comm),
        key: optionalBytesOf(criteria.key),
        vm: optionalBytesOf(criteria.vm),
        uuid: optionalBytesOf(criteria.uuid),
        subject: optionalBytesOf(criteria.subject),
        object: optionalBytesOf(criteria.object),
      },
      format: SEARCH_FORMAT[search.format],
      escape: ESCAPE_MODE[search.escape],
      csv: search.csv,
      start: search.start,
      end: search.end,
      endOfEventTimeoutSeconds: search.endOfEventTimeout ?? configuration.endOfEventTimeoutSeconds,
      input,
      stopsAfterFirst: search.stopsAfterFirst,
      reportsMalformed: search.reportsMalformed,
      follows: search.follows,
      buildsIndex: search.buildsIndex,
      after: event === null ? null : { ...event, node: optionalBytesOf(event.node), byTime: search.startsAtCheckpoint },
      notesCheckpoint,
      output: this.#host.output,
      errors: this.#host.errors,
      outputIsTerminal: isatty(this.#host.output),
      errorsIsTerminal: isatty(this.#host.errors),
    };
  }

  /** Runs it; shows how far it is to a terminal that gets no results, and lets an interrupt end it in good order. */
  async #watch(search: LogSearch, input: SearchInput): Promise<SearchAnswer> {
    const cancel = () => search.cancel();
    process.once('SIGINT', cancel);
    process.once('SIGTERM', cancel);
    const showsProgress =
      isatty(this.#host.errors) && !isatty(this.#host.output) && input.kind !== 'descriptor' && !this.#search.follows;
    let isShown = false;
    const timer = showsProgress
      ? setInterval(() => {
          const { bytes, size, events } = search.progress();
          if (size === 0) return;
          const percent = Math.min(100, Math.floor((bytes / size) * 100));
          this.#host.tell(`\r${percent}% of ${Math.round(size / 1e6)} MB, ${events} events `);
          isShown = true;
        }, PROGRESS_MS)
      : null;
    try {
      return await search.run();
    } finally {
      if (timer !== null) clearInterval(timer);
      if (isShown) this.#host.tell(`\r${' '.repeat(PROGRESS_COLUMNS)}\r`);
      process.off('SIGINT', cancel);
      process.off('SIGTERM', cancel);
    }
  }

  #report(answer: SearchAnswer, before: Checkpoint | null, path: Buffer | null, input: SearchInput): number {
    const search = this.#search;
    if (answer.isFirstFileMissing) return EXIT.badCheckpoint;
    if (search.showsStatistics) this.#tell(statisticsText(answer));
    for (const { path: file, damage } of answer.damaged) {
      this.#tell(`${Buffer.from(file).toString('latin1')}: ${DAMAGES[damage] ?? 'damaged'}\n`);
    }
    this.#tell(badLinesNote(answer));
    if (answer.failure !== null) {
      const file = Buffer.from(answer.failure.path).toString('latin1');
      this.#tell(`Error opening ${file} (${errnoText(answer.failure.errno)})\n`);
      return EXIT.notFound;
    }
    if (answer.outputErrno !== 0 && !QUIET_ERRORS.has(answer.outputErrno)) {
      this.#tell(`Error writing results (${errnoText(answer.outputErrno)})\n`);
      return EXIT.notFound;
    }
    if (answer.corruptedBy !== null && before?.event != null) {
      this.#tell(
        'Corrupted checkpoint file. Inode match, but newer complete event ' +
          `(${stampOf(answer.corruptedBy)}) found before loaded checkpoint ${stampOf(before.event)}\n`,
      );
      return EXIT.corruptedCheckpoint;
    }
    if (path !== null) {
      const checkpoint = checkpointOf(answer);
      try {
        if (checkpoint !== null) writeCheckpoint(path, withEventOf(checkpoint, before));
      } catch (error) {
        if (!(error instanceof CheckpointError)) throw error;
        this.#tell(error.message);
        return EXIT.checkpointNotWritten;
      }
    }
    if (answer.matches > 0) return EXIT.found;
    if (search.format !== 'raw' && !(input.kind === 'descriptor' && answer.isCancelled)) this.#tell('<no matches>\n');
    return EXIT.notFound;
  }
}

/** Names of files and words of the command line may hold anything. */
function tellSafely(host: SearchHost, text: string): void {
  host.tell(isatty(host.errors) ? visibleText(text) : text);
}

const PROGRESS_MS = 250;
const PROGRESS_COLUMNS = 60;
/** A reader that went away, and an end by a signal, are no faults: EPIPE, ECANCELED. */
const QUIET_ERRORS: ReadonlySet<number> = new Set([32, 125]);
/** By LogSource::Damage in native/scan/log_source.h. */
const DAMAGES: readonly string[] = [
  '',
  'compressed data ends early; what came before it was read',
  'compressed data is damaged; what came before the damage was read',
  'other bytes follow the compressed data; they were passed over',
];

function readCheckpoint(path: Buffer): Checkpoint | null {
  let text: string;
  try {
    text = readFileSync(path, 'latin1');
  } catch (error) {
    if (isFirstRun(error)) return null;
    if (!(error instanceof Error && 'errno' in error)) throw error;
    const where = path.toString('latin1');
    throw new CheckpointError(`Cannot open checkpoint file - ${where}: ${reasonOf(error)}\n`, { cause: error });
  }
  return parseCheckpoint(text, path.toString('latin1'));
}

/** A run that met no event leaves the place of the one before it. */
function withEventOf(checkpoint: Checkpoint, before: Checkpoint | null): Checkpoint {
  return checkpoint.event === null && before !== null ? { ...checkpoint, event: before.event } : checkpoint;
}

function stampOf(event: { seconds: number; milliseconds: number; serial: number }): string {
  return `${event.seconds}.${String(event.milliseconds).padStart(3, '0')}:${event.serial}`;
}

function bytesOf(text: string): Uint8Array {
  return Buffer.from(text, 'latin1');
}

function optionalBytesOf(text: string | null): Uint8Array | null {
  return text === null ? null : bytesOf(text);
}
