#!/usr/bin/env node
import { readFileSync } from 'node:fs';
import { thisHost } from '../auditctl/host.ts';
import { VERSION } from '../auditctl/version.ts';
import { run, SYSTEM_PATHS } from './run.ts';

const HELP = `Usage: augenrules [--check|--load [--atomic]]
Merges /etc/audit/rules.d/*.rules into /etc/audit/audit.rules.
  --check    only say whether the merged file would change
  --load     load the merged file into the kernel
  --atomic   with --load: all rules, or the ones the kernel had
  --help     print this and exit
  --version  print the version and exit
`;

const words = process.argv.slice(2);
if (words.length === 1 && words[0] === '--help') {
  process.stdout.write(HELP);
} else if (words.length === 1 && words[0] === '--version') {
  process.stdout.write(`augenrules version ${VERSION}\n`);
} else {
  process.umask(0o137);
  process.exitCode = run(calledAs(), words, SYSTEM_PATHS, thisHost());
}

/** The path we were called by, symbolic links in place, as a shell script finds it in $0. Node resolves it. */
function calledAs(): string {
  const words = readFileSync('/proc/self/cmdline', 'latin1').split('\0').slice(0, -1);
  return words.at(-process.argv.length + 1) ?? 'augenrules';
}
