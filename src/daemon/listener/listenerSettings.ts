import type { AuditdConfig } from '../config/auditdConfig.ts';

/** What auditd.conf says of the network. */
export type ListenerSettings = Pick<
  AuditdConfig,
  | 'tcpListenPort'
  | 'tcpListenQueue'
  | 'tcpMaxPerAddress'
  | 'usesLibwrap'
  | 'tcpClientPorts'
  | 'tcpClientMaxIdleSeconds'
  | 'transport'
  | 'distributesNetworkEvents'
  | 'tlsCryptoProfile'
  | 'tlsPskFile'
  | 'tlsPskIdentity'
  | 'tlsAllowedClientsFile'
  | 'tlsCipherSuites'
  | 'tlsKeyExchange'
>;
