/** Signatures of Standard Webhooks: HMAC-SHA256 over `id.timestamp.payload`, base64, one `v1,` entry for each secret. */
import { createHmac } from 'node:crypto';

export interface SignedMessage {
  readonly id: string;
  readonly timestampSeconds: number;
  /** The exact text that goes out. */
  readonly payload: string;
}

export function signatureHeader(message: SignedMessage, secrets: readonly string[]): string {
  return secrets.map((secret) => `v1,${sign(message, secret)}`).join(' ');
}

function sign({ id, timestampSeconds, payload }: SignedMessage, secret: string): string {
  const key = Buffer.from(secret.replace(/^whsec_/, ''), 'base64');
  return createHmac('sha256', key).update(`${id}.${timestampSeconds}.${payload}`).digest('base64');
}
