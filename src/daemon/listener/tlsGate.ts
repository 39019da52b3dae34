import { constants } from 'node:crypto';
import type { Socket } from 'node:net';
import { createSecureContext, type SecureContext, TLSSocket, type TLSSocketOptions, type TlsOptions } from 'node:tls';
import type { Messages } from '../../base/messages.ts';
import type { TlsOutcome } from '../../pipeline/connectionRecords.ts';
import type { SystemFacts } from '../config/systemFacts.ts';
import type { ListenerSettings } from './listenerSettings.ts';
import { TlsAuthorization, TlsSetupError } from './tlsAuthorization.ts';
import { isIdentity } from './tlsClients.ts';

/** Connections whose handshake has not ended. */
export const MOST_HANDSHAKES = 32;
const HANDSHAKE_MILLISECONDS = 5000;

const CIPHERS = 'TLS_AES_128_GCM_SHA256:TLS_CHACHA20_POLY1305_SHA256:TLS_AES_256_GCM_SHA384';
const PQC_GROUPS = 'X25519MLKEM768:SecP256r1MLKEM768:SecP384r1MLKEM1024';
const COMPATIBLE_GROUPS = ['X25519MLKEM768:X25519', 'X25519'];

export interface TlsSession {
  readonly outcome: TlsOutcome;
  /** Null when the handshake failed. */
  readonly socket: TLSSocket | null;
}

/** TLS 1.3 with external pre-shared keys, for connections that the checks let through. */
export class TlsGate {
  readonly authorization: TlsAuthorization;
  readonly #profile: string;
  readonly #context: SecureContext;
  /** The one group on offer; null when there are several, as the library does not tell a server which was taken. */
  readonly #group: string | null;
  readonly #underWay = new Set<() => void>();
  readonly #patienceMilliseconds: number;

  /** @throws {TlsSetupError} @throws {FieldError} A file, cipher or group that cannot be used. */
  constructor(
    settings: ListenerSettings,
    facts: SystemFacts,
    messages: Messages,
    patienceMilliseconds = HANDSHAKE_MILLISECONDS,
  ) {
    this.#patienceMilliseconds = patienceMilliseconds;
    this.#profile = settings.tlsCryptoProfile;
    this.authorization = new TlsAuthorization(settings, facts, messages);
    const { context, groups } = secureContext(settings, messages);
    this.#context = context;
    this.#group = groups === null || groups.includes(':') ? null : groups;
  }

  get hasRoom(): boolean {
    return this.#underWay.size < MOST_HANDSHAKES;
  }

  /** Settles when the handshake is over, one way or the other; a socket that failed is closed. */
  handshake(raw: Socket): Promise<TlsSession> {
    let identity: string | null = null;
    let refusal: string | null = null;
    const options: TLSSocketOptions & Pick<TlsOptions, 'pskCallback'> = {
      isServer: true,
      secureContext: this.#context,
      requestCert: false,
      pskCallback: (_, claimed) => {
        identity = isIdentity(claimed) ? claimed : null;
        const answer = this.authorization.authorize(claimed);
        if ('key' in answer) return answer.key;
        refusal = answer.reason;
        return null;
      },
    };
    const socket = new TLSSocket(raw, options);
    return new Promise(settle => {
      const end = (reason: string) => {
        clearTimeout(patience);
        this.#underWay.delete(shutDown);
        const isIn = reason === 'success';
        const outcome = {
          reason,
          identity,
          profile: this.#profile,
          version: isIn ? socket.getProtocol() : null,
          cipher: isIn ? socket.getCipher().standardName : null,
          group: isIn ? this.#group : null,
        };
        socket.off('secure', onSecure).off('error', onError).off('close', onClose);
        // What still comes of a refused connection has been told.
        if (!isIn) socket.on('error', () => undefined).destroy();
        settle({ outcome, socket: isIn ? socket : null });
      };
      const onSecure = () => end(this.#afterHandshake(identity));
      const onError = (error: NodeJS.ErrnoException) => end(refusal ?? reasonOfFailure(error.code, identity));
      const onClose = () => end(refusal ?? 'handshake-error');
      const shutDown = () => end('shutdown');
      const patience = setTimeout(() => end('handshake-timeout'), this.#patienceMilliseconds);
      this.#underWay.add(shutDown);
      socket.on('secure', onSecure).on('error', onError).on('close', onClose);
    });
  }

  /** Ends every handshake that is under way. */
  stop(): void {
    for (const shutDown of this.#underWay) shutDown();
  }

  // The list of clients may have been read again since the key was asked for.
  #afterHandshake(identity: string | null): string {
    if (identity === null) return 'no-psk-identity';
    return 'key' in this.authorization.authorize(identity) ? 'success' : 'identity-revoked';
  }
}

function reasonOfFailure(code: string | undefined, identity: string | null): string {
  if (code === 'ERR_SSL_NO_SHARED_CIPHER') return 'no-matching-cipher';
  // Without a key that both have, the server would need a certificate, and has none.
  if (code === 'ERR_SSL_NO_SUITABLE_SIGNATURE_ALGORITHM' && identity === null) return 'no-psk-identity';
  return 'handshake-error';
}

function secureContext(
  settings: ListenerSettings,
  messages: Messages,
): { context: SecureContext; groups: string | null } {
  const { tlsCryptoProfile, tlsCipherSuites, tlsKeyExchange } = settings;
  const ciphers = tlsCipherSuites ?? (tlsCryptoProfile === 'system' ? null : CIPHERS);
  if (ciphers !== null && !/_SHA256(:|$)/.test(ciphers)) {
    throw new TlsSetupError(`tls_cipher_suites = ${ciphers}: a pre-shared key needs a suite with SHA256`);
  }
  const choices = groupChoices(tlsCryptoProfile, tlsKeyExchange);
  for (const [index, groups] of choices.entries()) {
    try {
      const context = createSecureContext({
        minVersion: 'TLSv1.3',
        maxVersion: 'TLSv1.3',
        secureOptions: constants.SSL_OP_NO_TICKET | constants.SSL_OP_CIPHER_SERVER_PREFERENCE,
        ...(ciphers === null ? {} : { ciphers }),
        ...(groups === null ? {} : { ecdhCurve: groups }),
      });
      if (index > 0) messages.warning(`TLS: this OpenSSL has no ${choices[0]}; offering ${groups}`);
      return { context, groups };
    } catch (error) {
      if (index < choices.length - 1) continue; // the next choice is what the profile falls back to
      const what = `${ciphers ?? 'default'} with ${groups ?? 'default groups'}`;
      throw new TlsSetupError(`this OpenSSL does not offer the TLS ciphers and groups configured (${what})`, {
        cause: error,
      });
    }
  }
  throw new TlsSetupError('no group to offer');
}

function groupChoices(profile: ListenerSettings['tlsCryptoProfile'], keyExchange: string | null): (string | null)[] {
  if (profile === 'pqc') {
    const groups = keyExchange ?? PQC_GROUPS;
    // Whatever is negotiated is then post-quantum: a server of this library cannot ask which group it was.
    if (groups.split(':').some(group => !group.includes('MLKEM'))) {
      throw new TlsSetupError(`tls_key_exchange = ${groups}: the profile pqc offers MLKEM groups alone`);
    }
    return [groups];
  }
  if (keyExchange !== null) return [keyExchange];
  return profile === 'compatible' ? COMPATIBLE_GROUPS : [null];
}
