/**
 * BG/NBD (Fader, Hardie, Lee 2005) and MBG/NBD (Batislam et al. 2007) by maximum likelihood: how often customers order and when
 * they stop, learnt from repeats, recency and age alone. Time is rescaled while fitting, so that any unit converges alike.
 */
import { minimise, type Minimum } from './minimise.js';
import type { DropoutKind, DropoutModel, PurchaseGroups } from './types.js';

const TYPICAL_AGE = 20;
/** In logs: beyond these bounds a parameter stands still. */
const LOWEST = -14;
const HIGHEST = 11;
const RUN_OFF = 1e4;
const NO_DROPOUT_SHARE = 1e-4;
/** Of log-likelihood: what two more parameters have to bring. */
const WORTH = 2;
/** Starts are tried on so many groups before the best is followed on all. */
const TRIAL_GROUPS = 20_000;
const STARTS = [
  [0, 0, 0, 0],
  [-1, 1.5, 0, 1],
  [1, 3, -1, 2],
] as const;

export function fitBgNbd(groups: PurchaseGroups): DropoutModel {
  return fitDropout(groups, 'bg');
}

export function fitMbgNbd(groups: PurchaseGroups): DropoutModel {
  return fitDropout(groups, 'mbg');
}

function fitDropout(groups: PurchaseGroups, kind: DropoutKind): DropoutModel {
  const scale = scaleOf(groups);
  const scaled = {
    ...groups,
    tx: groups.tx.map((each) => each * scale),
    T: groups.T.map((each) => each * scale),
  };
  const full = fromStarts(scaled, kind);
  const [r = 0, alpha = 0, a = 0, b = 0] = full.at.map((each) => Math.exp(bounded(each)));
  const shift = shiftOf(groups, scale);
  const model: DropoutModel = {
    ...{ kind, r, alpha: alpha / scale, a, b },
    logLikelihood: shift - full.value * customersOf(groups),
    converged: full.converged,
    evaluations: full.evaluations,
    noDropout: false,
  };
  const suspect = a > RUN_OFF || b > RUN_OFF || a / (a + b) < NO_DROPOUT_SHARE;
  if (!suspect) return model;
  return withoutDropout(model, { scaled, scale, shift });
}

/** Parameters that run off say that nobody leaves, unless leaving explains clearly more. */
function withoutDropout(
  model: DropoutModel,
  { scaled, scale, shift }: { scaled: PurchaseGroups; scale: number; shift: number },
): DropoutModel {
  const slope = dropoutSlope(scaled, 'none');
  const plain = minimise(slope, [0, 0]);
  const [r = 0, alpha = 0] = plain.at.map((each) => Math.exp(bounded(each)));
  const logLikelihood = shift - plain.value * customersOf(scaled);
  const evaluations = model.evaluations + plain.evaluations;
  if (model.logLikelihood > logLikelihood + WORTH) return { ...model, evaluations };
  return {
    ...{ kind: model.kind, r, alpha: alpha / scale, a: 0, b: 1, logLikelihood, evaluations },
    converged: plain.converged,
    noDropout: true,
  };
}

function fromStarts(groups: PurchaseGroups, kind: DropoutKind): Minimum {
  const trial = thinned(groups);
  const tried = STARTS.map((start) => minimise(dropoutSlope(trial, kind), start));
  const best = tried.reduce((low, each) => (each.value < low.value ? each : low));
  const evaluations = tried.reduce((sum, each) => sum + each.evaluations, 0);
  if (trial === groups) return { ...best, evaluations };
  const all = minimise(dropoutSlope(groups, kind), [...best.at], best.inverse);
  return { ...all, evaluations: all.evaluations + evaluations };
}

function thinned(groups: PurchaseGroups): PurchaseGroups {
  if (groups.size <= 2 * TRIAL_GROUPS) return groups;
  const every = Math.floor(groups.size / TRIAL_GROUPS);
  const taken = (column: Float64Array): Float64Array => column.filter((_, at) => at % every === 0);
  const n = taken(groups.n);
  return { size: n.length, x: taken(groups.x), tx: taken(groups.tx), T: taken(groups.T), n };
}

function scaleOf({ size, T, n }: PurchaseGroups): number {
  let [sum, count] = [0, 0];
  for (let i = 0; i < size; i += 1) {
    sum += (T[i] ?? 0) * (n[i] ?? 0);
    count += n[i] ?? 0;
  }
  return sum > 0 ? (TYPICAL_AGE * count) / sum : 1;
}

/** A density of x times in another unit is another density: each repeat brings one factor of the scale. */
function shiftOf({ x, n }: PurchaseGroups, scale: number): number {
  const repeats = x.reduce((sum, each, i) => sum + each * (n[i] ?? 0), 0);
  return repeats * Math.log(scale);
}

function bounded(theta: number): number {
  return Math.min(HIGHEST, Math.max(LOWEST, theta));
}

/** The log-likelihood at parameters as they are, for whoever checks a fit against other points. */
export function dropoutLikelihood(
  groups: PurchaseGroups,
  { kind, r, alpha, a, b }: Pick<DropoutModel, 'kind' | 'r' | 'alpha' | 'a' | 'b'>,
): number {
  const at = Float64Array.of(Math.log(r), Math.log(alpha), Math.log(a), Math.log(b));
  return -dropoutSlope(groups, kind)(at, new Float64Array(4)) * customersOf(groups);
}

function customersOf({ n }: PurchaseGroups): number {
  return n.reduce((sum, each) => sum + each, 0);
}

/** Minus the mean log-likelihood of a customer. */
function dropoutSlope(groups: PurchaseGroups, kind: DropoutKind | 'none') {
  const most = groups.x.reduce((max, each) => Math.max(max, each), 0);
  const total = customersOf(groups);
  return (theta: Float64Array, gradient: Float64Array): number => {
    const [r = 1, alpha = 1, a = 1, b = 1] = theta.map((each) => Math.exp(bounded(each)));
    const tables = kind === 'none' ? rateTables(most, r) : allTables(most, { r, a, b, kind });
    const sums = new Float64Array(5);
    addGroups(sums, groups, { r, alpha, a, b, kind, tables });
    const [value = 0, dr = 0, dAlpha = 0, da = 0, db = 0] = sums;
    const slopes = [
      (dr + total * Math.log(alpha)) * r,
      (dAlpha + (total * r) / alpha) * alpha,
      da * a,
      db * b,
    ];
    theta.forEach((each, i) => {
      gradient[i] = each === bounded(each) ? -(slopes[i] ?? 0) / total : 0;
    });
    return -value / total - r * Math.log(alpha);
  };
}

/** Whatever depends on a customer's repeats alone: by x, value and slopes for r, a and b. */
interface Tables {
  readonly value: Float64Array;
  readonly byR: Float64Array;
  readonly byA: Float64Array;
  readonly byB: Float64Array;
}

function rateTables(most: number, r: number): Tables {
  const columns = { value: new Float64Array(most + 1), byR: new Float64Array(most + 1) };
  for (let x = 1; x <= most; x += 1) {
    columns.value[x] = (columns.value[x - 1] ?? 0) + Math.log(r + x - 1);
    columns.byR[x] = (columns.byR[x - 1] ?? 0) + 1 / (r + x - 1);
  }
  return { ...columns, byA: new Float64Array(most + 1), byB: new Float64Array(most + 1) };
}

/** Γ(r+x)/Γ(r) · B(a,b+m)/B(a,b) as sums of logs: no Γ is needed for whole numbers. */
function allTables(
  most: number,
  { r, a, b, kind }: { r: number; a: number; b: number; kind: DropoutKind },
): Tables {
  const tables = rateTables(most, r);
  const early = kind === 'mbg' ? 1 : 0;
  let [stayed, byA, byB] = [0, 0, 0];
  for (let m = 0; m <= most + early; m += 1) {
    const x = m - early;
    if (x >= 0) {
      tables.value[x] = (tables.value[x] ?? 0) + stayed;
      tables.byA[x] = byA;
      tables.byB[x] = byB;
    }
    stayed += Math.log(b + m) - Math.log(a + b + m);
    byA -= 1 / (a + b + m);
    byB += 1 / (b + m) - 1 / (a + b + m);
  }
  return tables;
}

interface At {
  readonly r: number;
  readonly alpha: number;
  readonly a: number;
  readonly b: number;
  readonly kind: DropoutKind | 'none';
  readonly tables: Tables;
}

/** The loop that all the time goes into: two logs, an exponential and a log1p for a group. */
function addGroups(sums: Float64Array, groups: PurchaseGroups, at: At): void {
  const { r, alpha, a, b, kind, tables } = at;
  const left = kind === 'bg' ? b - 1 : b;
  let [value, dr, dAlpha, da, db] = [0, 0, 0, 0, 0];
  for (let i = 0; i < groups.size; i += 1) {
    const x = groups.x[i] ?? 0;
    const n = groups.n[i] ?? 0;
    const age = alpha + (groups.T[i] ?? 0);
    const lnAge = Math.log(age);
    let own = (tables.value[x] ?? 0) - (r + x) * lnAge;
    let byR = (tables.byR[x] ?? 0) - lnAge;
    let byAlpha = -(r + x) / age;
    let byA = tables.byA[x] ?? 0;
    let byB = tables.byB[x] ?? 0;
    if (kind === 'mbg' || (kind === 'bg' && x > 0)) {
      const last = alpha + (groups.tx[i] ?? 0);
      const apart = lnAge - Math.log(last);
      const z = Math.log(a / (left + x)) + (r + x) * apart;
      const odds = Math.exp(-Math.abs(z));
      const gone = z > 0 ? 1 / (1 + odds) : odds / (1 + odds);
      own += Math.log1p(odds) + (z > 0 ? z : 0);
      byR += gone * apart;
      byAlpha += gone * (r + x) * (1 / age - 1 / last);
      byA += gone / a;
      byB -= gone / (left + x);
    }
    value += n * own;
    dr += n * byR;
    dAlpha += n * byAlpha;
    da += n * byA;
    db += n * byB;
  }
  sums.set([value, dr, dAlpha, da, db]);
}
