#!/usr/bin/env node
import { argumentBytes } from './argumentBytes.ts';
import { thisHost } from './host.ts';
import { run } from './run.ts';
import { VERSION } from './version.ts';

async function main(words: readonly string[]): Promise<number> {
  if (words.length === 1 && words[0] === '--version') {
    // Beside the reference's -v, which needs the privilege that rules need.
    process.stdout.write(`auditctl version ${VERSION}\n`);
    return 0;
  }
  if (words[0] === '--lint') {
    // Loaded for itself alone: starting up is most of what a command like -s takes.
    const { runLint } = await import('./lint/runLint.ts');
    return runLint(words.slice(1), thisHost());
  }
  return run(['auditctl', ...words], thisHost());
}

main(argumentBytes()).then(code => {
  process.exitCode = code;
});
