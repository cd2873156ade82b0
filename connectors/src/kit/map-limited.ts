/** Runs work over a list with at most `limit` of it under way at once. */
export async function mapLimited<T>(
  entries: readonly T[],
  limit: number,
  work: (entry: T) => Promise<void>,
): Promise<void> {
  const waiting = entries.values();
  const lanes = Array.from({ length: Math.min(limit, entries.length) }, async () => {
    for (const entry of waiting) await work(entry);
  });
  await Promise.all(lanes);
}
