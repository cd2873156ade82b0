/** Functions that mathematics has and the language has not, in double precision. */

/** Where Stirling's series, cut after seven terms, is exact to the last digits. */
const STIRLING_FROM = 10;
const HALF_LOG_TWO_PI = 0.9189385332046728;
const LN_GAMMA_TERMS = [1 / 12, -1 / 360, 1 / 1260, -1 / 1680, 1 / 1188, -691 / 360360, 1 / 156];
const DIGAMMA_TERMS = [1 / 12, -1 / 120, 1 / 252, -1 / 240, 1 / 132, -691 / 32760, 1 / 12];

/** ln Γ(x) for x > 0. */
export function lnGamma(x: number): number {
  if (!(x > 0)) return Number.NaN;
  let product = 1;
  let shifted = x;
  while (shifted < STIRLING_FROM) {
    product *= shifted;
    shifted += 1;
  }
  const series = evenSeries(LN_GAMMA_TERMS, shifted) * shifted;
  return (
    (shifted - 0.5) * Math.log(shifted) - shifted + HALF_LOG_TWO_PI + series - Math.log(product)
  );
}

/** The derivative of ln Γ for x > 0. */
export function digamma(x: number): number {
  if (!(x > 0)) return Number.NaN;
  let sum = 0;
  let shifted = x;
  while (shifted < STIRLING_FROM) {
    sum += 1 / shifted;
    shifted += 1;
  }
  return Math.log(shifted) - 0.5 / shifted - evenSeries(DIGAMMA_TERMS, shifted) - sum;
}

/** Σ term_k / x^(2k), from k = 1. */
function evenSeries(terms: readonly number[], x: number): number {
  const inverse = 1 / (x * x);
  return terms.reduceRight((sum, term) => (sum + term) * inverse, 0);
}

export function lnBeta(a: number, b: number): number {
  return lnGamma(a) + lnGamma(b) - lnGamma(a + b);
}

const MOST_TERMS = 200_000;
const PRECISION = 1e-16;
const TOO_LARGE = 1e250;

/**
 * ln ₂F₁(a, b; c; z) for positive a, b, c and z within (-∞, 1). A power series where it converges fast; Euler's transform where
 * its terms would grow, Pfaff's for negative z. In logs, since a customer with a thousand orders is beyond what a double can hold.
 */
export function lnHyp2f1([a, b, c]: readonly [number, number, number], z: number): number {
  if (z < 0) return -a * Math.log1p(-z) + lnSeries([a, c - b, c], z / (z - 1));
  const transformed = a + b > c && c > a && c > b;
  if (!transformed) return lnSeries([a, b, c], z);
  return (c - a - b) * Math.log1p(-z) + lnSeries([c - a, c - b, c], z);
}

function lnSeries([a, b, c]: readonly [number, number, number], z: number): number {
  let term = 1;
  let sum = 1;
  let scale = 0;
  for (let n = 0; n < MOST_TERMS; n += 1) {
    term *= (((a + n) * (b + n)) / ((c + n) * (n + 1))) * z;
    sum += term;
    if (Math.abs(term) <= PRECISION * Math.abs(sum)) break;
    if (Math.abs(sum) > TOO_LARGE) {
      term /= TOO_LARGE;
      sum /= TOO_LARGE;
      scale += Math.log(TOO_LARGE);
    }
  }
  return Math.log(sum) + scale;
}

/** The regularised incomplete beta function, by the continued fraction of Lentz on the side where it converges fast. */
export function incompleteBeta(x: number, a: number, b: number): number {
  if (x <= 0) return 0;
  if (x >= 1) return 1;
  const front = Math.exp(a * Math.log(x) + b * Math.log1p(-x) - lnBeta(a, b));
  if (x < (a + 1) / (a + b + 2)) return (front * betaFraction(x, a, b)) / a;
  return 1 - (front * betaFraction(1 - x, b, a)) / b;
}

const TINY = 1e-300;

function betaFraction(x: number, a: number, b: number): number {
  let c = 1;
  let d = 1 / awayFromZero(1 - ((a + b) * x) / (a + 1));
  let value = d;
  for (let m = 1; m < 1_000; m += 1) {
    const even = (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m));
    d = 1 / awayFromZero(1 + even * d);
    c = awayFromZero(1 + even / c);
    value *= d * c;
    const odd = (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1));
    d = 1 / awayFromZero(1 + odd * d);
    c = awayFromZero(1 + odd / c);
    const change = d * c;
    value *= change;
    if (Math.abs(change - 1) < 1e-15) break;
  }
  return value;
}

function awayFromZero(value: number): number {
  return Math.abs(value) < TINY ? TINY : value;
}

export function sigmoid(z: number): number {
  return z >= 0 ? 1 / (1 + Math.exp(-z)) : Math.exp(z) / (1 + Math.exp(z));
}
