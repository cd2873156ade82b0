import { isJsonObject } from './json.js';

/** A length of elapsed time as definitions write it: ISO 8601 (`P3DT12H`) or `{ "days": 3 }`. */
export type Duration = string | Readonly<Partial<Record<DurationUnit, number>>>;
export type DurationUnit = 'weeks' | 'days' | 'hours' | 'minutes' | 'seconds' | 'milliseconds';

const UNIT_MS: Readonly<Record<DurationUnit, number>> = {
  weeks: 604_800_000,
  days: 86_400_000,
  hours: 3_600_000,
  minutes: 60_000,
  seconds: 1_000,
  milliseconds: 1,
};
const ISO =
  /^P(?:(\d+(?:\.\d+)?)W)?(?:(\d+(?:\.\d+)?)D)?(?:T(?:(\d+(?:\.\d+)?)H)?(?:(\d+(?:\.\d+)?)M)?(?:(\d+(?:\.\d+)?)S)?)?$/;
const ISO_UNITS = ['weeks', 'days', 'hours', 'minutes', 'seconds'] as const;

/**
 * Milliseconds of a duration, or undefined where it is none. A day is 24 hours: calendar days are another kind.
 * Months and years have no fixed length and are refused.
 */
export function durationMs(value: unknown): number | undefined {
  if (typeof value === 'string') return isoMs(value);
  if (!isJsonObject(value)) return undefined;
  const keys = Object.keys(value);
  if (keys.length === 0) return undefined;
  let total = 0;
  for (const key of keys) {
    const amount = value[key];
    if (!isUnit(key) || typeof amount !== 'number' || !Number.isFinite(amount) || amount < 0)
      return undefined;
    total += amount * UNIT_MS[key];
  }
  return wholeMs(total);
}

function isoMs(text: string): number | undefined {
  const match = ISO.exec(text);
  if (!match || text === 'P' || text.endsWith('T')) return undefined;
  const parts = match.slice(1);
  if (parts.join('') === '') return undefined;
  return wholeMs(
    ISO_UNITS.reduce((sum, unit, index) => sum + Number(parts[index] ?? 0) * UNIT_MS[unit], 0),
  );
}

/** A length that no clock can hold is none: a deadline made of it would be NaN or Infinity. */
function wholeMs(total: number): number | undefined {
  const ms = Math.round(total);
  return Number.isSafeInteger(ms) ? ms : undefined;
}

function isUnit(key: string): key is DurationUnit {
  return Object.hasOwn(UNIT_MS, key);
}

/** `3 d`, `4 h 30 min`: for summaries that people read. */
export function describeDuration(ms: number): string {
  const units = [
    ['d', UNIT_MS.days],
    ['h', UNIT_MS.hours],
    ['min', UNIT_MS.minutes],
    ['s', UNIT_MS.seconds],
  ] as const;
  const words: string[] = [];
  let rest = ms;
  for (const [word, size] of units) {
    const count = Math.floor(rest / size);
    if (count > 0) words.push(`${count} ${word}`);
    rest -= count * size;
  }
  return words.slice(0, 2).join(' ') || `${ms} ms`;
}
