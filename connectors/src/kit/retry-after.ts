/** Reads Retry-After in both of its forms, and keeps the answer within bounds that cannot stall or hammer. */
const MIN_AFTER_MS = 1_000;
const MAX_AFTER_MS = 3_600_000;

/** Delta-seconds or HTTP-date; undefined when the header says nothing that can be read. */
export function parseRetryAfter(value: string | undefined, nowMs: number): number | undefined {
  if (value === undefined) return undefined;
  const text = value.trim();
  if (/^\d+(\.\d+)?$/.test(text)) return clamp(Number(text) * 1_000);
  // A date begins with the name of a day; Date.parse alone would accept "-5" or "2 apples".
  if (!/^(mon|tue|wed|thu|fri|sat|sun)/i.test(text)) return undefined;
  const at = Date.parse(text);
  return Number.isNaN(at) ? undefined : clamp(at - nowMs);
}

function clamp(ms: number): number {
  return Math.min(MAX_AFTER_MS, Math.max(MIN_AFTER_MS, Math.round(ms)));
}
