import { networkInterfaces } from 'node:os';

/** Where to listen, in Node's terms. */
export interface ListenAddress {
  readonly host: '::' | '0.0.0.0';
  readonly ipv6Only: boolean;
}

/**
 * The address of one socket for every family this machine has an address of, which is what getaddrinfo(3) with
 * AI_PASSIVE and AI_ADDRCONFIG comes to: both families on one socket, or the one there is. Loopback does not count.
 */
export function listenAddress(interfaces = networkInterfaces()): ListenAddress {
  const outside = Object.values(interfaces).flatMap(infos => infos?.filter(({ internal }) => !internal) ?? []);
  const has4 = outside.some(({ family }) => family === 'IPv4');
  const has6 = outside.some(({ family }) => family === 'IPv6');
  if (has4 === has6) return { host: '::', ipv6Only: false };
  return has6 ? { host: '::', ipv6Only: true } : { host: '0.0.0.0', ipv6Only: false };
}
