import { createHash, randomBytes } from 'node:crypto';

/** A UUIDv7 (RFC 9562): time-ordered, so that new rows land at the end of every index. */
export function newId(nowMs: number = Date.now()): string {
  return format(nowMs, randomBytes(10));
}

/**
 * A UUIDv7 whose random part is a hash of what it stands for. The lane makes ids this way: applying the same input again, in
 * whatever batch, makes the same rows.
 */
export function derivedId(clockMs: number, ...parts: readonly (string | number)[]): string {
  return format(
    clockMs,
    createHash('sha256').update(parts.join('\u0000')).digest().subarray(0, 10),
  );
}

function format(ms: number, tail: Buffer): string {
  const bytes = Buffer.alloc(16);
  bytes.writeUIntBE(Math.max(0, Math.floor(ms)), 0, 6);
  tail.copy(bytes, 6, 0, 10);
  bytes[6] = 0x70 | ((bytes[6] ?? 0) & 0x0f);
  bytes[8] = 0x80 | ((bytes[8] ?? 0) & 0x3f);
  const hex = bytes.toString('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}
