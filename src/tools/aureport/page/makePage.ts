import { hostname } from 'node:os';
import { resolve } from 'node:path';
import type { ReportAnswer, ReportInput, RunningReport } from '../../../auparse/logReport.ts';
import { reasonOf } from '../../../base/errors.ts';
import { failureText } from '../failureText.ts';
import type { ReportRequest } from '../options.ts';
import { readPageCounts } from './pageCounts.ts';
import { pageDocument } from './pageDocument.ts';
import { PageFile } from './pageFile.ts';
import { Progress } from './progress.ts';
import { searchBase } from './searchOptions.ts';

/** Its place in native/report/report_kind.h. */
export const PAGE_KIND = 24;

/** What of the machine a page needs. Text is byte strings. */
export interface PageHost {
  /** To standard error. */
  complain(text: string): void;
  readonly errorsIsTerminal: boolean;
  readonly version: string;
}

/**
 * Makes the page that `--html` asks for.
 *
 * @param input  What is read.
 * @param start  Starts the count, of kind `PAGE_KIND`, which writes nothing to its output.
 * @returns the exit code.
 */
export async function makePage(
  request: ReportRequest & { readonly html: string },
  input: ReportInput,
  start: () => RunningReport,
  host: PageHost,
): Promise<number> {
  const failed = (why: string) => {
    host.complain(`${request.html}: ${why}\n`);
    return 1;
  };
  let file: PageFile;
  try {
    file = new PageFile(Buffer.from(request.html, 'latin1').toString('utf8'));
  } catch (error) {
    return failed(reasonOf(error));
  }
  const running = start();
  const progress = host.errorsIsTerminal ? new Progress(running, host) : null;
  const answer = await running.finished;
  progress?.end();
  if (answer.failure !== null) {
    host.complain(failureText(answer.failure));
    return 1;
  }
  if (!answer.isComplete) return failed('not written: the log was not read to its end');
  const counts = readPageCounts(answer.rest);
  const page = pageDocument(counts, {
    source: input.path.toString('latin1'),
    host: hostname(),
    made: Math.floor(Date.now() / 1000),
    version: host.version,
    eventsRead: answer.events,
    search: searchBase(request, searchedPath(request, input)),
    remarks: remarksOf(request, answer, input),
  });
  try {
    file.write(page);
  } catch (error) {
    return failed(reasonOf(error));
  }
  return 0;
}

/** The input that a search must name, with its whole path; null: none, because it is what a search finds by itself. */
function searchedPath(request: ReportRequest, input: ReportInput): string | null {
  if (input.kind === 'descriptor' || request.input === null) return null;
  return resolve(request.input);
}

function remarksOf(request: ReportRequest, answer: ReportAnswer, input: ReportInput): string[] {
  const remarks = answer.damaged.map(path => `${path.toString('utf8')} is damaged: what was good in it counts.`);
  if (answer.malformedEvents > 0) {
    remarks.push(
      `${answer.malformedEvents.toLocaleString('en-US')} events are left out because a record lacks a field; aureport --debug shows them.`,
    );
  }
  if (answer.malformedLines > 0) {
    remarks.push(`${answer.malformedLines.toLocaleString('en-US')} lines are no records.`);
  }
  if (input.kind === 'descriptor') {
    remarks.push('This was read from a pipe; a search needs -if and a file with the same records.');
  }
  if (request.result !== null)
    remarks.push(`Only events ${request.result === 'yes' ? 'with success' : 'that failed'} count.`);
  if (request.leavesOutConfig) remarks.push('Changes of the configuration are left out.');
  if (request.nodes.length > 0) remarks.push('Only some machines count.');
  return remarks;
}
