/** The one door to the outside: an undici agent whose sockets open only to addresses that the guard has checked. */
import { Agent, buildConnector, type Dispatcher } from 'undici';
import { isIP, type LookupFunction } from 'node:net';
import {
  checkUrl,
  EgressRefused,
  resolveChecked,
  type AddressVerdict,
  type EgressPolicy,
  type UrlVerdict,
} from './ssrf-guard.js';

export interface Egress {
  readonly dispatcher: Dispatcher;
  checkUrl(url: string): UrlVerdict;
  resolveChecked(host: string): Promise<AddressVerdict>;
  readonly close: () => Promise<void>;
}

const CONNECT_TIMEOUT_MS = 5_000;
const SOCKETS_PER_ORIGIN = 16;

export function createEgress(policy: EgressPolicy): Egress {
  const agent = new Agent({
    connect: guardedConnector(policy),
    connections: SOCKETS_PER_ORIGIN,
    keepAliveTimeout: 4_000,
    // Redirects are never followed and nothing is retried here: both are decisions of the caller.
    pipelining: 1,
  });
  return {
    dispatcher: agent,
    checkUrl: (url) => checkUrl(url, policy),
    resolveChecked: (host) => resolveChecked(host, policy),
    close: () => agent.destroy(),
  };
}

/**
 * Guards both ways to an address. A name goes through `lookup`, which hands the socket the very addresses that were checked,
 * while TLS goes on to see the name; an address written out is never looked up, so it is checked before dialling.
 */
function guardedConnector(policy: EgressPolicy): buildConnector.connector {
  const dial = buildConnector({
    timeout: CONNECT_TIMEOUT_MS,
    lookup: checkedLookup(policy),
    autoSelectFamily: true,
  });
  return (options, callback) => {
    const verdict = checkUrl(`${options.protocol}//${options.hostname}:${options.port}/`, policy);
    if (verdict.allowed) dial(options, callback);
    else callback(new EgressRefused(verdict.reason), null);
  };
}

/** A `lookup` for sockets that answers only with checked addresses. */
function checkedLookup(policy: EgressPolicy): LookupFunction {
  return (hostname, options, callback) => {
    resolveChecked(hostname, policy).then(
      (verdict) => {
        if (!verdict.allowed) {
          callback(new EgressRefused(verdict.reason), '');
          return;
        }
        const found = verdict.addresses.map((address) => ({ address, family: isIP(address) }));
        const [first] = verdict.addresses;
        if (options.all === true) callback(null, found);
        else callback(null, first, isIP(first));
      },
      (error: unknown) => {
        callback(error instanceof Error ? error : new EgressRefused('no_address'), '');
      },
    );
  };
}
