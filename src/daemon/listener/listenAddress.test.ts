import type { NetworkInterfaceInfo } from 'node:os';
import t from 'tap';
import { connectionLimit } from './connectionLimit.ts';
import { listenAddress } from './listenAddress.ts';

const info = (family: 'IPv4' | 'IPv6', internal: boolean) => ({ family, internal }) as NetworkInterfaceInfo;
const loopback = [info('IPv4', true), info('IPv6', true)];

t.test('One socket takes every family the machine has an address of', async t => {
  const both = { host: '::', ipv6Only: false };
  t.strictSame(listenAddress({ lo: loopback, eth0: [info('IPv4', false), info('IPv6', false)] }), both);
  t.strictSame(listenAddress({ lo: loopback }), both);
  t.strictSame(listenAddress({ lo: loopback, eth0: [info('IPv4', false)] }), { host: '0.0.0.0', ipv6Only: false });
  t.strictSame(listenAddress({ lo: loopback, eth0: [info('IPv6', false)] }), { host: '::', ipv6Only: true });
});

t.test('Connections take half of the descriptors at most', async t => {
  const limits = (soft: string) =>
    `Limit  Soft Limit  Hard Limit  Units\nMax open files            ${soft}   524288  files\n`;
  t.equal(connectionLimit(limits('1024')), 512);
  t.equal(connectionLimit(limits('524288')), 4096);
  t.equal(connectionLimit(limits('unlimited')), 4096);
  t.ok(connectionLimit() > 0);
});
