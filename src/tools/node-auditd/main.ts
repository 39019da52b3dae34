#!/usr/bin/env node
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { FieldError } from '../../base/errors.ts';
import { packageDirectory } from '../../base/packageDirectory.ts';
import { parseOptions, UsageError } from './options.ts';
import { PlacementError } from './placement.ts';
import { run } from './run.ts';

const HELP = `Usage: node-auditd install|uninstall [--root DIR] [--dry-run] [--configuration]
Puts units, commands, configuration, legacy actions, man pages and completions in place, or takes them away again.
  --root DIR       DIR stands for /; the package is copied to DIR/usr/lib/node-auditd
  --dry-run        say what would be done, and do nothing
  --configuration  only the files under /etc
  --help           print this and exit
  --version        print the version and exit
A file that was changed is never overwritten: the new text is put beside it.
`;

function main(words: readonly string[]): number {
  if (words.length === 1 && (words[0] === '--help' || words[0] === '-h')) {
    process.stdout.write(HELP);
    return 0;
  }
  if (words.length === 1 && words[0] === '--version') {
    const { version } = JSON.parse(readFileSync(`${packageDirectory}/package.json`, 'utf8')) as { version: string };
    process.stdout.write(`node-auditd ${version}\n`);
    return 0;
  }
  const options = parseOptions(words);
  if (options.root === '/' && !options.isDryRun && process.geteuid?.() !== 0) {
    complain('node-auditd: you must be root to do this');
    return 4;
  }
  return run(options, {
    packageDirectory,
    say: line => process.stdout.write(`${line}\n`),
    complain,
    command: (program, args) => spawnSync(program, args, { stdio: ['ignore', 'inherit', 'inherit'] }).status,
  });
}

function complain(line: string): void {
  process.stderr.write(`${line}\n`);
}

try {
  process.exitCode = main(process.argv.slice(2));
} catch (error) {
  if (error instanceof UsageError) {
    complain(`node-auditd: ${error.message}`);
    process.stderr.write(HELP);
    process.exitCode = 1;
  } else if (
    error instanceof FieldError ||
    error instanceof PlacementError ||
    (error instanceof Error && 'syscall' in error)
  ) {
    complain(`node-auditd: ${error.message}`);
    process.exitCode = 1;
  } else throw error;
}
