/** Customers who do exactly what BG/NBD or MBG/NBD says: what a fit has to find again, and what formulas have to foretell. */
import type { DropoutKind, PurchaseHistory } from '../types.js';
import type { Chance } from './chance.js';

export interface Truth {
  readonly kind: DropoutKind;
  readonly r: number;
  readonly alpha: number;
  readonly a: number;
  readonly b: number;
}

export interface Lived extends PurchaseHistory {
  readonly alive: boolean;
  /** orders after the age, within the horizon */
  readonly later: number;
}

function liveOne(
  truth: Truth,
  {
    age,
    horizon,
    chance,
  }: { readonly age: number; readonly horizon: number; readonly chance: Chance },
): Lived {
  const rate = chance.gamma(truth.r, truth.alpha);
  const leaves = truth.a === 0 ? 0 : chance.beta(truth.a, truth.b);
  const lived = { x: 0, tx: 0, T: age, later: 0 };
  let gone = truth.kind === 'mbg' && chance.uniform() < leaves;
  let alive = !gone;
  for (let at = 0; !gone;) {
    at += chance.exponential(rate);
    if (at > age + horizon) break;
    gone = chance.uniform() < leaves;
    if (at > age) lived.later += 1;
    else {
      lived.x += 1;
      lived.tx = at;
      alive = !gone;
    }
  }
  return { ...lived, alive };
}

/** Everybody with an age of their own. */
export function liveMany(
  truth: Truth,
  {
    count,
    horizon,
    chance,
  }: { readonly count: number; readonly horizon: number; readonly chance: Chance },
): Lived[] {
  return Array.from({ length: count }, () =>
    liveOne(truth, { age: 20 + 40 * chance.uniform(), horizon, chance }),
  );
}
