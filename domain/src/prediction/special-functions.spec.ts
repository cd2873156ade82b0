import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  digamma,
  incompleteBeta,
  lnBeta,
  lnGamma,
  lnHyp2f1,
  sigmoid,
} from './special-functions.js';

function relativeError(found: number, wanted: number): number {
  return Math.abs(found - wanted) / Math.max(1e-300, Math.abs(wanted));
}

describe('lnGamma', () => {
  it.each([
    [1e-5, 11.512919692895826],
    [0.1, 2.252712651734206],
    [0.5, 0.5723649429247001],
    [1.5, -0.12078223763524522],
    [3.7, 1.4280723266653881],
    [10.25, 13.368023671476049],
    [100, 359.1342053695754],
    [1e6, 12815504.569147611],
  ])('of %d is exact to thirteen digits', (x, wanted) => {
    expect(relativeError(lnGamma(x), wanted)).toBeLessThan(1e-13);
  });

  it('is the sum of logs for whole numbers', () => {
    let sum = 0;
    for (let n = 1; n < 200; n += 1) {
      expect(Math.abs(lnGamma(n) - sum)).toBeLessThan(1e-12 * Math.max(1, sum));
      sum += Math.log(n);
    }
  });

  it('follows its recurrence everywhere', () => {
    fc.assert(
      fc.property(fc.double({ min: 1e-3, max: 1e4, noNaN: true }), (x) => {
        const apart = lnGamma(x + 1) - lnGamma(x) - Math.log(x);
        expect(Math.abs(apart)).toBeLessThan(1e-11 * Math.max(1, Math.abs(lnGamma(x))));
      }),
    );
  });

  it('is no number where it has no meaning for us', () => {
    expect(lnGamma(0)).toBeNaN();
    expect(lnGamma(-2.5)).toBeNaN();
    expect(digamma(0)).toBeNaN();
  });
});

describe('digamma', () => {
  it.each([
    [1, -0.5772156649015329],
    [0.5, -1.9635100260214235],
    [2, 0.4227843350984671],
    [10, 2.251752589066721],
  ])('of %d is known', (x, wanted) => {
    expect(relativeError(digamma(x), wanted)).toBeLessThan(1e-13);
  });

  it('is the slope of lnGamma', () => {
    for (const x of [0.3, 1.1, 4.2, 17, 250]) {
      const h = 1e-5 * x;
      expect(digamma(x)).toBeCloseTo((lnGamma(x + h) - lnGamma(x - h)) / (2 * h), 7);
    }
  });
});

describe('lnBeta', () => {
  it('is ln 1/12 at (2, 3)', () => {
    expect(lnBeta(2, 3)).toBeCloseTo(-Math.log(12), 13);
  });
});

describe('lnHyp2f1', () => {
  const points = [-5, -0.9, -0.1, 0, 0.05, 0.5, 0.89, 0.95, 0.99];

  it('is a logarithm at (1, 1; 2)', () => {
    for (const z of points.filter((each) => each !== 0))
      expect(lnHyp2f1([1, 1, 2], z)).toBeCloseTo(Math.log(-Math.log1p(-z) / z), 11);
  });

  it('is a power where two parameters cancel', () => {
    for (const z of points)
      expect(lnHyp2f1([2.5, 1.25, 1.25], z)).toBeCloseTo(-2.5 * Math.log1p(-z), 11);
  });

  it('is the same before and after Euler’s transform', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0.1, max: 5, noNaN: true }),
        fc.double({ min: 0.1, max: 5, noNaN: true }),
        fc.double({ min: 5.5, max: 9, noNaN: true }),
        fc.double({ min: 0, max: 0.9, noNaN: true }),
        (a, b, c, z) => {
          const transformed = (c - a - b) * Math.log1p(-z) + lnHyp2f1([c - a, c - b, c], z);
          expect(lnHyp2f1([a, b, c], z)).toBeCloseTo(transformed, 9);
        },
      ),
    );
  });

  it('does not overflow for somebody with a thousand orders', () => {
    const large = lnHyp2f1([1_000.2, 1_002, 1_002.5], 0.9);
    expect(large).toBeGreaterThan(2_000);
    expect(large).toBeLessThan(2_400);
  });
});

describe('incompleteBeta', () => {
  it.each([
    [0.5, 2, 3, 0.6875],
    [0.25, 1, 1, 0.25],
    [0.5, 0.5, 0.5, 0.5],
    [0.9, 10, 2, 0.6973568802],
  ])('at %d with (%d, %d) is %d', (x, a, b, wanted) => {
    expect(incompleteBeta(x, a, b)).toBeCloseTo(wanted, 10);
  });

  it('is 0 and 1 at the ends, and mirrors', () => {
    expect(incompleteBeta(0, 2, 3)).toBe(0);
    expect(incompleteBeta(1, 2, 3)).toBe(1);
    fc.assert(
      fc.property(
        fc.double({ min: 0.01, max: 0.99, noNaN: true }),
        fc.double({ min: 0.2, max: 50, noNaN: true }),
        fc.double({ min: 0.2, max: 50, noNaN: true }),
        (x, a, b) => {
          expect(incompleteBeta(x, a, b) + incompleteBeta(1 - x, b, a)).toBeCloseTo(1, 10);
        },
      ),
    );
  });
});

describe('sigmoid', () => {
  it('never leaves 0 to 1, however far out', () => {
    expect(sigmoid(0)).toBe(0.5);
    expect(sigmoid(-800)).toBe(0);
    expect(sigmoid(800)).toBe(1);
  });
});
