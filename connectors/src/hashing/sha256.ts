/** The one way in which identifiers of people leave hashed: SHA-256, lower-case hex, UTF-8, no salt. */
import { createHash } from 'node:crypto';

/** A form of a value that a vendor compares; undefined when nothing that could match is left of it. */
export type Normalise = (text: string) => string | undefined;

const HASHED = /^[a-f0-9]{64}$/i;

export function isHashed(text: string): boolean {
  return HASHED.test(text);
}

/**
 * The hash of a value's normal form. What has been hashed before it came to us passes through; what is empty is left out,
 * since the hash of nothing would be the same for everybody.
 */
export function hashed(text: string | undefined, normalise: Normalise): string | undefined {
  if (text === undefined) return undefined;
  const written = text.trim();
  if (isHashed(written)) return written.toLowerCase();
  const normal = normalise(written);
  return normal === undefined || normal === '' ? undefined : sha256(normal);
}

export function sha256(text: string): string {
  return createHash('sha256').update(text, 'utf8').digest('hex');
}
