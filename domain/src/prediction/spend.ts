/** Gamma–Gamma (Fader, Hardie, Lee 2005): what an order of one customer is worth on average, drawn towards that of all. */
import { minimise } from './minimise.js';
import { digamma, lnGamma } from './special-functions.js';
import type { SpendModel } from './types.js';

/** Repeat orders and their mean amount; whoever has none, or paid nothing, teaches nothing. */
export interface Spending {
  readonly x: number;
  readonly meanSpend: number;
}

const LOWEST = -14;
const HIGHEST = 14;

/** q is kept above 1, below which the average over all customers would be infinite. */
export function fitGammaGamma(customers: Iterable<Spending>): SpendModel {
  const rows = [...customers].filter(({ x, meanSpend }) => x > 0 && meanSpend > 0);
  const x = Float64Array.from(rows, (row) => row.x);
  const spend = Float64Array.from(rows, (row) => row.meanSpend);
  const mean = rows.length === 0 ? 1 : spend.reduce((sum, each) => sum + each, 0) / rows.length;
  // In units of the mean, cents and millions converge alike.
  const scaled = spend.map((each) => each / mean);
  const slope = spendSlope(x, scaled);
  const starts = [
    [0, 0, 0],
    [1.5, 1, 0],
    [0, 2, 1],
  ];
  const tried = starts.map((start) => minimise(slope, start));
  const best = tried.reduce((low, each) => (each.value < low.value ? each : low));
  const { p, q, gamma } = parametersAt(best.at);
  return {
    ...{ p, q, gamma: gamma * mean },
    logLikelihood: -rows.length * (best.value + Math.log(mean)),
    converged: rows.length > 0 && best.converged,
    evaluations: tried.reduce((sum, each) => sum + each.evaluations, 0),
    customers: rows.length,
  };
}

function bounded(theta: number): number {
  return Math.min(HIGHEST, Math.max(LOWEST, theta));
}

function parametersAt(theta: Float64Array): { p: number; q: number; gamma: number } {
  const [p = 1, above = 1, gamma = 1] = theta.map((each) => Math.exp(bounded(each)));
  return { p, q: 1 + above, gamma };
}

function spendSlope(x: Float64Array, spend: Float64Array) {
  const most = x.reduce((max, each) => Math.max(max, each), 0);
  const counts = new Float64Array(most + 1);
  const rows = Math.max(1, x.length);
  for (const each of x) counts[each] = (counts[each] ?? 0) + 1;
  return (theta: Float64Array, gradient: Float64Array): number => {
    const { p, q, gamma } = parametersAt(theta);
    const sums = byCount(counts, { p, q, gamma });
    for (let i = 0; i < x.length; i += 1) {
      const n = x[i] ?? 0;
      const mean = spend[i] ?? 0;
      const all = gamma + n * mean;
      const lnAll = Math.log(all);
      sums.value += n * p * Math.log(n * mean) - Math.log(mean) - (p * n + q) * lnAll;
      sums.byP += n * (Math.log(n * mean) - lnAll);
      sums.byQ -= lnAll;
      sums.byGamma -= (p * n + q) / all;
    }
    const slopes = [sums.byP * p, sums.byQ * (q - 1), sums.byGamma * gamma];
    theta.forEach((each, i) => {
      gradient[i] = each === bounded(each) ? -(slopes[i] ?? 0) / rows : 0;
    });
    return -sums.value / rows;
  };
}

/** The parts that depend on the number of orders alone, once for each number. */
function byCount(
  counts: Float64Array,
  { p, q, gamma }: { readonly p: number; readonly q: number; readonly gamma: number },
): { value: number; byP: number; byQ: number; byGamma: number } {
  const sums = { value: 0, byP: 0, byQ: 0, byGamma: 0 };
  counts.forEach((customers, n) => {
    if (customers === 0) return;
    const both = p * n + q;
    sums.value += customers * (lnGamma(both) - lnGamma(p * n) - lnGamma(q) + q * Math.log(gamma));
    sums.byP += customers * n * (digamma(both) - digamma(p * n));
    sums.byQ += customers * (digamma(both) - digamma(q) + Math.log(gamma));
    sums.byGamma += (customers * q) / gamma;
  });
  return sums;
}

/** For whoever checks a fit against other points. */
export function spendLikelihood(
  customers: Iterable<Spending>,
  { p, q, gamma }: Pick<SpendModel, 'p' | 'q' | 'gamma'>,
): number {
  const rows = [...customers].filter(({ x, meanSpend }) => x > 0 && meanSpend > 0);
  const slope = spendSlope(
    Float64Array.from(rows, (row) => row.x),
    Float64Array.from(rows, (row) => row.meanSpend),
  );
  const at = Float64Array.of(Math.log(p), Math.log(q - 1), Math.log(gamma));
  return -slope(at, new Float64Array(3)) * rows.length;
}

/** Mean amount of a customer's orders to come; of somebody without repeats, that of all. */
export function expectedSpend({ p, q, gamma }: SpendModel, { x, meanSpend }: Spending): number {
  return (p * (gamma + x * meanSpend)) / (p * x + q - 1);
}

/** Pearson's, among customers with repeats: the model takes frequency and spend for independent. Above .3 it is not to be trusted. */
export function spendFrequencyCorrelation(customers: Iterable<Spending>): number {
  const rows = [...customers].filter(({ x }) => x > 0);
  const meanOf = (values: readonly number[]): number =>
    values.reduce((sum, each) => sum + each, 0) / values.length;
  const [meanX, meanY] = [
    meanOf(rows.map((row) => row.x)),
    meanOf(rows.map((row) => row.meanSpend)),
  ];
  let [both, alongX, alongY] = [0, 0, 0];
  for (const { x, meanSpend } of rows) {
    both += (x - meanX) * (meanSpend - meanY);
    alongX += (x - meanX) ** 2;
    alongY += (meanSpend - meanY) ** 2;
  }
  return alongX > 0 && alongY > 0 ? both / Math.sqrt(alongX * alongY) : 0;
}
