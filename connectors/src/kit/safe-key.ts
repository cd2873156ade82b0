/** Makes a delivery key fit for a provider's field without letting two keys become one. */
import { createHash } from 'node:crypto';

const MAX_LENGTH = 180;

/**
 * Letters, digits, `_`, `-` and the characters of `keep` stay, every other byte becomes `=XX`; so distinct keys stay distinct.
 * A key that would grow too long for a header is replaced by its hash, which is just as stable.
 */
export function safeKey(key: string, keep = ''): string {
  const encoded = Array.from(Buffer.from(key, 'utf8'), (byte) => encodeByte(byte, keep)).join('');
  if (encoded.length <= MAX_LENGTH) return encoded;
  return createHash('sha256').update(key, 'utf8').digest('hex');
}

function encodeByte(byte: number, keep: string): string {
  const char = String.fromCharCode(byte);
  if (/[A-Za-z0-9_-]/.test(char) || (byte < 128 && keep.includes(char))) return char;
  return `=${byte.toString(16).toUpperCase().padStart(2, '0')}`;
}
