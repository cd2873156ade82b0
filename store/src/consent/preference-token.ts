import { createHmac, timingSafeEqual } from 'node:crypto';

/** Whose preferences a link opens: references only, so that the link tells a stranger nothing about the person. */
export interface PreferenceClaim {
  readonly workspaceId: string;
  readonly customerId: string;
}

export interface PreferenceSigner {
  sign(claim: PreferenceClaim): string;
  /** null for anything that this key did not sign */
  verify(token: string): PreferenceClaim | null;
}

const VERSION = 1;
const PAYLOAD = 1 + 16 + 16;
const TOKEN = /^[\w-]{87}$/;

/** No expiry, as of unsubscribe links, and another purpose under the same key: neither is good for the other's page. */
export function createPreferenceSigner(key: Buffer): PreferenceSigner {
  const mac = (payload: Buffer): Buffer =>
    createHmac('sha256', key).update('throughline preferences').update(payload).digest();
  return {
    sign({ workspaceId, customerId }) {
      const payload = Buffer.concat([
        Buffer.of(VERSION),
        Buffer.from(`${workspaceId}${customerId}`.replaceAll('-', ''), 'hex'),
      ]);
      return Buffer.concat([payload, mac(payload)]).toString('base64url');
    },
    verify(token) {
      if (!TOKEN.test(token)) return null;
      const bytes = Buffer.from(token, 'base64url');
      const payload = bytes.subarray(0, PAYLOAD);
      if (payload[0] !== VERSION) return null;
      if (!timingSafeEqual(bytes.subarray(PAYLOAD), mac(payload))) return null;
      return {
        workspaceId: idText(payload.subarray(1, 17)),
        customerId: idText(payload.subarray(17)),
      };
    },
  };
}

function idText(bytes: Buffer): string {
  return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}
