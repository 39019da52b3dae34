import { FieldError, isErrno, reasonOf } from '../../base/errors.ts';
import type { Fault } from '../../base/keyValueFile.ts';
import type { FileFacts, OpenFile, SystemFacts } from './systemFacts.ts';

export type TrustedFile =
  | { readonly kind: 'read'; readonly bytes: Uint8Array }
  | { readonly kind: 'missing' }
  | { readonly kind: 'refused'; readonly faults: readonly Fault[] };

/**
 * Reads a file that decides what a root process does: one that only root can have written. Opened once, and checked
 * through the descriptor it is then read from, so that nobody can exchange it in between.
 *
 * @param forbiddenMode  Permissions that it must not have: to write, for others, or for its group and others (0o022).
 */
export function readTrustedFile(
  path: string,
  allowsLinks: boolean,
  facts: SystemFacts,
  forbiddenMode: number = OTHERS_MAY_WRITE,
): TrustedFile {
  let file: OpenFile;
  try {
    file = facts.open(path, allowsLinks);
  } catch (error) {
    if (isErrno(error, 'ENOENT')) return { kind: 'missing' };
    if (isErrno(error, 'ELOOP')) return refused(path, ['no symbolic link, unless --allow_links is given']);
    return refused(path, [`a file that opens (${reasonOf(error)})`]);
  }
  try {
    const unmet = trustUnmet(file.stat(), forbiddenMode);
    if (unmet.length > 0) return refused(path, unmet);
    const bytes = file.read(MAX_FILE_BYTES + 1);
    if (bytes.length > MAX_FILE_BYTES) return refused(path, [`at most ${MAX_FILE_BYTES} bytes`]);
    return { kind: 'read', bytes };
  } catch (error) {
    return refused(path, [`a file that can be read (${reasonOf(error)})`]);
  } finally {
    file.close();
  }
}

const OTHERS_MAY_WRITE = 0o002;

/** A hundred times the longest file anybody has written by hand; a larger one is a mistake or an attack. */
export const MAX_FILE_BYTES = 1 << 20;

function trustUnmet(file: FileFacts, forbiddenMode: number): string[] {
  const unmet: string[] = [];
  if (file.ownerId !== 0) unmet.push(`owner root, not uid ${file.ownerId}`);
  if ((file.mode & forbiddenMode) !== 0) {
    const who = forbiddenMode === OTHERS_MAY_WRITE ? 'others' : 'its group and others';
    unmet.push(`no write permission for ${who}, not mode ${octal(file.mode)}`);
  }
  if (!file.isRegular) unmet.push('a regular file');
  return unmet;
}

/** As chmod(1) takes it: 0640. */
export function octal(mode: number): string {
  return mode.toString(8).padStart(4, '0');
}

function refused(file: string, unmet: readonly string[]): TrustedFile {
  const fault = (expected: string): Fault => ({
    severity: 'fatal',
    error: new FieldError({ file, line: null, field: null, value: null, expected }),
  });
  return { kind: 'refused', faults: unmet.map(fault) };
}
