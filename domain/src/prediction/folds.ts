/** Parting rows into learning and testing, the same way for the same seed. */

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

function shuffled(rows: number[], chance: () => number): number[] {
  const list = rows.slice();
  for (let at = list.length - 1; at > 0; at -= 1) {
    const other = Math.floor(chance() * (at + 1));
    const [one, two] = [list[at], list[other]];
    if (one === undefined || two === undefined) continue;
    list[at] = two;
    list[other] = one;
  }
  return list;
}

/** Chance as a parameter: mulberry32. */
function seededChance(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
