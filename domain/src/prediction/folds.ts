/** Parting rows into learning and testing, the same way for the same seed. */
import { seededChance, shuffled } from '../shared/index.js';

/** The fold of each row, 0 to k − 1: positives and negatives are dealt out apart, so that each fold has its share of both. */
export function stratifiedFolds(labels: Uint8Array, k: number, seed: number): Uint8Array {
  const chance = seededChance(seed);
  const folds = new Uint8Array(labels.length);
  let dealt = 0;
  for (const label of [1, 0]) {
    const rows = shuffled(
      [...labels.keys()].filter((at) => labels[at] === label),
      chance,
    );
    for (const at of rows) {
      folds[at] = dealt % k;
      dealt += 1;
    }
  }
  return folds;
}

/** Rows outside a fold to learn from, rows inside to test with. */
export function foldRows(folds: Uint8Array, fold: number): { learn: number[]; test: number[] } {
  const rows = [...folds.keys()];
  return {
    learn: rows.filter((at) => folds[at] !== fold),
    test: rows.filter((at) => folds[at] === fold),
  };
}
