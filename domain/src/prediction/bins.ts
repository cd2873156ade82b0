/** Features as small whole numbers: 0 is missing, or a level that was never seen. */
import { levelOf, levelsOf, numberOf, sortedNumbers } from './feature-table.js';
import type { FeatureBinning, FeatureTable, FeatureValue } from './types.js';

export function binningsOf(table: FeatureTable, bins: number): FeatureBinning[] {
  return table.columns.map((column) =>
    column.kind === 'category'
      ? { kind: 'category', name: column.name, levels: levelsOf(column.values) }
      : { kind: 'number', name: column.name, cuts: cutsOf(sortedNumbers(column.values), bins) },
  );
}

/**
 * Upper bounds of bins that hold about equally many. Equal values share a bin; where there are no more values than bins, each has
 * its own, and a single value needs no bound.
 */
export function cutsOf(sorted: Float64Array, bins: number): number[] {
  const steps = stepsOf(sorted);
  const each = steps.length < bins ? 0 : sorted.length / bins;
  const cuts: number[] = [];
  let from = 0;
  for (const { at, cut } of steps) {
    if (at - from < each || cuts.length >= bins - 1) continue;
    cuts.push(cut);
    from = at;
  }
  return cuts;
}

/** Where the value rises: how many rows lie below, and the middle between the two values. */
function stepsOf(sorted: Float64Array): { at: number; cut: number }[] {
  const steps: { at: number; cut: number }[] = [];
  for (let at = 1; at < sorted.length; at += 1) {
    const [below = 0, above = 0] = [sorted[at - 1], sorted[at]];
    if (below < above) steps.push({ at, cut: (below + above) / 2 });
  }
  return steps;
}

export function binOf(binning: FeatureBinning, value: FeatureValue | undefined): number {
  if (binning.kind === 'category') {
    const level = levelOf(value);
    return level === null ? 0 : 1 + binning.levels.indexOf(level);
  }
  const number = numberOf(value);
  return Number.isNaN(number) ? 0 : 1 + cutsBelow(binning.cuts, number);
}

/** By halving: how many cuts lie below. */
export function cutsBelow(cuts: readonly number[], value: number): number {
  let [low, high] = [0, cuts.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((cuts[middle] ?? 0) < value) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** One byte for each value, column by column in the order of the binnings. */
export function binnedTable(
  binnings: readonly FeatureBinning[],
  { rows, columns }: FeatureTable,
): Uint8Array[] {
  const byName = new Map(columns.map((column) => [column.name, column]));
  return binnings.map((binning) => {
    const values = byName.get(binning.name)?.values;
    const binned = new Uint8Array(rows);
    for (let at = 0; at < rows; at += 1) binned[at] = binOf(binning, values?.[at]);
    return binned;
  });
}
