import type { Messages } from '../../base/messages.ts';
import type { SystemFacts } from '../config/systemFacts.ts';
import type { ListenerSettings } from './listenerSettings.ts';
import { readPskFile } from './pskFile.ts';
import { enabledCount, isIdentity, loadTlsClients, type TlsClients } from './tlsClients.ts';

export type Authorized = { readonly key: Buffer } | { readonly reason: string };

/** The files of the TLS transport cannot be used; what is wrong with them has been said. */
export class TlsSetupError extends Error {
  override readonly name = 'TlsSetupError';
}

/** Who may speak TLS to us, and with which key: tls_allowed_clients, or tls_psk_identity where there is no such file. */
export class TlsAuthorization {
  readonly #facts: SystemFacts;
  readonly #messages: Messages;
  readonly #sharedKey: Buffer | null;
  readonly #identity: string | null;
  #clients: TlsClients | null;

  /** @throws {TlsSetupError} @throws {FieldError} */
  constructor(settings: ListenerSettings, facts: SystemFacts, messages: Messages) {
    const { tlsPskFile, tlsPskIdentity, tlsAllowedClientsFile } = settings;
    this.#facts = facts;
    this.#messages = messages;
    this.#sharedKey = tlsPskFile === null ? null : readPskFile(tlsPskFile, facts);
    this.#identity = tlsPskIdentity;
    this.#clients = tlsAllowedClientsFile === null ? null : this.#load(tlsAllowedClientsFile);
    if (tlsAllowedClientsFile !== null && this.#clients === null) throw new TlsSetupError(tlsAllowedClientsFile);
  }

  /** The key that this identity must have, or why it may not connect. */
  authorize(identity: string): Authorized {
    if (!isIdentity(identity)) return { reason: 'invalid-identity' };
    if (this.#clients === null) {
      if (this.#identity === null) return { reason: 'no-authorization' };
      if (identity !== this.#identity) return { reason: 'unknown-identity' };
      return this.#sharedKey === null ? { reason: 'no-key-material' } : { key: this.#sharedKey };
    }
    const entry = this.#clients.entries.get(identity);
    if (entry === undefined) return { reason: 'unknown-identity' };
    if (!entry.isEnabled) return { reason: 'disabled-identity' };
    const key = entry.key ?? (this.#clients.hasOwnKeys ? null : this.#sharedKey);
    if (key !== null) return { key };
    return { reason: this.#clients.hasOwnKeys ? 'missing-per-identity-key' : 'no-key-material' };
  }

  /** Reads the list of clients again. A faulty one changes nothing. */
  reload(path: string | null): void {
    const before = this.#clients;
    if (path === null) return;
    const after = this.#load(path);
    const isOtherMode = after !== null && before !== null && after.hasOwnKeys !== before.hasOwnKeys;
    if (isOtherMode) this.#messages.error(`${path}: key= came or went, which takes a restart`);
    if (after === null || isOtherMode || (before === null && after.hasOwnKeys !== (this.#sharedKey === null))) {
      this.#messages.error('Failed to reload TLS client ACL; keeping current ACL');
      return;
    }
    this.#clients = after;
    const enabledBefore = before === null ? 0 : enabledCount(before);
    this.#messages.notice(`TLS client ACL reloaded (${enabledBefore}->${enabledCount(after)} enabled)`);
  }

  #load(path: string): TlsClients | null {
    const load = loadTlsClients(path, this.#facts);
    if (load.kind === 'loaded') return load.clients;
    for (const fault of load.faults) this.#messages.error(fault.message);
    return null;
  }
}
