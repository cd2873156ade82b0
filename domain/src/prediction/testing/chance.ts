/** Draws for tests, from a seed. */
import { seededChance } from '../../shared/index.js';

export interface Chance {
  uniform(): number;
  exponential(rate: number): number;
  gamma(shape: number, rate: number): number;
  beta(a: number, b: number): number;
}

export function chanceOf(seed: number): Chance {
  const chance = seededChance(seed);
  // Half a step up: a logarithm is taken of it, so it must not be zero.
  const uniform = (): number => chance() + 2 ** -33;
  const normal = (): number =>
    Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform());
  /** Marsaglia and Tsang; a shape below 1 by way of the next. */
  const standardGamma = (shape: number): number => {
    if (shape < 1) return standardGamma(shape + 1) * uniform() ** (1 / shape);
    const d = shape - 1 / 3;
    const c = 1 / Math.sqrt(9 * d);
    for (;;) {
      const z = normal();
      const v = (1 + c * z) ** 3;
      if (v > 0 && Math.log(uniform()) < 0.5 * z * z + d - d * v + d * Math.log(v)) return d * v;
    }
  };
  return {
    uniform,
    exponential: (rate) => -Math.log(uniform()) / rate,
    gamma: (shape, rate) => standardGamma(shape) / rate,
    beta: (a, b) => {
      const one = standardGamma(a);
      return one / (one + standardGamma(b));
    },
  };
}
