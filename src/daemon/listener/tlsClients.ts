import { FieldError } from '../../base/errors.ts';
import type { SystemFacts } from '../config/systemFacts.ts';
import { octal, readTrustedFile } from '../config/trustedFile.ts';
import { readPskFile } from './pskFile.ts';

/** One line of tls_allowed_clients. */
export interface TlsClientEntry {
  readonly identity: string;
  readonly isEnabled: boolean;
  /** Null: the key of tls_psk_file. */
  readonly key: Buffer | null;
}

/** Who may connect over TLS. Either every entry has a key of its own, or none has. */
export interface TlsClients {
  readonly entries: ReadonlyMap<string, TlsClientEntry>;
  readonly hasOwnKeys: boolean;
}

export type TlsClientsLoad =
  | { readonly kind: 'loaded'; readonly clients: TlsClients }
  | { readonly kind: 'refused'; readonly faults: readonly FieldError[] };

const MOST_LINE_CHARACTERS = 510;
const MOST_FAULTS = 100;
const IDENTITY = /^[\x21-\x7e]{1,255}$/;

/** An identity that records and messages can name: printable, without blanks. */
export function isIdentity(text: string): boolean {
  return IDENTITY.test(text);
}

/** Reads tls_allowed_clients, every fault of it. */
export function loadTlsClients(path: string, facts: SystemFacts): TlsClientsLoad {
  const file = readTrustedFile(path, false, facts);
  const fault = (line: number | null, value: string | null, expected: string) =>
    new FieldError({ file: path, line, field: null, value, expected });
  if (file.kind === 'missing') return { kind: 'refused', faults: [fault(null, null, 'the file to exist')] };
  if (file.kind === 'refused') return { kind: 'refused', faults: file.faults.map(({ error }) => error) };
  const mode = facts.stat(path).mode;
  if ((mode & 0o020) !== 0) {
    const expected = `no write permission for the group, not mode ${octal(mode)}`;
    return { kind: 'refused', faults: [fault(null, null, expected)] };
  }

  const faults: FieldError[] = [];
  const entries = new Map<string, TlsClientEntry>();
  const keyPaths = new Set<string>();
  const keys = new Set<string>();
  const lines = Buffer.from(file.bytes).toString('latin1').split('\n');
  for (const [index, text] of lines.entries()) {
    if (faults.length >= MOST_FAULTS) break;
    const refuse = (value: string | null, expected: string) => faults.push(fault(index + 1, value, expected));
    if (text.length > MOST_LINE_CHARACTERS) {
      refuse(null, `at most ${MOST_LINE_CHARACTERS} characters in a line`);
      continue;
    }
    const [identity, status, ...notes] = text.split(/[ \t]+/).filter(word => word !== '');
    if (identity === undefined || identity.startsWith('#')) continue;
    const keyPath = notes.find(note => note.startsWith('key='))?.slice('key='.length);
    const word = status?.toLowerCase();
    if (!isIdentity(identity)) refuse(identity, 'an identity of 1 to 255 printable characters');
    else if (entries.has(identity)) refuse(identity, 'each identity once');
    else if (word !== 'enabled' && word !== 'disabled')
      refuse(status ?? identity, 'enabled or disabled after the identity');
    else if (keyPath !== undefined && !keyPath.startsWith('/')) refuse(keyPath, 'an absolute path after key=');
    else if (keyPath !== undefined && keyPaths.has(keyPath)) refuse(keyPath, 'a key file of its own for each identity');
    else {
      let key: Buffer | null = null;
      try {
        if (keyPath !== undefined) key = readPskFile(keyPath, facts);
      } catch (error) {
        if (!(error instanceof FieldError)) throw error;
        faults.push(error);
      }
      if (keyPath !== undefined) keyPaths.add(keyPath);
      if (key !== null && keys.has(key.toString('hex'))) refuse(keyPath ?? null, 'a key of its own for each identity');
      if (key !== null) keys.add(key.toString('hex'));
      entries.set(identity, { identity, isEnabled: word === 'enabled', key });
    }
  }
  const hasOwnKeys = keyPaths.size > 0;
  if (hasOwnKeys && keyPaths.size < entries.size) {
    faults.push(fault(null, null, 'key= with every identity, as one has it'));
  }
  const enabled = [...entries.values()].filter(({ isEnabled }) => isEnabled).length;
  if (!hasOwnKeys && enabled > 1) {
    faults.push(fault(null, null, `one enabled identity, not ${enabled}: without key= all of them would share a key`));
  }
  return faults.length > 0 ? { kind: 'refused', faults } : { kind: 'loaded', clients: { entries, hasOwnKeys } };
}

export function enabledCount({ entries }: TlsClients): number {
  return [...entries.values()].filter(({ isEnabled }) => isEnabled).length;
}
