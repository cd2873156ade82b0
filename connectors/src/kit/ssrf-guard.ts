/**
 * Keeps requests to user-supplied addresses out of our own network.
 * A name is resolved once, every address it has must be public, and the caller connects to one of those very addresses:
 * a name that answers differently the second time (DNS rebinding) is never asked a second time.
 */
import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';
import { isPublicAddress } from './address-ranges.js';

export type Resolve = (host: string) => Promise<readonly string[]>;

export interface EgressPolicy {
  /** Loopback and private networks and plain http are reachable. For development and tests only. */
  readonly allowPrivateAddresses: boolean;
  /** Names or addresses of our own network that the operator has opened one by one, such as an internal mail relay. */
  readonly privateHosts?: readonly string[];
  /** When given, the only ports that may be called. */
  readonly ports?: readonly number[];
  readonly resolve?: Resolve;
}

export type RefusalReason =
  'not_a_url' | 'scheme' | 'credentials_in_url' | 'port' | 'private_address' | 'no_address';

/** Thrown where only an error can travel (inside a socket's connect); carries the reason, never the address. */
export class EgressRefused extends Error {
  readonly code = 'egress_refused';

  constructor(readonly reason: RefusalReason) {
    super(`address refused: ${reason}`);
  }
}

export type UrlVerdict =
  | { readonly allowed: true; readonly url: URL }
  | { readonly allowed: false; readonly reason: RefusalReason };

/** Everything that can be said about a URL without asking DNS. */
export function checkUrl(text: string, policy: EgressPolicy): UrlVerdict {
  if (!URL.canParse(text)) return { allowed: false, reason: 'not_a_url' };
  const url = new URL(text);
  const host = bareHost(url.hostname);
  const open = isOpened(host, policy);
  if (url.protocol !== 'https:' && !(url.protocol === 'http:' && open)) {
    return { allowed: false, reason: 'scheme' };
  }
  // "https://trusted.example@10.0.0.1/" reads like another host than the one it calls.
  if (url.username !== '' || url.password !== '') {
    return { allowed: false, reason: 'credentials_in_url' };
  }
  const port = url.port === '' ? (url.protocol === 'https:' ? 443 : 80) : Number(url.port);
  if (policy.ports !== undefined && !policy.ports.includes(port)) {
    return { allowed: false, reason: 'port' };
  }
  if (isIP(host) !== 0 && !open && !isPublicAddress(host)) {
    return { allowed: false, reason: 'private_address' };
  }
  return { allowed: true, url };
}

export type AddressVerdict =
  | { readonly allowed: true; readonly addresses: readonly [string, ...string[]] }
  | { readonly allowed: false; readonly reason: RefusalReason };

/**
 * The addresses of a host, if all of them may be called. One private address among public ones refuses the name:
 * otherwise the choice between them would decide. Rejects with the resolver's error when the name cannot be resolved.
 */
export async function resolveChecked(
  hostname: string,
  policy: EgressPolicy,
): Promise<AddressVerdict> {
  const host = bareHost(hostname).toLowerCase();
  const resolve = policy.resolve ?? resolveBySystem;
  const [first, ...rest] = isIP(host) === 0 ? await resolve(host) : [host];
  if (first === undefined) return { allowed: false, reason: 'no_address' };
  if (!isOpened(host, policy) && ![first, ...rest].every(isPublicAddress)) {
    return { allowed: false, reason: 'private_address' };
  }
  return { allowed: true, addresses: [first, ...rest] };
}

function isOpened(host: string, policy: EgressPolicy): boolean {
  return policy.allowPrivateAddresses || (policy.privateHosts ?? []).includes(host);
}

/** URL hostnames carry brackets around IPv6 addresses, sockets and resolvers want none. */
function bareHost(hostname: string): string {
  return hostname.startsWith('[') && hostname.endsWith(']') ? hostname.slice(1, -1) : hostname;
}

async function resolveBySystem(host: string): Promise<readonly string[]> {
  const found = await lookup(host, { all: true, verbatim: true });
  return found.map((entry) => entry.address);
}
