/** Who calls a hook: told by a signature over the bytes as they came, compared in constant time. */
import { createHmac, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import type { HookSettings } from './hook.schema.js';

export interface SignedCall {
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
  /** ms since epoch */
  readonly now: number;
}

export type SignatureFault = 'signature_missing' | 'signature_wrong' | 'too_old';

export function signatureFault(
  settings: HookSettings,
  secret: string,
  call: SignedCall,
): SignatureFault | null {
  if (settings.scheme === 'shopify') {
    const signature = headerOf(call.headers, 'x-shopify-hmac-sha256');
    const made = createHmac('sha256', secret).update(call.body).digest();
    return compared(signature === null ? null : Buffer.from(signature, 'base64'), made);
  }
  const { header, algorithm, encoding, prefix, timestampHeader } = settings;
  const time = timestampHeader === undefined ? null : headerOf(call.headers, timestampHeader);
  if (timestampHeader !== undefined && time === null) return 'signature_missing';
  if (time !== null && !isRecent(time, settings.toleranceSeconds, call.now)) return 'too_old';
  const hmac = createHmac(algorithm, secret);
  if (time !== null) hmac.update(`${time}.`);
  const signature = headerOf(call.headers, header);
  if (signature?.startsWith(prefix) !== true) return 'signature_missing';
  return compared(
    Buffer.from(signature.slice(prefix.length), encoding),
    hmac.update(call.body).digest(),
  );
}

function compared(given: Buffer | null, made: Buffer): SignatureFault | null {
  if (given === null) return 'signature_missing';
  return given.length === made.length && timingSafeEqual(given, made) ? null : 'signature_wrong';
}

function isRecent(time: string, toleranceSeconds: number, now: number): boolean {
  return /^\d{1,12}$/.test(time) && Math.abs(now / 1_000 - Number(time)) <= toleranceSeconds;
}

export function headerOf(headers: IncomingHttpHeaders, name: string): string | null {
  const value = headers[name];
  return typeof value === 'string' && value !== '' ? value : null;
}
