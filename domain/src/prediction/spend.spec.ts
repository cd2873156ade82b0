import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  expectedSpend,
  fitGammaGamma,
  spendFrequencyCorrelation,
  spendLikelihood,
  type Spending,
} from './spend.js';
import { chanceOf } from './testing/chance.js';
import type { SpendModel } from './types.js';

const STATED: SpendModel = {
  ...{ p: 6.25, q: 3.74, gamma: 15.44 },
  ...{ logLikelihood: 0, converged: true, evaluations: 0, customers: 0 },
};

function spenders(count: number, { p, q, gamma }: { p: number; q: number; gamma: number }) {
  const chance = chanceOf(1);
  return Array.from({ length: count }, (): Spending => {
    const x = 1 + Math.floor(chance.uniform() * 8);
    return { x, meanSpend: chance.gamma(p * x, chance.gamma(q, gamma)) / x };
  });
}

describe('fitGammaGamma', () => {
  const truth = { p: 6, q: 4, gamma: 15 };
  const customers = spenders(5_000, truth);
  const fit = fitGammaGamma(customers);

  it('finds the parameters that spenders lived by', () => {
    expect(fit.converged).toBe(true);
    expect(fit.customers).toBe(5_000);
    // p and gamma trade against each other: their product is what the data says well.
    expect(Math.abs((fit.p * fit.gamma) / (truth.p * truth.gamma) - 1)).toBeLessThan(0.05);
    expect(Math.abs(fit.p / truth.p - 1)).toBeLessThan(0.25);
    expect(Math.abs(fit.q / truth.q - 1)).toBeLessThan(0.1);
  });

  it('is never less likely than points around it, nor than the truth', () => {
    expect(spendLikelihood(customers, fit)).toBeCloseTo(fit.logLikelihood, 4);
    expect(spendLikelihood(customers, truth)).toBeLessThanOrEqual(fit.logLikelihood);
    for (const p of [0.8, 1, 1.05])
      for (const q of [0.9, 1, 1.2])
        for (const gamma of [0.9, 1, 1.1]) {
          const there = { p: fit.p * p, q: fit.q * q, gamma: fit.gamma * gamma };
          expect(spendLikelihood(customers, there)).toBeLessThanOrEqual(fit.logLikelihood + 1e-6);
        }
  });

  it('is the same model in cents', () => {
    const cents = fitGammaGamma(customers.map((c) => ({ ...c, meanSpend: c.meanSpend * 100 })));
    expect(cents.gamma / fit.gamma).toBeCloseTo(100, 1);
    expect(cents.p).toBeCloseTo(fit.p, 3);
  });

  it('learns nothing from whoever has no repeats or paid nothing', () => {
    const others = [
      { x: 0, meanSpend: 0 },
      { x: 3, meanSpend: 0 },
    ];
    expect(fitGammaGamma([...customers, ...others])).toEqual(fit);
    expect(fitGammaGamma(others)).toMatchObject({ customers: 0, converged: false });
  });
});

describe('expectedSpend', () => {
  it.each([
    [2, 22.35, 24.66],
    [1, 11.77, 18.92],
    [0, 0, 35.22],
  ])('of %d repeats of %d is %d', (x, meanSpend, wanted) => {
    expect(expectedSpend(STATED, { x, meanSpend })).toBeCloseTo(wanted, 1);
  });

  it('lies between the own mean and that of all, nearer to the own with every order', () => {
    const all = expectedSpend(STATED, { x: 0, meanSpend: 0 });
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 50 }),
        fc.double({ min: 0.01, max: 1e4, noNaN: true }),
        (x, meanSpend) => {
          const found = expectedSpend(STATED, { x, meanSpend });
          expect(found).toBeGreaterThanOrEqual(Math.min(all, meanSpend) - 1e-9);
          expect(found).toBeLessThanOrEqual(Math.max(all, meanSpend) + 1e-9);
          const surer = expectedSpend(STATED, { x: x + 1, meanSpend });
          expect(Math.abs(surer - meanSpend)).toBeLessThanOrEqual(
            Math.abs(found - meanSpend) + 1e-9,
          );
        },
      ),
    );
  });
});

describe('spendFrequencyCorrelation', () => {
  it('is 1, -1 or 0 where it has to be', () => {
    const line = [1, 2, 3].map((x) => ({ x, meanSpend: 10 * x }));
    expect(spendFrequencyCorrelation(line)).toBeCloseTo(1, 12);
    expect(
      spendFrequencyCorrelation(line.map((c) => ({ ...c, meanSpend: 40 - c.meanSpend }))),
    ).toBeCloseTo(-1, 12);
    expect(spendFrequencyCorrelation(line.map((c) => ({ ...c, meanSpend: 7 })))).toBe(0);
    expect(spendFrequencyCorrelation([...line, { x: 0, meanSpend: 999 }])).toBeCloseTo(1, 12);
  });
});
