/** Counts baskets in memory: for files and tests. The store counts the same in SQL. */
import { gainOf } from './measures.js';
import type { ModelSettings, RecommendationModel, RelatedItem } from './types.js';

/** What a basket counts for at most: a wholesaler's order of a thousand lines says nothing of any two of them. */
export const MOST_IN_BASKET = 100;

export function buildModel(
  baskets: Iterable<readonly string[]>,
  settings: ModelSettings,
): RecommendationModel {
  const items = new Map<string, number>();
  const pairs = new Map<string, Map<string, number>>();
  let count = 0;
  for (const basket of baskets) {
    const distinct = distinctOf(basket);
    if (distinct.length === 0) continue;
    count += 1;
    for (const item of distinct) {
      items.set(item, (items.get(item) ?? 0) + 1);
      meet(pairs, item, distinct);
    }
  }
  return {
    baskets: count,
    items,
    related: relatedOf(pairs, { ...settings, items, baskets: count }),
    shrinkage: settings.shrinkage,
  };
}

/** Each item once; of too many, the first by their ids, so that any two counts of a log agree. */
function distinctOf(basket: readonly string[]): string[] {
  return [...new Set(basket)].sort(compare).slice(0, MOST_IN_BASKET);
}

function meet(pairs: Map<string, Map<string, number>>, item: string, basket: string[]): void {
  const met = pairs.get(item) ?? new Map<string, number>();
  pairs.set(item, met);
  for (const other of basket) if (other !== item) met.set(other, (met.get(other) ?? 0) + 1);
}

interface Counted extends ModelSettings {
  readonly items: ReadonlyMap<string, number>;
  readonly baskets: number;
}

function relatedOf(
  pairs: ReadonlyMap<string, ReadonlyMap<string, number>>,
  counted: Counted,
): Map<string, readonly RelatedItem[]> {
  const related = new Map<string, readonly RelatedItem[]>();
  for (const [item, met] of pairs) {
    const kept = strongest(item, met, counted);
    if (kept.length > 0) related.set(item, kept);
  }
  return related;
}

function strongest(
  item: string,
  met: ReadonlyMap<string, number>,
  { items, baskets, minSupport, perItem, shrinkage }: Counted,
): RelatedItem[] {
  const left = items.get(item) ?? 0;
  return [...met]
    .filter(([, both]) => both >= minSupport)
    .map(([itemId, both]) => {
      const right = items.get(itemId) ?? 0;
      return { itemId, both, gain: gainOf({ both, left, right, baskets }, shrinkage) };
    })
    .filter(({ gain }) => gain > 0)
    .sort((a, b) => b.gain - a.gain || b.both - a.both || compare(a.itemId, b.itemId))
    .slice(0, perItem)
    .map(({ itemId, both }) => ({ itemId, both }));
}

/** By code unit, as the database compares in the collation "C" for what item ids are made of. */
export function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
