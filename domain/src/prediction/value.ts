/** Orders times spend: what a customer will be worth, between which bounds, and why. */
import {
  conditionalExpectedPurchases,
  probabilityOfNoPurchase,
  purchaseTail,
} from './dropout-formulas.js';
import { expectedSpend } from './spend.js';
import { incompleteBeta } from './special-functions.js';
import type { DropoutModel, PurchaseHistory, Reason, SpendModel } from './types.js';

export interface ValueModels {
  readonly dropout: DropoutModel;
  readonly spend: SpendModel;
}

export interface SpendingHistory extends PurchaseHistory {
  readonly meanSpend: number;
}

export interface ExpectedValue {
  readonly expected: number;
  readonly low: number;
  readonly high: number;
}

const SURE_WITHIN = 0.8;
const HALVINGS = 40;

/**
 * The value within `horizon` and the interval that holds it with probability `within` (.8 if not said). The interval's ends are
 * quantiles of the predictive distribution itself: the number of orders as the dropout model has it, and of the sum of n orders,
 * whose share of all spend follows a beta distribution under Gamma–Gamma. Parameters count as known.
 */
export function valueWithin(
  models: ValueModels,
  history: SpendingHistory,
  { horizon, within = SURE_WITHIN }: { readonly horizon: number; readonly within?: number },
): ExpectedValue {
  const orders = conditionalExpectedPurchases(models.dropout, history, horizon);
  const expected = orders * expectedSpend(models.spend, history);
  const tail = purchaseTail(models.dropout, history, { horizon });
  const below = (share: number): number => quantile(share, { tail, history, spend: models.spend });
  return { expected, low: below((1 - within) / 2), high: below((1 + within) / 2) };
}

interface Predictive {
  readonly tail: readonly number[];
  readonly history: SpendingHistory;
  readonly spend: SpendModel;
}

function quantile(share: number, predictive: Predictive): number {
  const { tail, history, spend } = predictive;
  if (1 - (tail[1] ?? 0) >= share) return 0;
  const weight = spend.gamma + history.x * history.meanSpend;
  // Searched as the part u of all spend that is still to come: the amount is weight · u / (1 − u).
  let [low, high] = [0, 1];
  for (let step = 0; step < HALVINGS; step += 1) {
    const middle = (low + high) / 2;
    if (spentAtMost(middle, predictive) < share) low = middle;
    else high = middle;
  }
  const part = (low + high) / 2;
  return (weight * part) / (1 - part);
}

function spentAtMost(part: number, { tail, history, spend }: Predictive): number {
  const { p, q } = spend;
  let sum = 1 - (tail[1] ?? 0);
  for (let n = 1; n < tail.length; n += 1) {
    const exactly = (tail[n] ?? 0) - (tail[n + 1] ?? 0);
    if (exactly > 1e-9) sum += exactly * incompleteBeta(part, p * n, q + p * history.x);
  }
  return sum;
}

export interface LifetimeOptions {
  /** how many periods, each of `period` units of the model */
  readonly periods: number;
  readonly period: number;
  /** for one period, 0.01 = 1 % */
  readonly discount: number;
  /** part of the spend that is kept */
  readonly margin?: number;
}

/** Discounted value of the periods to come. */
export function lifetimeValue(
  { dropout, spend }: ValueModels,
  history: SpendingHistory,
  { periods, period, discount, margin = 1 }: LifetimeOptions,
): number {
  const each = margin * expectedSpend(spend, history);
  let [value, before] = [0, 0];
  for (let k = 1; k <= periods; k += 1) {
    const orders = conditionalExpectedPurchases(dropout, history, k * period);
    value += (each * (orders - before)) / (1 + discount) ** k;
    before = orders;
  }
  return value;
}

const NAMES = {
  x: 'repeat_orders',
  tx: 'days_since_last_order',
  T: 'days_since_first_order',
} as const;

/**
 * How much each part of the history moves the churn score from that of the average history: one part after the other is put to
 * the customer's own, age first, so that the effects add up to the difference.
 */
export function reasonsOfHistory(
  model: DropoutModel,
  history: PurchaseHistory,
  {
    average,
    horizon,
    unitDays,
  }: { readonly average: PurchaseHistory; readonly horizon: number; readonly unitDays: number },
): Reason[] {
  const silence = (of: PurchaseHistory): number => Math.max(0, of.T - of.tx);
  const withParts = (x: number, T: number, quiet: number): number =>
    probabilityOfNoPurchase(model, { x, T, tx: x > 0 ? Math.max(0, T - quiet) : 0 }, horizon);
  const start = withParts(average.x, average.T, silence(average));
  const aged = withParts(average.x, history.T, silence(average));
  const counted = withParts(history.x, history.T, silence(average));
  const own = probabilityOfNoPurchase(model, history, horizon);
  const days = (units: number): number => Number((units * unitDays).toFixed(2));
  const reasons: Reason[] = [
    { feature: NAMES.T, value: days(history.T), effect: aged - start },
    { feature: NAMES.x, value: history.x, effect: counted - aged },
    { feature: NAMES.tx, value: days(silence(history)), effect: own - counted },
  ];
  return reasons.sort((p, q) => Math.abs(q.effect) - Math.abs(p.effect));
}

/** The history that others are compared with. */
export function averageHistory(histories: Iterable<PurchaseHistory>): PurchaseHistory {
  let [count, x, tx, T] = [0, 0, 0, 0];
  for (const history of histories) {
    count += 1;
    x += history.x;
    tx += history.tx;
    T += history.T;
  }
  return count === 0 ? { x: 0, tx: 0, T: 0 } : { x: x / count, tx: tx / count, T: T / count };
}
