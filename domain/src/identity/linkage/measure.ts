/** How good a clustering is against the truth, over all pairs of rows that share a cluster. */
export interface LinkageMeasure {
  readonly rows: number;
  readonly precision: number;
  readonly recall: number;
  readonly f1: number;
  /** rows of the largest cluster */
  readonly largest: number;
}

export function measureClusters(clusters: Int32Array, truth: readonly string[]): LinkageMeasure {
  const numbers = new Map<string, number>();
  const people = Int32Array.from(truth, (label) => {
    const number = numbers.get(label) ?? numbers.size;
    numbers.set(label, number);
    return number;
  });
  const width = numbers.size + 1;
  const sizes = countBy(clusters);
  const right = pairsIn(
    countBy(Float64Array.from(clusters, (cluster, row) => cluster * width + (people[row] ?? 0))),
  );
  const { precision, recall, f1 } = measurePairs(right, pairsIn(sizes), pairsIn(countBy(people)));
  const largest = [...sizes.values()].reduce((most, size) => Math.max(most, size), 0);
  return { rows: clusters.length, precision, recall, f1, largest };
}

/** Where nothing was claimed, or nothing was there to find, nothing was wrong. */
export function measurePairs(right: number, claimed: number, real: number) {
  const precision = claimed === 0 ? 1 : right / claimed;
  const recall = real === 0 ? 1 : right / real;
  const f1 = precision + recall === 0 ? 0 : (2 * precision * recall) / (precision + recall);
  return { precision, recall, f1 };
}

export function truePairs(truth: readonly string[]): number {
  return pairsIn(countBy(truth));
}

function countBy<T>(labels: Iterable<T>): Map<T, number> {
  const counts = new Map<T, number>();
  for (const label of labels) counts.set(label, (counts.get(label) ?? 0) + 1);
  return counts;
}

function pairsIn(sizes: ReadonlyMap<unknown, number>): number {
  let pairs = 0;
  for (const size of sizes.values()) pairs += (size * (size - 1)) / 2;
  return pairs;
}
