/** The five usual measures of two items, and the one that recommendations are ranked by. */
import type { PairCounts, PairMeasures } from './types.js';

export function measuresOf({ both, left, right, baskets }: PairCounts): PairMeasures {
  const confidence = ratio(both, left);
  return {
    support: ratio(both, baskets),
    confidence,
    lift: ratio(confidence, ratio(right, baskets)),
    jaccard: ratio(both, left + right - both),
    cosine: ratio(both, Math.sqrt(left * right)),
  };
}

/**
 * How much likelier the right item is once the left one was bought: the confidence, drawn towards the share that everybody
 * buys by `shrinkage` baskets of doubt, less that share. A pair that met twice in two baskets gains little; one that met in
 * half of a thousand gains what it shows.
 */
export function gainOf({ both, left, right, baskets }: PairCounts, shrinkage: number): number {
  return ratio(both - left * ratio(right, baskets), left + shrinkage);
}

function ratio(part: number, whole: number): number {
  return whole === 0 ? 0 : part / whole;
}
