/** What a fitted model says of one customer. Everything about the future starts from who is still there, and at what rate they order. */
import { lnHyp2f1 } from './special-functions.js';
import type { DropoutModel, PurchaseHistory } from './types.js';

const NEW_CUSTOMER: PurchaseHistory = { x: 0, tx: 0, T: 0 };
/** Beyond this the series around a = 1 loses digits, and the classical form does not. */
const STEEP = 15;

/** The chance that the customer has not left for good. BG/NBD says 1 of everybody without a repeat: never rank by it. */
export function pAlive(model: DropoutModel, { x, tx, T }: PurchaseHistory): number {
  if (model.noDropout) return 1;
  const { kind, r, alpha, a, b } = model;
  if (kind === 'bg' && x === 0) return 1;
  const left = kind === 'bg' ? b + x - 1 : b + x;
  const odds = Math.log(a / left) + (r + x) * Math.log((alpha + T) / (alpha + tx));
  return 1 / (1 + Math.exp(odds));
}

/** The churn score: no order within `horizon` from now, whether gone or only slow. */
export function probabilityOfNoPurchase(
  model: DropoutModel,
  history: PurchaseHistory,
  horizon: number,
): number {
  const { r, alpha } = model;
  const age = alpha + history.T;
  const silent = -Math.expm1(-(r + history.x) * Math.log1p(horizon / age));
  return 1 - pAlive(model, history) * silent;
}

/** Orders within `horizon` of somebody of whom nothing but the first order is known. */
export function expectedPurchases(model: DropoutModel, horizon: number): number {
  return conditionalExpectedPurchases(model, NEW_CUSTOMER, horizon);
}

/** Orders within `horizon` from now, given the history. */
export function conditionalExpectedPurchases(
  model: DropoutModel,
  history: PurchaseHistory,
  horizon: number,
): number {
  const { r, alpha, a, b, kind, noDropout } = model;
  const { x, T } = history;
  if (horizon <= 0) return 0;
  if (noDropout) return ((r + x) / (alpha + T)) * horizon;
  const stays = kind === 'bg' ? b + x : b + x + 1;
  const z = horizon / (alpha + T + horizon);
  const whole =
    a > STEEP ? classical({ rate: r + x, stays, a, z }) : aroundOne({ rate: r + x, stays, a, z });
  return Math.max(0, whole) * pAlive(model, history);
}

interface Terms {
  readonly rate: number;
  readonly stays: number;
  readonly a: number;
  readonly z: number;
}

/** (c / (a−1)) · (1 − (1−z)^(r+x) ₂F₁(r+x, b'; c; z)) with c = a + b' − 1. */
function classical({ rate, stays, a, z }: Terms): number {
  const c = a + stays - 1;
  const silent = Math.exp(rate * Math.log1p(-z) + lnHyp2f1([rate, stays, c], z));
  return (c / (a - 1)) * (1 - silent);
}

/** The same after Euler's transform, with the 1 taken out of the series: nothing divides by a − 1 or by c, both of which may be 0. */
function aroundOne({ rate, stays, a, z }: Terms): number {
  const e = a - 1;
  const c = e + stays;
  const lnLeft = Math.log1p(-z);
  const atOnce = Math.abs(e) < 1e-12 ? -lnLeft : -Math.expm1(e * lnLeft) / e;
  const first = c - rate;
  let term = first * z;
  let sum = term;
  for (let n = 1; n < 200_000; n += 1) {
    term *= (((first + n) * (e + n)) / ((c + n) * (n + 1))) * z;
    sum += term;
    if (Math.abs(term) <= 1e-16 * Math.abs(sum)) break;
  }
  return c * atOnce - Math.exp(e * lnLeft) * sum;
}

/** When the next order is as likely behind as ahead, or null where it is likelier that none comes at all. */
export function medianTimeToNext(model: DropoutModel, history: PurchaseHistory): number | null {
  const alive = pAlive(model, history);
  if (alive <= 0.5) return null;
  const rate = model.r + history.x;
  const grown = Math.expm1(-Math.log1p(-0.5 / alive) / rate);
  const time = (model.alpha + history.T) * grown;
  return Number.isFinite(time) ? time : null;
}

/** P(N ≥ n) for n = 0, 1, 2 … within `horizon`, until less than `rest` is left. Its sum from 1 on is the expectation. */
export function purchaseTail(
  model: DropoutModel,
  history: PurchaseHistory,
  { horizon, rest = 1e-6, most = 2_000 }: { horizon: number; rest?: number; most?: number },
): number[] {
  const { r, alpha, a, b, kind, noDropout } = model;
  const rate = r + history.x;
  const stays = kind === 'bg' ? b + history.x : b + history.x + 1;
  const z = horizon / (alpha + history.T + horizon);
  const alive = pAlive(model, history);
  const tail = [1];
  let exactly = Math.exp(rate * Math.log1p(-z));
  let below = 0;
  let stayed = 1;
  for (let n = 1; n <= most; n += 1) {
    below += exactly;
    exactly *= ((rate + n - 1) / n) * z;
    const share = alive * stayed * Math.max(0, 1 - below);
    if (share < rest) break;
    tail.push(share);
    stayed *= noDropout ? 1 : (stays + n - 1) / (a + stays + n - 1);
  }
  return tail;
}
