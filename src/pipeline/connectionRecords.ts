/** The far end of a connection, as the records name it. */
export interface Peer {
  readonly address: string;
  readonly port: number;
}

/** A client that speaks TLS, once its handshake is over, however it ended. */
export interface TlsOutcome {
  /** `success`, or why not. */
  readonly reason: string;
  /** Null when it gave none that can be printed. */
  readonly identity: string | null;
  readonly profile: string;
  readonly version: string | null;
  readonly cipher: string | null;
  readonly group: string | null;
}

/** Both ends of a TLS session and its cipher. */
export interface CryptoSession {
  readonly peer: Peer;
  readonly local: Peer;
  readonly cipher: string;
  readonly keyBits: number;
  readonly group: string;
  /** This process. */
  readonly pid: number;
  readonly executable: string;
}

/** Why a connection was refused: hosts.allow and hosts.deny, the client's port, too many of its address, no room. */
export type Refusal = 'wrap' | 'port' | 'dup' | 'alloc' | 'handshake-limit';

/** The reference cuts the text of a plain connection's record here. */
const MOST_TEXT = 191;
const MOST_IDENTITY = 128;

/** DAEMON_ACCEPT. */
export function acceptText({ address, port }: Peer): string {
  return `addr=${address} port=${port} res=success`.slice(0, MOST_TEXT);
}

/** DAEMON_ACCEPT of a connection that was not. */
export function refusalText(op: Refusal, { address, port }: Peer): string {
  return `op=${op} addr=${address} port=${port} res=no`.slice(0, MOST_TEXT);
}

/** DAEMON_ACCEPT after a TLS handshake. */
export function tlsAcceptText({ address, port }: Peer, outcome: TlsOutcome): string {
  const { reason, profile } = outcome;
  const result = reason === 'success' ? 'success' : 'no';
  const id = outcome.identity?.slice(0, MOST_IDENTITY) ?? '?';
  return (
    `op=tls-accept res=${result} role=collector addr=${address} port=${port} id=${id} profile=${profile} ` +
    `reason=${reason} auth=psk tls_version=${outcome.version ?? 'none'} cipher=${outcome.cipher ?? 'none'} ` +
    `group=${outcome.group ?? 'unknown'}`
  );
}

/** DAEMON_CLOSE. */
export function closeText({ address, port }: Peer): string {
  return `addr=${address} port=${port} res=success`.slice(0, MOST_TEXT);
}

/** CRYPTO_SESSION, one for each direction. */
export function cryptoStartText(session: CryptoSession, direction: 'from-client' | 'from-server'): string {
  const { cipher, keyBits, group } = session;
  return `op=start direction=${direction} cipher=${cipher} ksize=${keyBits} mac=<implicit> pfs=${group} ${ends(session)}`;
}

/** CRYPTO_KEY_USER: the session's keys are gone. */
export function cryptoEndText(session: CryptoSession): string {
  return `op=destroy kind=session fp=? direction=both ${ends(session)}`;
}

function ends({ pid, peer, local, executable }: CryptoSession): string {
  return (
    `spid=${pid} suid=? rport=${peer.port} laddr=${local.address} lport=${local.port}  exe="${executable}" ` +
    `hostname=? addr=${peer.address} terminal=? res=success`
  );
}
