/**
 * What the standard load meets: 100 segments, of which an event touches five facts and a tenth of a membership on average, and
 * one journey that one event in two hundred begins.
 */
import type { JsonObject } from '@throughline/domain/shared';

export const EVENT_NAMES: readonly string[] = Array.from(
  { length: 50 },
  (_, index) => `Event ${String(index).padStart(2, '0')}`,
);

export const TRIGGER_EVENT = 'Event 00';
export const TRIGGER_SHARE = 0.005;

/** Half of them are segments of their own. */
export const TIERS: readonly string[] = ['gold', 'silver', 'tin', 'none'];

/** An amount is uniform below 200, so a threshold t is met by 1 − t/200 of all: 5.5 of these eight, and 0.9 × 5.5 an event. */
const THRESHOLDS = [12, 26, 40, 54, 70, 84, 98, 112] as const;

const LEAVES = 4;
const COUNTING_SEGMENTS = 100;
/** High enough that most memberships come from what people say about themselves, low enough to happen. */
const COUNT = 8;

/** Every pair of an event name and a threshold belongs to exactly one segment: equal facts would be shared and cost nothing. */
export function standardSegments(): (JsonObject & { readonly key: string })[] {
  return Array.from({ length: COUNTING_SEGMENTS }, (_, index) => ({
    key: `standard-${String(index).padStart(3, '0')}`,
    name: `Standard segment ${index}`,
    condition: { any: [...tierOf(index), { all: leavesOf(index) }] },
  }));
}

function leavesOf(segment: number): JsonObject[] {
  return Array.from({ length: LEAVES }, (_, leaf) => ({
    event: EVENT_NAMES[(segment + 13 * leaf) % EVENT_NAMES.length] ?? '',
    where: [{ property: 'amount', op: 'gte', value: thresholdOf(segment, leaf) }],
    count: { gte: COUNT },
    within: 'ever',
  }));
}

function thresholdOf(segment: number, leaf: number): number {
  return THRESHOLDS[2 * leaf + (segment < EVENT_NAMES.length ? 0 : 1)] ?? 0;
}

function tierOf(segment: number): JsonObject[] {
  const tier = segment < 3 ? TIERS[segment] : undefined;
  return tier === undefined ? [] : [{ trait: 'tier', op: 'equals', value: tier }];
}

/** How many facts a track event counts. */
export function factsCountedFor(name: string, amount: number): number {
  if (!EVENT_NAMES.includes(name)) return 0;
  let counted = 0;
  for (const threshold of THRESHOLDS) if (amount >= threshold) counted += 1;
  return counted;
}

export const STANDARD_JOURNEY = {
  key: 'standard',
  name: 'Standard journey',
  trigger: { kind: 'event', event: TRIGGER_EVENT },
  entry: { reentry: 'once' },
  start: 'rest',
  steps: {
    rest: { kind: 'delay', duration: { days: 7 }, next: 'done' },
    done: { kind: 'exit', reason: 'done' },
  },
  purpose: null,
} as const;
