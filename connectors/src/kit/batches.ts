/** Cuts a list into batches that respect a provider's limits on count and on bytes, keeping the order. */

export interface Sized {
  readonly bytes: number;
}

export interface BatchLimits {
  readonly maxItems: number;
  readonly maxBytes: number;
}

/** Every entry must fit by itself; one that does not has been refused before it comes here. */
export function batches<T extends Sized>(
  entries: readonly T[],
  limits: BatchLimits,
): readonly (readonly T[])[] {
  const done: T[][] = [];
  let current: T[] = [];
  let bytes = 0;
  for (const entry of entries) {
    const full = current.length >= limits.maxItems || bytes + entry.bytes > limits.maxBytes;
    if (full && current.length > 0) {
      done.push(current);
      current = [];
      bytes = 0;
    }
    current.push(entry);
    bytes += entry.bytes;
  }
  if (current.length > 0) done.push(current);
  return done;
}
