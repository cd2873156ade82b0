/** Chance that can be repeated: the same seed gives the same load, so what was sent can be counted again afterwards. */
export type Random = () => number;

/** mulberry32: small, fast, good enough for loads. Uniform in [0, 1). */
export function createRandom(seed: number): Random {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

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
