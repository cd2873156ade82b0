import { createHmac, timingSafeEqual } from 'node:crypto';

/** Which consent a link revokes: references only, so that the link tells a stranger nothing about the person. */
export interface UnsubscribeClaim {
  readonly workspaceId: string;
  readonly customerId: string;
  readonly purpose: string;
  readonly channel: string;
}

export interface UnsubscribeSigner {
  sign(claim: UnsubscribeClaim): string;
  /** null for anything that this key did not sign */
  verify(token: string): UnsubscribeClaim | null;
}

const VERSION = 1;
const MAC_BYTES = 32;
const IDS = 1 + 16 + 16;
const MAX_TOKEN = 600;

/**
 * Links in mails must work for years, so a token has no expiry: it can do nothing but revoke.
 * Layout: version, workspace, customer, length of purpose, purpose, channel, HMAC-SHA256 over all of it.
 */
export function createUnsubscribeSigner(key: Buffer): UnsubscribeSigner {
  const mac = (payload: Buffer): Buffer =>
    createHmac('sha256', key).update('throughline unsubscribe').update(payload).digest();
  return {
    sign(claim) {
      const payload = encode(claim);
      return Buffer.concat([payload, mac(payload)]).toString('base64url');
    },
    verify(token) {
      if (token.length > MAX_TOKEN || !/^[\w-]+$/.test(token)) return null;
      const bytes = Buffer.from(token, 'base64url');
      if (bytes.length < IDS + 1 + MAC_BYTES || bytes[0] !== VERSION) return null;
      const payload = bytes.subarray(0, -MAC_BYTES);
      return timingSafeEqual(bytes.subarray(-MAC_BYTES), mac(payload)) ? decode(payload) : null;
    },
  };
}

function encode({ workspaceId, customerId, purpose, channel }: UnsubscribeClaim): Buffer {
  const purposeBytes = Buffer.from(purpose);
  return Buffer.concat([
    Buffer.of(VERSION),
    idBytes(workspaceId),
    idBytes(customerId),
    Buffer.of(purposeBytes.length),
    purposeBytes,
    Buffer.from(channel),
  ]);
}

function decode(payload: Buffer): UnsubscribeClaim {
  const purposeEnd = IDS + 1 + (payload[IDS] ?? 0);
  return {
    workspaceId: idText(payload.subarray(1, 17)),
    customerId: idText(payload.subarray(17, IDS)),
    purpose: payload.subarray(IDS + 1, purposeEnd).toString(),
    channel: payload.subarray(purposeEnd).toString(),
  };
}

function idBytes(id: string): Buffer {
  return Buffer.from(id.replaceAll('-', ''), 'hex');
}

function idText(bytes: Buffer): string {
  return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}
