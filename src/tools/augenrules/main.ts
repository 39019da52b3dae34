#!/usr/bin/env node
import { readFileSync } from 'node:fs';
import { thisHost } from '../auditctl/host.ts';
import { run, SYSTEM_PATHS } from './run.ts';

process.umask(0o137);
process.exitCode = run(calledAs(), process.argv.slice(2), SYSTEM_PATHS, thisHost());

/** The path we were called by, symbolic links in place, as a shell script finds it in $0. Node resolves it. */
function calledAs(): string {
  const words = readFileSync('/proc/self/cmdline', 'latin1').split('\0').slice(0, -1);
  return words.at(-process.argv.length + 1) ?? 'augenrules';
}
