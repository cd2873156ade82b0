/** Customers who order and leave as BG/NBD says, to the day: what a fit has to find again. */
import type { Random } from './random.js';

/** Weekly; those of a music shop, as published. */
export const SHOP = { r: 0.243, alpha: 4.414, a: 0.793, b: 2.426 } as const;

/** A customer a row. */
export interface HistoryColumns {
  readonly x: Float64Array;
  readonly tx: Float64Array;
  readonly T: Float64Array;
}

const SHORTEST_WEEKS = 27;
const BEGIN_DAYS = 84;

/** Everybody began within twelve weeks; the last of them is followed for `SHORTEST_WEEKS`. */
export function purchaseHistories(count: number, random: Random): HistoryColumns {
  const [x, tx, T] = [0, 1, 2].map(() => new Float64Array(count));
  if (x === undefined || tx === undefined || T === undefined) throw new RangeError('no columns');
  for (let row = 0; row < count; row += 1) {
    const age = SHORTEST_WEEKS + Math.floor(random() * BEGIN_DAYS) / 7;
    const rate = gamma(SHOP.r, random) / SHOP.alpha;
    const one = gamma(SHOP.a, random);
    const leaves = one / (one + gamma(SHOP.b, random));
    T[row] = age;
    let at = exponential(rate, random);
    while (at <= age) {
      x[row] = (x[row] ?? 0) + 1;
      tx[row] = at;
      if (random() < leaves) break;
      at += exponential(rate, random);
    }
  }
  return { x, tx, T };
}

function exponential(rate: number, random: Random): number {
  return -Math.log1p(-random()) / rate;
}

/** Marsaglia and Tsang; a shape below 1 by way of the next. */
function gamma(shape: number, random: Random): number {
  if (shape < 1) return gamma(shape + 1, random) * (1 - random()) ** (1 / shape);
  const d = shape - 1 / 3;
  const c = 1 / Math.sqrt(9 * d);
  for (;;) {
    const z = Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
    const v = (1 + c * z) ** 3;
    if (v > 0 && Math.log(1 - random()) < 0.5 * z * z + d - d * v + d * Math.log(v)) return d * v;
  }
}
