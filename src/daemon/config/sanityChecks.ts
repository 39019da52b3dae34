import { posix } from 'node:path';
import type { Fault } from '../../base/keyValueFile.ts';
import type { AuditdConfig, Transport } from './auditdConfig.ts';

/** A condition between keys: null while it holds. */
export interface SanityFault {
  /** The keys it compares; the first is the one to point at. */
  readonly properties: readonly [keyof AuditdConfig, ...(keyof AuditdConfig)[]];
  readonly severity: Fault['severity'];
  readonly expected: string;
}

/** What no single line can show, in the order in which it is reported. */
export function sanityFaults(config: AuditdConfig, transports: readonly Transport[]): SanityFault[] {
  // In a build without TLS its keys mean nothing, together as well as alone.
  const checks = [
    ...localChecks,
    ...(transports.includes('tls') ? tlsChecks : []),
    ...(transports.includes('krb5') ? [] : [kerberos]),
  ];
  return checks.map(check => check(config)).filter(fault => fault !== null);
}

type Check = (config: AuditdConfig) => SanityFault | null;

function spaceOrder({ spaceLeft, adminSpaceLeft }: AuditdConfig): SanityFault | null {
  // A percentage is a number of megabytes only once the log's file system is known.
  if (spaceLeft.kind === 'percent' || adminSpaceLeft.kind === 'percent') return null;
  if (spaceLeft.value > adminSpaceLeft.value) return null;
  const expected = `more megabytes than admin_space_left has (${spaceLeft.value} and ${adminSpaceLeft.value})`;
  return { properties: ['spaceLeft', 'adminSpaceLeft'], severity: 'fatal', expected };
}

function flushFrequency(config: AuditdConfig): SanityFault | null {
  if (!flushesByCount(config) || config.flushEveryRecords !== 0) return null;
  return {
    properties: ['flushEveryRecords', 'flush'],
    severity: 'fatal',
    expected: `1 or more when flush is ${config.flush}`,
  };
}

function systemDirectory({ logGroupId, logFile }: AuditdConfig): SanityFault | null {
  if (logGroupId === 0 || posix.dirname(posix.normalize(logFile)) !== '/var/log') return null;
  const expected = 'a directory of its own: with log_group its permissions change, and /var/log belongs to the system';
  return { properties: ['logFile', 'logGroupId'], severity: 'fatal', expected };
}

function unusedFrequency(config: AuditdConfig): SanityFault | null {
  if (!['data', 'sync'].includes(config.flush) || config.flushEveryRecords === 0) return null;
  return {
    properties: ['flushEveryRecords', 'flush'],
    severity: 'warning',
    expected: `0 when flush is ${config.flush}`,
  };
}

function flushesByCount({ flush }: AuditdConfig): boolean {
  return flush === 'incremental' || flush === 'incremental_async';
}

function tlsAuthorization(config: AuditdConfig): SanityFault | null {
  if (config.transport !== 'tls' || config.tlsPskFile !== null || config.tlsAllowedClientsFile !== null) return null;
  return {
    properties: ['transport', 'tlsPskFile', 'tlsAllowedClientsFile'],
    severity: 'fatal',
    expected: 'tls_psk_file or tls_allowed_clients with transport tls',
  };
}

function tlsIdentity(config: AuditdConfig): SanityFault | null {
  if (config.transport !== 'tls' || config.tlsPskFile === null) return null;
  if (config.tlsPskIdentity !== null || config.tlsAllowedClientsFile !== null) return null;
  return {
    properties: ['tlsPskFile', 'tlsPskIdentity', 'tlsAllowedClientsFile'],
    severity: 'fatal',
    expected: 'tls_psk_identity or tls_allowed_clients beside it',
  };
}

function tlsKeys(config: AuditdConfig): SanityFault | null {
  if (config.transport !== 'tls' || config.tlsPskFile !== null || config.tlsAllowedClientsFile === null) return null;
  const expected = 'a key= entry for every identity in it, as tls_psk_file is not set';
  return { properties: ['tlsAllowedClientsFile', 'tlsPskFile'], severity: 'notice', expected };
}

function tlsProfile(config: AuditdConfig): SanityFault | null {
  if (!config.tlsRequiresPostQuantum || config.tlsCryptoProfile === 'pqc') return null;
  const expected = 'tls_crypto_profile = pqc, which is what to use in place of this key';
  return { properties: ['tlsRequiresPostQuantum', 'tlsCryptoProfile'], severity: 'fatal', expected };
}

// The reference without Kerberos ignores the key, and takes in clear text what was to be encrypted.
function kerberos({ enablesKrb5, tcpListenPort }: AuditdConfig): SanityFault | null {
  if (!enablesKrb5 || tcpListenPort === null) return null;
  const expected = 'no: this build has no Kerberos; transport = tls encrypts, and krb5 clients cannot connect';
  return { properties: ['enablesKrb5', 'tcpListenPort'], severity: 'fatal', expected };
}

const localChecks: readonly Check[] = [spaceOrder, flushFrequency, systemDirectory, unusedFrequency];
const tlsChecks: readonly Check[] = [tlsAuthorization, tlsIdentity, tlsKeys, tlsProfile];
