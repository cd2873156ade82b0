/** What Twilio calls back with: a form, signed over the address it was sent to and its fields. */
import { createHmac, timingSafeEqual } from 'node:crypto';
import type { ReceiptReport } from '@throughline/domain/destinations';
import { isDeadAddress } from './twilio-codes.js';

export type FormField = readonly [name: string, value: string];

export interface SignedForm {
  /** As Twilio called it: scheme, host, path and query. */
  readonly url: string;
  readonly fields: readonly FormField[];
  readonly signature: string;
}

/** HMAC-SHA1 over the address and the fields in the order of their names, base64, by the auth token. */
export function isTwilioSignature({ url, fields, signature }: SignedForm, token: string): boolean {
  const sorted = [...fields].sort((a, b) => compare(a[0], b[0]) || compare(a[1], b[1]));
  const text = sorted.reduce((all, [name, value]) => `${all}${name}${value}`, url);
  const expected = createHmac('sha1', token).update(text, 'utf8').digest();
  const given = Buffer.from(signature, 'base64');
  return given.length === expected.length && timingSafeEqual(given, expected);
}

function compare(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

/** Null for what is on the way still, and for what no message is named in. */
export function twilioReceipt(fields: readonly FormField[]): ReceiptReport | null {
  const values = new Map(fields);
  const sid = values.get('MessageSid') ?? values.get('SmsSid');
  const status = values.get('MessageStatus') ?? values.get('SmsStatus');
  if (sid === undefined || sid === '' || status === undefined) return null;
  const eventId = `${sid}:${status}`;
  if (status === 'delivered') return { kind: 'delivered', providerId: sid, eventId };
  if (status !== 'undelivered' && status !== 'failed') return null;
  const code = Number(values.get('ErrorCode') ?? Number.NaN);
  return {
    kind: 'bounce',
    providerId: sid,
    eventId,
    permanent: isDeadAddress(code),
    ...(Number.isSafeInteger(code) ? { code: String(code) } : {}),
  };
}
