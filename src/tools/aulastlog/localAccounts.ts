import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import type { Account } from './run.ts';

/** All accounts that the system tells of, in its order: nsswitch.conf(5) as getent(1) follows it, else passwd(5). */
export function localAccounts(): Account[] {
  const { status, stdout } = spawnSync('getent', ['passwd'], { encoding: 'latin1', maxBuffer: 1 << 28 });
  return accountsOf(status === 0 ? stdout : readFileSync('/etc/passwd', 'latin1'));
}

/** The accounts of lines of passwd(5). */
export function accountsOf(lines: string): Account[] {
  return lines.split('\n').flatMap(line => {
    const [name, , uid] = line.split(':');
    return name === undefined || uid === undefined ? [] : [{ name, uid: Number(uid) }];
  });
}
