import type { ReportAnswer, ReportCall, ReportInput, RunningReport } from '../../auparse/logReport.ts';
import { errnoText } from '../../base/errors.ts';
import { jsonLine, utcTime } from '../logs/jsonLine.ts';
import { failureText } from './failureText.ts';
import { HELP, OWN_HELP } from './help.ts';
import { parseOptions, type ReportRequest, type TimeParser } from './options.ts';
import { makePage, PAGE_KIND } from './page/makePage.ts';
import { csvHeading, heading, resultPrefix } from './reports.ts';

/** Everything of the machine that aureport touches. Text is byte strings. */
export interface Host {
  /** Standard output and standard error, with their newlines. */
  print(text: string): void;
  complain(text: string): void;
  /** The same, for what the native side writes. */
  readonly outputDescriptor: number;
  readonly errorDescriptor: number;
  readonly outputIsTerminal: boolean;
  readonly errorsIsTerminal: boolean;
  readonly version: string;
  readonly parseTime: TimeParser;
  /** Local date and time in the locale's form: %x %H:%M:%S. */
  localTime(seconds: number): string;
  /** What to read. What the reference says of that has been said. */
  chooseInput(request: ReportRequest): ChosenInput;
  startReport(call: ReportCall): RunningReport;
}

export type ChosenInput =
  | { readonly input: ReportInput; readonly endOfEventTimeout: number }
  /** Why there is none, with its newline. */
  | { readonly failure: string };

const ESCAPES = { raw: 0, tty: 1, shell: 2, shell_quote: 3 } as const;
const FORMATS = { text: 0, csv: 1, json: 2 } as const;
const NOTHING_FOUND = '<no events of interest were found>\n\n';
const EPIPE = 32;

/**
 * Runs aureport.
 *
 * @param words  The arguments without the program's name, as byte strings.
 * @returns the exit code.
 */
export async function run(words: readonly string[], host: Host): Promise<number> {
  const command = parseOptions(words, host.parseTime);
  switch (command.kind) {
    case 'help':
      host.print(`${HELP}${OWN_HELP}`);
      return 0;
    case 'version':
      host.print(`aureport version ${host.version}\n`);
      return 0;
    case 'error':
      host.complain(command.text);
      if (command.hasHelp) host.print(HELP);
      return 1;
    case 'report': {
      const { request } = command;
      return request.html === null
        ? await runReport(request, host)
        : await runPage({ ...request, html: request.html }, host);
    }
  }
}

async function runReport(request: ReportRequest, host: Host): Promise<number> {
  const { report, isSummary, format } = request;
  if (isSummary && report.summary === null) {
    if (format === 'text') host.print(`\n${request.result === null ? '' : resultPrefix(request.result)}`);
    host.complain('Unimplemented option\n');
    return 1;
  }
  // Before the input is opened: what cannot be opened has its title, too.
  if (format === 'text') host.print(heading(report, isSummary, request.result));
  if (format === 'csv') host.print(csvHeading(report, isSummary));
  const chosen = host.chooseInput(request);
  if ('failure' in chosen) {
    host.complain(chosen.failure);
    return 1;
  }
  const running = host.startReport(callOf(request, chosen, host));
  const answer = await running.finished;
  return conclude(request, answer, host);
}

async function runPage(request: ReportRequest & { readonly html: string }, host: Host): Promise<number> {
  const chosen = host.chooseInput(request);
  if ('failure' in chosen) {
    host.complain(chosen.failure);
    return 1;
  }
  const start = () => host.startReport({ ...callOf(request, chosen, host), kind: PAGE_KIND });
  return await makePage(request, chosen.input, start, host);
}

function callOf(
  request: ReportRequest,
  { input, endOfEventTimeout }: { input: ReportInput; endOfEventTimeout: number },
  host: Host,
): ReportCall {
  return {
    kind: request.report.kind,
    isSummary: request.isSummary,
    isInterpreted: request.isInterpreted,
    format: FORMATS[request.format],
    escape: ESCAPES[request.escape],
    outputIsTerminal: host.outputIsTerminal,
    errorsIsTerminal: host.errorsIsTerminal,
    isSuccess: request.result === null ? null : request.result === 'yes',
    isAdditions: request.isAdditions,
    isDeletions: request.isDeletions,
    leavesOutConfig: request.leavesOutConfig,
    nodes: request.nodes.map(node => Buffer.from(node, 'latin1')),
    start: request.start,
    end: request.end,
    endOfEventTimeout: request.eoeTimeoutSeconds ?? endOfEventTimeout,
    input,
    output: host.outputDescriptor,
    errors: host.errorDescriptor,
    reportsMalformed: request.isDebug,
  };
}

/** Prints what comes behind the rows, and says how it went. */
function conclude(request: ReportRequest, answer: ReportAnswer, host: Host): number {
  for (const path of answer.damaged)
    host.complain(`${path.toString('latin1')} is damaged: what was good in it counts\n`);
  if (answer.failure !== null) {
    host.complain(failureText(answer.failure));
    return 1;
  }
  if (answer.outputErrno !== 0) {
    // A reader that went away wants no more; anything else has lost it something.
    if (answer.outputErrno !== EPIPE) host.complain(`Error writing the report (${errnoText(answer.outputErrno)})\n`);
    return answer.outputErrno === EPIPE ? 0 : 1;
  }
  const { report, format } = request;
  const rest = answer.rest.toString('latin1');
  if (report.name === 'log') {
    for (const input of answer.inputs) host.print(formatRange(request, input, host));
    return 0;
  }
  if (report.name === 'overview') {
    host.print(overviewText(request, answer, rest, host));
    return 0;
  }
  host.print(rest);
  if (!answer.hasRows && format === 'text') host.print(NOTHING_FOUND);
  return answer.hasRows || request.isSummary ? 0 : 1;
}

type LogInput = ReportAnswer['inputs'][number];

function formatRange({ format }: ReportRequest, { path, first, last }: LogInput, host: Host): string {
  const file = path.toString('latin1');
  if (format === 'json') {
    return jsonLine({ file, first: utcTime(first), last: utcTime(last) });
  }
  if (format === 'csv') return `${csvField(file)},${utcTime(first) ?? ''},${utcTime(last) ?? ''}\n`;
  if (first === null || last === null) return `${file}: no records\n`;
  return `${file}: ${withMilliseconds(first, host)} - ${withMilliseconds(last, host)}\n`;
}

/** @param counts  What the native side has counted, in the wanted format. */
function overviewText(request: ReportRequest, answer: ReportAnswer, counts: string, host: Host): string {
  const last = answer.inputs.at(-1)?.last ?? null;
  if (request.format === 'json') {
    const range = JSON.stringify({ first: utcTime(answer.first), last: utcTime(last) });
    return `{"range":${range},${counts}}\n`;
  }
  if (request.format === 'csv') return `first,${utcTime(answer.first) ?? ''}\nlast,${utcTime(last) ?? ''}\n${counts}`;
  const first = answer.first ?? 0;
  const from = host.localTime(request.start ?? Math.floor(first / 1000));
  const to = request.end === null ? withMilliseconds(last ?? 0, host) : host.localTime(request.end);
  return (
    `Range of time in logs: ${withMilliseconds(first, host)} - ${withMilliseconds(last ?? 0, host)}\n` +
    `Selected time for report: ${from} - ${to}\n${counts}\n`
  );
}

function withMilliseconds(milliseconds: number, host: Host): string {
  const seconds = Math.floor(milliseconds / 1000);
  return `${host.localTime(seconds)}.${String(milliseconds - seconds * 1000).padStart(3, '0')}`;
}

/** @see RFC 4180 */
function csvField(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
