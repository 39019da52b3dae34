import { VERSION } from './auditctl/version.ts';

/**
 * What a lone --help or --version prints on standard output; null for all other arguments, which are the command's own.
 *
 * @param help  Ends with a newline.
 */
export function answerToLoneOption(command: string, words: readonly string[], help: string): string | null {
  if (words.length !== 1) return null;
  if (words[0] === '--help') return help;
  return words[0] === '--version' ? `${command} version ${VERSION}\n` : null;
}
