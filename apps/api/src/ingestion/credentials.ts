import { isJsonObject } from '@throughline/domain/shared';

/**
 * Where senders put their write key: Segment's libraries as the user of Basic authentication with an empty password, servers
 * as a Bearer token, and pages that cannot set headers as `writeKey` in the body.
 */
export function keyInHeader(authorization: string): string {
  const [, scheme, value] = /^(Basic|Bearer) +(\S+) *$/i.exec(authorization) ?? [];
  // A header that is no credential is an attempt all the same: the empty key is nobody's.
  if (scheme === undefined || value === undefined) return '';
  if (scheme.toLowerCase() === 'bearer') return value;
  const [user] = Buffer.from(value, 'base64').toString('utf8').split(':', 1);
  return user ?? '';
}

export function keyInBody(text: string): string | null {
  if (!text.includes('"writeKey"')) return null;
  try {
    const body: unknown = JSON.parse(text);
    const key = isJsonObject(body) ? body['writeKey'] : undefined;
    return typeof key === 'string' ? key : null;
  } catch {
    return null;
  }
}
