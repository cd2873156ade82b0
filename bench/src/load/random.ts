/** Chance that can be repeated: the same seed gives the same load, so what was sent can be counted again afterwards. */
export type Random = () => number;

export function below(random: Random, bound: number): number {
  return Math.floor(random() * bound);
}

/** Ranks 0 … count − 1, the rank r drawn in proportion to 1 / (r + 1): few customers do much, most do little. */
export function createZipf(count: number, random: Random): () => number {
  const reach = new Float64Array(count);
  let total = 0;
  for (let rank = 0; rank < count; rank += 1) {
    total += 1 / (rank + 1);
    reach[rank] = total;
  }
  return () => firstAbove(reach, random() * total);
}

function firstAbove(reach: Float64Array, wanted: number): number {
  let low = 0;
  let high = reach.length - 1;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((reach[middle] ?? 0) > wanted) high = middle;
    else low = middle + 1;
  }
  return low;
}
