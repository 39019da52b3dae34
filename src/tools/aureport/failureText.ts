import type { ReportAnswer } from '../../auparse/logReport.ts';
import { errnoText } from '../../base/errors.ts';

/** What is told of an input that could not be read, with its newline. A byte string. */
export function failureText({ path, errno, isOpening }: NonNullable<ReportAnswer['failure']>): string {
  return `Error ${isOpening ? 'opening' : 'reading'} ${path.toString('latin1')} (${errnoText(errno)})\n`;
}
