/** A probability beside those of all others, and in one word. */
import type { Band } from './types.js';

export interface BandCuts {
  /** from here on medium */
  readonly medium: number;
  readonly high: number;
}

const USUAL_CUTS: BandCuts = { medium: 0.5, high: 0.75 };

export function bandOf(probability: number, { medium, high }: BandCuts = USUAL_CUTS): Band {
  if (probability >= high) return 'high';
  return probability >= medium ? 'medium' : 'low';
}

/** The share of all scores that lie below, ties counting half: above 0, below 1, .5 where all are equal. */
export function percentiles(scores: Float64Array): Float64Array {
  const sorted = scores.slice().sort();
  return scores.map((score) => percentileIn(sorted, score));
}

/** For a score that comes later, beside those that were sorted once, ascending. */
export function percentileIn(sorted: Float64Array, score: number): number {
  const below = countBelow(sorted, (each) => each < score);
  const upTo = countBelow(sorted, (each) => each <= score);
  return sorted.length === 0 ? 0.5 : (below + upTo) / 2 / sorted.length;
}

function countBelow(sorted: Float64Array, lies: (value: number) => boolean): number {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (lies(sorted[middle] ?? Infinity)) low = middle + 1;
    else high = middle;
  }
  return low;
}
