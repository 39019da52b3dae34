import { VERSION } from './auditctl/version.ts';

/** What every plugin's command does alike: --help and --version, and the exit code. */
export function runPluginCommand(name: string, help: string, run: (words: readonly string[]) => Promise<number>): void {
  const words = process.argv.slice(2);
  if (words[0] === '--help' && words.length === 1) process.stdout.write(help);
  else if (words[0] === '--version' && words.length === 1) process.stdout.write(`${name} version ${VERSION}\n`);
  else
    run(words).then(code => {
      process.exitCode = code;
    });
}
