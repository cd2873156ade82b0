import { isCount } from './count-facts.js';
import { meetsBound } from './facts.js';
import type { CountBound, CustomerFacts } from './types.js';

/** How often something happened in the time that ends now: in from the moment it is known, out at its time + the window. */
export interface RollingWindow {
  readonly key: string;
  readonly bound: CountBound | undefined;
  readonly windowMs: number;
}

/** How often it happened in the window, as far as times are kept: enough to tell whether the bound is met. */
export function countWithin(
  { key, windowMs }: RollingWindow,
  { facts }: CustomerFacts,
  now: number,
): number {
  const times = timesOf(facts, key);
  const since = now - windowMs;
  // Newest first: the first that is too old is searched for by halves.
  let low = 0;
  let high = times.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((times[middle] ?? -Infinity) > since) low = middle + 1;
    else high = middle;
  }
  return low;
}

const NONE: readonly number[] = [];

function timesOf(facts: CustomerFacts['facts'], key: string): readonly number[] {
  const state = facts[key];
  return isCount(state) ? (state.t ?? NONE) : NONE;
}

/**
 * The count falls by one whenever the oldest leaves the window. Between two counts the answer turns at the edges of the bound
 * only: the next time is when the count reaches the first edge below it.
 */
export function windowChanges(window: RollingWindow, view: CustomerFacts, now: number): number {
  const count = countWithin(window, view, now);
  const { gte, lte, eq } = window.bound ?? AT_LEAST_ONCE;
  const holds = meetsBound(count, window.bound);
  let edge = -1;
  for (const below of [(gte ?? 0) - 1, lte ?? -1, eq ?? -1, (eq ?? 0) - 1]) {
    if (below > edge && below < count && meetsBound(below, window.bound) !== holds) edge = below;
  }
  if (edge < 0) return Infinity;
  return (timesOf(view.facts, window.key)[edge] ?? Infinity) + window.windowMs;
}

const AT_LEAST_ONCE: CountBound = { gte: 1 };
