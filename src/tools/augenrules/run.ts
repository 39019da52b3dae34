import { spawnSync } from 'node:child_process';
import { chmodSync, copyFileSync, existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { isErrno, reasonOf } from '../../base/errors.ts';
import type { Host } from '../auditctl/host.ts';
import { run as runAuditctl } from '../auditctl/run.ts';
import { loadAtomically } from './atomicLoad.ts';
import { mergeRules } from './mergeRules.ts';
import { parseOptions } from './options.ts';
import { readRuleDirectory } from './ruleDirectory.ts';

/** Where augenrules reads and writes. */
export interface Paths {
  /** rules.d */
  directory: string;
  /** The merged file; `.prev` beside it keeps the one before. */
  target: string;
  /** Gives the target its security context, where it exists. */
  restorecon: string;
}

export const SYSTEM_PATHS: Paths = {
  directory: '/etc/audit/rules.d',
  target: '/etc/audit/audit.rules',
  restorecon: '/usr/sbin/restorecon',
};

const TARGET_MODE = 0o640;
const IMMUTABLE = 2;

/**
 * Does what augenrules' arguments ask for.
 *
 * @param command  The program's name as it was called; every message begins with it.
 * @param words    The arguments after it.
 * @returns The exit code.
 */
export function run(command: string, words: readonly string[], paths: Paths, host: Host): number {
  const say = (text: string): void => host.output.print(`${command}: ${text}\n`);
  const options = parseOptions(words);
  if (options === null) {
    host.output.print(`Usage: ${command} [--check|--load [--atomic]]\n`);
    return 1;
  }
  const load = (): number => {
    if (!options.isLoad) return 0;
    if (options.isAtomic) return loadAtomically(paths.target, say, host);
    return runAuditctl(['auditctl', '-R', paths.target], host);
  };
  try {
    const sources = readRuleDirectory(paths.directory);
    if (sources === null) {
      say(`No rules directory - ${paths.directory}`);
      load();
      return 1;
    }
    const merged = mergeRules(sources.map(({ content }) => content));
    const isChanged = merged !== readTarget(paths.target);
    if (isChanged && options.isCheck) {
      say('Rules have changed and should be updated');
      return 0;
    }
    if (!isChanged) say('No change');
    if (isImmutable(host)) {
      say('Audit system is in immutable mode - exiting with no changes');
      return 0;
    }
    if (isChanged) replaceTarget(paths, merged);
    return load();
  } catch (error) {
    if (!(error instanceof Error && 'syscall' in error)) throw error;
    const path = 'path' in error && error.path !== null ? `${error.path}: ` : '';
    say(`${path}${reasonOf(error)}`);
    return 1;
  }
}

function readTarget(target: string): string | null {
  try {
    return readFileSync(target, 'latin1');
  } catch (error) {
    if (isErrno(error, 'ENOENT')) return null;
    throw error;
  }
}

/** Whether the kernel refuses every change of rules. One that cannot be asked is found out when rules are loaded. */
function isImmutable(host: Host): boolean {
  try {
    return host.openControl().status().enabled === IMMUTABLE;
  } catch (error) {
    if (error instanceof Error && 'syscall' in error) return false;
    throw error;
  }
}

/** Keeps the target as .prev and puts the new one in its place: whole, or not at all. */
function replaceTarget(paths: Paths, content: string): void {
  const { target, restorecon } = paths;
  const fresh = `${target}.new`;
  writeFileSync(fresh, content, { encoding: 'latin1', mode: TARGET_MODE, flush: true });
  try {
    chmodSync(fresh, TARGET_MODE);
    if (existsSync(target)) copyFileSync(target, `${target}.prev`);
    renameSync(fresh, target);
  } catch (error) {
    rmSync(fresh, { force: true });
    throw error;
  }
  if (existsSync(restorecon)) spawnSync(restorecon, ['-F', target], { stdio: 'ignore' });
}
