import { isatty } from 'node:tty';
import { localClock } from '../../auparse/localClock.ts';
import { reportTime, startReport } from '../../auparse/logReport.ts';
import { VERSION } from '../auditctl/version.ts';
import { chooseInput } from '../logs/chooseInput.ts';
import { type LogConfiguration, readLogConfiguration } from '../logs/logConfiguration.ts';
import { searchTime, TimeError, timeWords } from '../logs/searchTime.ts';
import type { ChosenInput, Host } from './run.ts';

/** Where a run reads and writes. Descriptors. */
export interface Streams {
  readonly input: number;
  readonly output: number;
  readonly errors: number;
  /** To `output` and `errors`, byte strings. */
  print(text: string): void;
  complain(text: string): void;
  readConfiguration?(): LogConfiguration;
}

/** aureport on this machine. */
export function hostOf(streams: Streams): Host {
  const { print, complain } = streams;
  return {
    print,
    complain,
    outputDescriptor: streams.output,
    errorDescriptor: streams.errors,
    outputIsTerminal: isatty(streams.output),
    errorsIsTerminal: isatty(streams.errors),
    version: VERSION,
    parseTime: ([first = '', second = null], which) => {
      try {
        return searchTime(which, timeWords(first, second), localClock);
      } catch (error) {
        if (!(error instanceof TimeError)) throw error;
        return { error: error.message };
      }
    },
    localTime: reportTime,
    chooseInput: request => choose(request, streams),
    startReport,
  };
}

function choose(wish: { readonly input: string | null; readonly isInputLogs: boolean }, streams: Streams): ChosenInput {
  const { complain } = streams;
  const configuration = streams.readConfiguration?.() ?? readLogConfiguration();
  for (const message of configuration.messages) complain(`${message}\n`);
  if (configuration.isBuiltIn) complain(`NOTE - using built-in logs: ${configuration.logFile}\n`);
  const choice = chooseInput(
    { input: wish.input, usesLogsInsteadOfPipe: wish.isInputLogs },
    configuration,
    streams.input,
    note => complain(`${note}\n`),
  );
  const endOfEventTimeout = configuration.endOfEventTimeoutSeconds;
  switch (choice.kind) {
    case 'none':
      return { failure: `${choice.message}\n` };
    case 'pipe':
      return {
        input: { kind: 'descriptor', path: Buffer.from('stdin'), descriptor: streams.input },
        endOfEventTimeout,
      };
    default:
      return { input: { kind: choice.kind, path: Buffer.from(choice.path, 'latin1') }, endOfEventTimeout };
  }
}
