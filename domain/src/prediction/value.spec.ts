import { describe, expect, it } from '@jest/globals';
import { probabilityOfNoPurchase } from './dropout-formulas.js';
import { chanceOf } from './testing/chance.js';
import { liveMany } from './testing/purchases.js';
import type { DropoutModel, SpendModel } from './types.js';
import { averageHistory, lifetimeValue, reasonsOfHistory, valueWithin } from './value.js';

const DROPOUT: DropoutModel = {
  ...{ kind: 'mbg', r: 0.8, alpha: 4, a: 0.9, b: 2.5 },
  ...{ logLikelihood: 0, converged: true, evaluations: 0, noDropout: false },
};
const SPEND: SpendModel = {
  ...{ p: 6, q: 4, gamma: 15 },
  ...{ logLikelihood: 0, converged: true, evaluations: 0, customers: 0 },
};
const MODELS = { dropout: DROPOUT, spend: SPEND };
const HORIZON = 20;

describe('valueWithin', () => {
  it('holds what customers spend as often as it says, and as much on average', () => {
    const chance = chanceOf(9);
    const lived = liveMany(DROPOUT, { count: 1_500, horizon: HORIZON, chance }).filter(
      ({ x }) => x > 0,
    );
    let [inside, below, sum, expected] = [0, 0, 0, 0];
    for (const customer of lived) {
      const rate = chance.gamma(SPEND.q, SPEND.gamma);
      const meanSpend = chance.gamma(SPEND.p * customer.x, rate) / customer.x;
      const spent = customer.later === 0 ? 0 : chance.gamma(SPEND.p * customer.later, rate);
      const value = valueWithin(MODELS, { ...customer, meanSpend }, { horizon: HORIZON });
      if (spent >= value.low && spent <= value.high) inside += 1;
      if (spent <= value.high) below += 1;
      sum += spent;
      expected += value.expected;
    }
    // The lower end is nothing for nearly everybody, so that more than eight tenths lie inside.
    expect(inside / lived.length).toBeGreaterThan(0.8);
    expect(Math.abs(below / lived.length - 0.9)).toBeLessThan(0.04);
    expect(Math.abs(expected / sum - 1)).toBeLessThan(0.1);
  });

  it('is nothing at most for somebody who is gone, and widens with certainty', () => {
    const gone = { x: 20, tx: 5, T: 200, meanSpend: 30 };
    expect(valueWithin(MODELS, gone, { horizon: HORIZON })).toMatchObject({ low: 0, high: 0 });
    const here = { x: 20, tx: 50, T: 50.5, meanSpend: 30 };
    const usual = valueWithin(MODELS, here, { horizon: HORIZON });
    const wide = valueWithin(MODELS, here, { horizon: HORIZON, within: 0.95 });
    expect(usual.low).toBeGreaterThan(0);
    expect(usual.low).toBeLessThan(usual.expected);
    expect(usual.high).toBeGreaterThan(usual.expected);
    expect(wide.low).toBeLessThan(usual.low);
    expect(wide.high).toBeGreaterThan(usual.high);
  });
});

describe('lifetimeValue', () => {
  const history = { x: 5, tx: 30, T: 32, meanSpend: 30 };

  it('is the expected value where nothing is discounted', () => {
    const whole = valueWithin(MODELS, history, { horizon: 20 }).expected;
    const options = { periods: 4, period: 5, discount: 0 };
    expect(lifetimeValue(MODELS, history, options)).toBeCloseTo(whole, 9);
    expect(lifetimeValue(MODELS, history, { ...options, margin: 0.25 })).toBeCloseTo(whole / 4, 9);
  });

  it('counts what is later for less', () => {
    const at = (discount: number): number =>
      lifetimeValue(MODELS, history, { periods: 10, period: 4, discount });
    expect(at(0.02)).toBeLessThan(at(0.01));
    expect(at(0.01)).toBeLessThan(at(0));
    expect(lifetimeValue(MODELS, history, { periods: 1, period: 4, discount: 0.25 })).toBeCloseTo(
      lifetimeValue(MODELS, history, { periods: 1, period: 4, discount: 0 }) / 1.25,
      9,
    );
  });
});

describe('reasonsOfHistory', () => {
  const average = { x: 3, tx: 20, T: 40 };
  const options = { average, horizon: HORIZON, unitDays: 7 };

  it('add up to what parts the customer from the average', () => {
    const history = { x: 1, tx: 4, T: 45 };
    const reasons = reasonsOfHistory(DROPOUT, history, options);
    const apart =
      probabilityOfNoPurchase(DROPOUT, history, HORIZON) -
      probabilityOfNoPurchase(DROPOUT, average, HORIZON);
    expect(reasons.reduce((sum, { effect }) => sum + effect, 0)).toBeCloseTo(apart, 10);
  });

  it('name silence first for somebody who fell silent', () => {
    const [first] = reasonsOfHistory(DROPOUT, { x: 3, tx: 2, T: 42 }, options);
    expect(first).toMatchObject({ feature: 'days_since_last_order', value: 280 });
    expect(first?.effect).toBeGreaterThan(0.1);
  });
});

describe('averageHistory', () => {
  it('is the mean of each part, and nothing of nobody', () => {
    expect(
      averageHistory([
        { x: 1, tx: 2, T: 3 },
        { x: 3, tx: 4, T: 9 },
      ]),
    ).toEqual({ x: 2, tx: 3, T: 6 });
    expect(averageHistory([])).toEqual({ x: 0, tx: 0, T: 0 });
  });
});
