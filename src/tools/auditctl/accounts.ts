import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { isErrno } from '../../base/errors.ts';

/** The number of an account or a group by name; null when there is none. Names are byte strings. */
export type AccountLookup = (name: string) => number | null;

/** Looks names up in passwd(5) first, and where they are not there in whatever else nsswitch.conf(5) names. */
export function userLookup(): AccountLookup {
  return lookup('/etc/passwd', 'passwd');
}

export function groupLookup(): AccountLookup {
  return lookup('/etc/group', 'group');
}

function lookup(file: string, database: string): AccountLookup {
  let inFile: Map<string, number> | null = null;
  const found = new Map<string, number | null>();
  return name => {
    inFile ??= readIds(file);
    const known = inFile.get(name) ?? found.get(name);
    if (known !== undefined) return known;
    const id = askNameService(database, name);
    found.set(name, id);
    return id;
  };
}

function readIds(file: string): Map<string, number> {
  try {
    return idsOf(readFileSync(file, 'latin1'));
  } catch (error) {
    // A system without the file has its accounts elsewhere, or none.
    if (!isErrno(error, 'ENOENT')) throw error;
    return new Map();
  }
}

/** Name to number, of the lines of passwd(5) or group(5): the third field of both. The first line of a name counts. */
function idsOf(text: string): Map<string, number> {
  const ids = new Map<string, number>();
  for (const line of text.split('\n')) {
    const [name = '', , id = ''] = line.split(':');
    if (/^[0-9]+$/.test(id) && !ids.has(name)) ids.set(name, Number(id));
  }
  return ids;
}

// getent(1) asks the name services of the C library, which Node has no call for. Only names that no file has get here.
function askNameService(database: string, name: string): number | null {
  if (name === '' || /[\0:\n]/.test(name)) return null;
  const key = Buffer.from(name, 'latin1').toString('utf8');
  // Root runs this: not whatever a PATH of its caller's making has under that name.
  const env = { PATH: '/usr/bin:/bin' };
  const { status, stdout } = spawnSync('getent', ['--', database, key], { encoding: 'latin1', timeout: 10_000, env });
  // getent takes a number for an id as well; a rule's name is never meant as one.
  return status === 0 ? (idsOf(stdout).get(name) ?? null) : null;
}
