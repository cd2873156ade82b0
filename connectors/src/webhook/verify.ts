/** Whether a call is signed as Standard Webhooks has it: over its id, its time and its very bytes, and not long ago. */
import { timingSafeEqual } from 'node:crypto';
import { signatureHeader, type SignedMessage } from './sign.js';

const TOLERANCE_SECONDS = 300;

export interface SignedCall {
  readonly id: string | null;
  readonly timestamp: string | null;
  /** entries `v1,<base64>`, parted by spaces */
  readonly signature: string | null;
  readonly payload: string;
}

export function isStandardWebhook(call: SignedCall, secret: string, nowMs: number): boolean {
  const message = messageOf(call);
  if (message === null || call.signature === null) return false;
  if (Math.abs(nowMs / 1_000 - message.timestampSeconds) > TOLERANCE_SECONDS) return false;
  const expected = Buffer.from(signatureHeader(message, [secret]));
  return call.signature.split(' ').some((entry) => {
    const given = Buffer.from(entry);
    return given.length === expected.length && timingSafeEqual(given, expected);
  });
}

/** An id with a dot could be read as the id of another message with another time. */
function messageOf({ id, timestamp, payload }: SignedCall): SignedMessage | null {
  if (id === null || !/^[^.\s]{1,255}$/.test(id)) return null;
  if (timestamp === null || !/^\d{1,12}$/.test(timestamp)) return null;
  return { id, timestampSeconds: Number(timestamp), payload };
}
