import { readFileSync } from 'node:fs';
import { FieldError, isErrno } from '../../base/errors.ts';

/** Where an installation keeps what it put in place, below the root. */
export const MANIFEST = '/var/lib/node-auditd/install.json';

/** What was put in place: a file's SHA-256 in hex, a command's link, or a directory that was not there before. */
export type Placed =
  | { readonly kind: 'file'; readonly sha256: string }
  | { readonly kind: 'command'; readonly to: string }
  | { readonly kind: 'directory' };

/** By absolute path on the installed machine. */
export type Manifest = Map<string, Placed>;

/**
 * What an earlier installation put in place; empty without one.
 *
 * @throws {FieldError} when the file is there and is not one of ours: then nothing may be replaced or removed.
 */
export function readManifest(path: string): Manifest {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    // The first installation.
    if (!isErrno(error, 'ENOENT')) throw error;
    return new Map();
  }
  const wrong = (expected: string) => new FieldError({ file: path, line: null, field: null, value: null, expected });
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw Object.assign(wrong('JSON'), { cause: error });
  }
  if (typeof value !== 'object' || value === null) throw wrong('an object');
  const manifest: Manifest = new Map();
  for (const [target, item] of Object.entries(value)) {
    const placed = placedOf(item);
    if (!target.startsWith('/') || placed === null) throw wrong(`something that was put in place at ${target}`);
    manifest.set(target, placed);
  }
  return manifest;
}

export function manifestText(manifest: Manifest): string {
  return `${JSON.stringify(Object.fromEntries([...manifest].sort(([a], [b]) => (a < b ? -1 : 1))), null, 1)}\n`;
}

function placedOf(item: unknown): Placed | null {
  if (typeof item !== 'object' || item === null || !('kind' in item)) return null;
  if (item.kind === 'directory') return { kind: 'directory' };
  if (item.kind === 'file' && 'sha256' in item && typeof item.sha256 === 'string') {
    return { kind: 'file', sha256: item.sha256 };
  }
  if (item.kind === 'command' && 'to' in item && typeof item.to === 'string') return { kind: 'command', to: item.to };
  return null;
}
