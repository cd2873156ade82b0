/**
 * Which IP addresses a user-supplied host may lead to.
 * IPv4 by a list of what is refused; IPv6 the other way round, since only 2000::/3 is the public internet.
 */
import { BlockList, isIP, isIPv4, isIPv6 } from 'node:net';

const REFUSED_V4: readonly (readonly [string, number])[] = [
  ['0.0.0.0', 8], // "this network"; 0.0.0.0 reaches loopback on Linux
  ['10.0.0.0', 8],
  ['100.64.0.0', 10], // carrier-grade NAT, some clouds' metadata
  ['127.0.0.0', 8],
  ['169.254.0.0', 16], // link-local, cloud metadata
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24], // documentation
  ['192.88.99.0', 24], // 6to4 relays
  ['192.168.0.0', 16],
  ['198.18.0.0', 15], // benchmarking
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 4], // multicast
  ['240.0.0.0', 4], // reserved, broadcast
];

/** Parts of 2000::/3 that carry an IPv4 address inside, or lead nowhere. */
const REFUSED_V6: readonly (readonly [string, number])[] = [
  ['2001::', 23], // Teredo, ORCHID, benchmarking
  ['2001:db8::', 32], // documentation
  ['2002::', 16], // 6to4: any IPv4 address can hide in it
  ['3fff::', 20], // documentation
];

const refusedV4 = blockList(REFUSED_V4, 'ipv4');
const refusedV6 = blockList(REFUSED_V6, 'ipv6');
const publicV6 = blockList([['2000::', 3]], 'ipv6');
const mappedV6 = blockList([['::ffff:0:0', 96]], 'ipv6');

function blockList(
  subnets: readonly (readonly [string, number])[],
  family: 'ipv4' | 'ipv6',
): BlockList {
  const list = new BlockList();
  for (const [network, prefix] of subnets) list.addSubnet(network, prefix, family);
  return list;
}

/** True only for an address of the public internet; anything that is not an IP address is refused too. */
export function isPublicAddress(address: string): boolean {
  // A zone index ("fe80::1%eth0") names an interface of this machine.
  if (isIP(address) === 0 || address.includes('%')) return false;
  if (isIPv4(address)) return !refusedV4.check(address, 'ipv4');
  if (!isIPv6(address)) return false;
  if (mappedV6.check(address, 'ipv6')) return isPublicAddress(embeddedV4(address));
  return publicV6.check(address, 'ipv6') && !refusedV6.check(address, 'ipv6');
}

/** `::ffff:7f00:1` and `::ffff:127.0.0.1` are the same address; the URL parser writes both as the former. */
function embeddedV4(mapped: string): string {
  const canonical = new URL(`http://[${mapped}]/`).hostname.slice(1, -1);
  const [high = '0', low = '0'] = canonical.split(':').slice(-2);
  const bytes = [high, low].flatMap((group) => {
    const value = Number.parseInt(group, 16);
    return [value >> 8, value & 255];
  });
  return bytes.join('.');
}
