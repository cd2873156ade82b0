/** How the server of a connection is reached: where, and with how much insistence on TLS. */
import { isPublicAddress } from '../kit/address-ranges.js';
import type { SmtpTarget } from './smtp-session.js';
import type { SmtpSettings } from './smtp.settings.js';

export interface Endpoint {
  readonly host: string;
  readonly port: number;
}

export function endpointOf(
  { host, port }: SmtpSettings,
  baseUrlOverride: string | undefined,
): Endpoint {
  if (baseUrlOverride === undefined) return { host, port };
  const url = new URL(baseUrlOverride);
  return { host: url.hostname, port: url.port === '' ? port : Number(url.port) };
}

export function targetOf(
  { secure, user, pass }: SmtpSettings,
  { host, port }: Endpoint,
  addresses: SmtpTarget['addresses'],
): SmtpTarget {
  // A password never crosses the public internet in clear; a relay in our own network may do without TLS.
  const mustEncrypt = !secure && user !== undefined && addresses.some(isPublicAddress);
  return {
    addresses,
    options: {
      port,
      secure,
      requireTLS: mustEncrypt,
      opportunisticTLS: !mustEncrypt,
      connectionTimeout: 10_000,
      greetingTimeout: 10_000,
      socketTimeout: 20_000,
      socketCloseTimeout: 1_000,
      maxResponseSize: 64 * 1024,
      // TLS that nobody demanded is better than none even when the certificate proves nothing.
      tls: { servername: host, rejectUnauthorized: secure || mustEncrypt },
    },
    ...(user === undefined || pass === undefined ? {} : { login: { user, pass } }),
  };
}
