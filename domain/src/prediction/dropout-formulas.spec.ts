import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  conditionalExpectedPurchases,
  expectedPurchases,
  medianTimeToNext,
  pAlive,
  probabilityOfNoPurchase,
  purchaseTail,
} from './dropout-formulas.js';
import { chanceOf } from './testing/chance.js';
import { liveMany } from './testing/purchases.js';
import type { DropoutModel } from './types.js';

const REST = { logLikelihood: 0, converged: true, evaluations: 0, noDropout: false };
const CDNOW: DropoutModel = {
  ...{ kind: 'bg', r: 0.242595, alpha: 4.413602, a: 0.792922, b: 2.425907 },
  ...REST,
};

const models: fc.Arbitrary<DropoutModel> = fc
  .record({
    kind: fc.constantFrom('bg' as const, 'mbg' as const),
    r: fc.double({ min: 0.05, max: 5, noNaN: true }),
    alpha: fc.double({ min: 1, max: 50, noNaN: true }),
    a: fc.double({ min: 0.05, max: 40, noNaN: true }),
    b: fc.double({ min: 0.05, max: 40, noNaN: true }),
  })
  .map((parameters) => ({ ...parameters, ...REST }));

const histories = fc
  .record({
    x: fc.integer({ min: 0, max: 60 }),
    T: fc.double({ min: 0, max: 100, noNaN: true }),
    share: fc.double({ min: 0, max: 1, noNaN: true }),
  })
  .map(({ x, T, share }) => ({ x, T, tx: x === 0 ? 0 : T * share }));

const horizons = fc.double({ min: 0.01, max: 104, noNaN: true });

describe('formulas at points that are known', () => {
  it.each([
    [0.1429, 0.0078],
    [1, 0.0531844],
    [3, 0.1506311],
    [32, 1.043734],
  ])('E[X(%d)] is %d', (t, wanted) => {
    expect(expectedPurchases(CDNOW, t)).toBeCloseTo(wanted, t < 1 ? 4 : 6);
  });

  it('for a customer who bought twice', () => {
    const history = { x: 2, tx: 30.43, T: 38.86 };
    expect(conditionalExpectedPurchases(CDNOW, history, 39)).toBeCloseTo(1.225907, 5);
  });

  it('for a customer who is nearly certain to be there', () => {
    expect(pAlive(CDNOW, { x: 26, tx: 30.857, T: 31 })).toBeCloseTo(0.9688512, 6);
  });

  it('P(X(39) = 0) and P(X(2) = 10), with three digits of the parameters', () => {
    const published = { ...CDNOW, r: 0.243, alpha: 4.414, a: 0.793, b: 2.426 };
    const nobody = { x: 0, tx: 0, T: 0 };
    const zero = probabilityOfNoPurchase(published, nobody, 39);
    expect(zero).toBeCloseTo(0.5737864, 6);
    const tail = purchaseTail(published, nobody, { horizon: 2, rest: 1e-12 });
    expect(((tail[10] ?? 0) - (tail[11] ?? 0)) * 1e7).toBeCloseTo(1.07869, 3);
  });
});

describe('formulas of any model', () => {
  it('are probabilities, and silence is ever less likely', () => {
    fc.assert(
      fc.property(models, histories, horizons, (model, history, horizon) => {
        const alive = pAlive(model, history);
        const near = probabilityOfNoPurchase(model, history, horizon);
        const far = probabilityOfNoPurchase(model, history, horizon * 1.5);
        for (const each of [alive, near, far]) {
          expect(each).toBeGreaterThanOrEqual(0);
          expect(each).toBeLessThanOrEqual(1);
        }
        expect(far).toBeLessThanOrEqual(near + 1e-12);
        expect(near).toBeGreaterThanOrEqual(1 - alive - 1e-12);
      }),
    );
  });

  it('expect as many orders as the distribution of orders holds', () => {
    fc.assert(
      fc.property(models, histories, horizons, (model, history, horizon) => {
        const tail = purchaseTail(model, history, { horizon, rest: 1e-14, most: 100_000 });
        const summed = tail.slice(1).reduce((sum, each) => sum + each, 0);
        const expected = conditionalExpectedPurchases(model, history, horizon);
        expect(Math.abs(expected - summed)).toBeLessThan(1e-5 * Math.max(1, summed));
        expect(1 - (tail[1] ?? 0)).toBeCloseTo(
          probabilityOfNoPurchase(model, history, horizon),
          10,
        );
      }),
    );
  });

  it('expect more in longer times, and nothing in none', () => {
    fc.assert(
      fc.property(models, histories, horizons, (model, history, horizon) => {
        const near = conditionalExpectedPurchases(model, history, horizon);
        expect(conditionalExpectedPurchases(model, history, horizon * 2)).toBeGreaterThanOrEqual(
          near - 1e-9,
        );
        expect(conditionalExpectedPurchases(model, history, 0)).toBe(0);
      }),
    );
  });

  it('pass smoothly through a = 1, where the classical form divides by nothing', () => {
    const at = (a: number): number =>
      conditionalExpectedPurchases({ ...CDNOW, a }, { x: 3, tx: 10, T: 20 }, 30);
    expect(at(1)).toBeCloseTo((at(1 - 1e-4) + at(1 + 1e-4)) / 2, 7);
    expect(at(15)).toBeCloseTo((at(15 - 1e-4) + at(15 + 1e-4)) / 2, 7);
  });

  it('give the time by which the next order is as likely come as not', () => {
    fc.assert(
      fc.property(models, histories, (model, history) => {
        const median = medianTimeToNext(model, history);
        if (pAlive(model, history) <= 0.5) expect(median).toBeNull();
        else if (median !== null)
          expect(probabilityOfNoPurchase(model, history, median)).toBeCloseTo(0.5, 6);
      }),
    );
  });
});

describe('without dropout', () => {
  it('orders come at a steady rate for ever', () => {
    const stays: DropoutModel = { ...CDNOW, a: 0, b: 1, noDropout: true };
    const history = { x: 3, tx: 1, T: 50 };
    expect(pAlive(stays, history)).toBe(1);
    const twice = conditionalExpectedPurchases(stays, history, 20);
    expect(twice).toBeCloseTo(2 * conditionalExpectedPurchases(stays, history, 10), 12);
    const tail = purchaseTail(stays, history, { horizon: 20, rest: 1e-12 });
    expect(tail.slice(1).reduce((sum, each) => sum + each, 0)).toBeCloseTo(twice, 8);
  });
});

describe.each(['bg', 'mbg'] as const)('%s beside customers who lived by it', (kind) => {
  const model: DropoutModel = { kind, r: 0.7, alpha: 4, a: 0.9, b: 2.2, ...REST };
  const horizon = 20;
  const lived = liveMany(model, { count: 40_000, horizon, chance: chanceOf(5) });
  const mean = (values: readonly number[]): number =>
    values.reduce((sum, each) => sum + each, 0) / values.length;

  it.each([
    ['without repeats', (x: number) => x === 0],
    ['with one or two', (x: number) => x === 1 || x === 2],
    ['with many', (x: number) => x > 2],
  ])('foretells those %s', (_, chosen) => {
    const some = lived.filter(({ x }) => chosen(x));
    const bound = 4 / Math.sqrt(some.length);
    const alive = mean(some.map((each) => pAlive(model, each)));
    expect(Math.abs(alive - mean(some.map((each) => (each.alive ? 1 : 0))))).toBeLessThan(
      bound / 2,
    );
    const silent = mean(some.map((each) => probabilityOfNoPurchase(model, each, horizon)));
    const came = mean(some.map(({ later }) => (later === 0 ? 1 : 0)));
    expect(Math.abs(silent - came)).toBeLessThan(bound / 2);
    const expected = mean(some.map((each) => conditionalExpectedPurchases(model, each, horizon)));
    const spread = Math.sqrt(mean(some.map(({ later }) => (later - expected) ** 2)));
    expect(Math.abs(expected - mean(some.map(({ later }) => later)))).toBeLessThan(bound * spread);
  });
});
