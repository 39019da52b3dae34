import { lstatSync, readFileSync, statSync } from 'node:fs';
import { isErrno, reasonOf } from '../../../base/errors.ts';
import { FEATURE_BITMAP } from '../../../control/status.ts';
import { readRuleDirectory } from '../../augenrules/ruleDirectory.ts';
import type { Host } from '../host.ts';
import { type Finding, formatFinding } from './finding.ts';
import { isClean, lintDirectory, lintFile } from './lint.ts';
import type { FileFacts } from './pathChecks.ts';

const EXIT = { clean: 0, findings: 1, usage: 2 } as const;
const USAGE = 'usage: auditctl --lint FILE|DIR [--format text|json]';

/**
 * `auditctl --lint FILE|DIR [--format text|json]`: what is wrong with rules before they are loaded. Changes nothing and
 * needs no privilege.
 *
 * @param words  The arguments after --lint, as byte strings.
 * @returns 0 when there is nothing worse than a note, 1 when there is, 2 for wrong arguments.
 */
export function runLint(words: readonly string[], host: Host): number {
  const parsed = parseWords(words);
  if (parsed === null) {
    host.output.tell(USAGE);
    return EXIT.usage;
  }
  const { path, format } = parsed;
  const findings = lintPath(path, host);
  if (format === 'json') {
    const text = JSON.stringify(findings, (_, value) => (typeof value === 'string' ? utf8Of(value) : value), 2);
    host.output.print(`${Buffer.from(text, 'utf8').toString('latin1')}\n`);
  } else {
    host.output.print(findings.map(finding => `${formatFinding(finding)}\n`).join(''));
  }
  return isClean(findings) ? EXIT.clean : EXIT.findings;
}

function parseWords(words: readonly string[]): { path: string; format: 'text' | 'json' } | null {
  const [path, ...rest] = words;
  const option = rest.join('=');
  if (path === undefined || path.startsWith('-')) return null;
  if (option === '' || option === '--format=text') return { path, format: 'text' };
  return option === '--format=json' ? { path, format: 'json' } : null;
}

function lintPath(path: string, host: Host): Finding[] {
  const environment = {
    nativeMachine: () => host.nativeMachine(),
    userId: (name: string) => host.userId(name),
    groupId: (name: string) => host.groupId(name),
    isDirectory: (name: string) => host.isDirectory(name),
    // The rules may be meant for another kernel: assume a current one.
    featureBitmap: () => Object.values(FEATURE_BITMAP).reduce((all, bit) => all | bit, 0),
    warn: () => {},
  };
  try {
    const bytes = Buffer.from(path, 'latin1');
    if (statSync(bytes).isDirectory()) {
      return lintDirectory(path, readRuleDirectory(path) ?? [], environment, thisMachinesFiles());
    }
    return lintFile({ path, content: readFileSync(bytes, 'latin1') }, environment, thisMachinesFiles());
  } catch (error) {
    if (!(error instanceof Error && 'syscall' in error)) throw error;
    return [{ file: path, line: null, severity: 'error', check: 'unreadable-file', message: reasonOf(error) }];
  }
}

function thisMachinesFiles(): FileFacts {
  let mounts: string[] | null = null;
  return {
    kind: path => {
      try {
        const stats = lstatSync(Buffer.from(path, 'latin1'));
        return stats.isSymbolicLink() ? 'link' : stats.isDirectory() ? 'directory' : 'other';
      } catch (error) {
        // What may not be looked at counts as being there.
        return isErrno(error, 'ENOENT') || isErrno(error, 'ENOTDIR') ? 'missing' : 'other';
      }
    },
    mountPoints: () => {
      mounts ??= readMountPoints();
      return mounts;
    },
  };
}

/** @see proc_pid_mountinfo(5): the fifth field, in which blanks are octal escapes */
function readMountPoints(): string[] {
  const lines = readFileSync('/proc/self/mountinfo', 'latin1').trimEnd().split('\n');
  const points = lines.map(line => line.split(' ')[4] ?? '');
  return points.map(point =>
    point.replace(/\\([0-7]{3})/g, (_, digits) => String.fromCharCode(Number.parseInt(digits, 8))),
  );
}

function utf8Of(text: string): string {
  return Buffer.from(text, 'latin1').toString('utf8');
}
