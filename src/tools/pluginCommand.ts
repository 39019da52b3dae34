import { answerToLoneOption } from './loneOption.ts';

/** What every plugin's command does alike: --help and --version, and the exit code. */
export function runPluginCommand(name: string, help: string, run: (words: readonly string[]) => Promise<number>): void {
  const words = process.argv.slice(2);
  const answer = answerToLoneOption(name, words, help);
  if (answer !== null) {
    process.stdout.write(answer);
    return;
  }
  run(words).then(code => {
    process.exitCode = code;
  });
}
