import { describe, expect, it } from '@jest/globals';
import { holdOut, type HoldOutOptions, type Purchase } from './index.js';
import { coPurchases } from './testing/co-purchases.js';

const DAY_MS = 86_400_000;
const OPTIONS: HoldOutOptions = {
  heldBackMs: 7 * DAY_MS,
  n: 10,
  basket: 'customer',
  minSupport: 3,
  perItem: 50,
  shrinkage: 10,
};

const line = (customer: string, day: number, item: string): Purchase => ({
  customer,
  at: day * DAY_MS,
  item,
});

describe('holding the last week out', () => {
  it.each([1, 2, 3])('finds what people of a taste buy next, with seed %i', (seed) => {
    const log = coPurchases({ seed, customers: 600, days: 120, taste: 0.85 });
    const score = holdOut(log, OPTIONS);
    expect(score.customers).toBeGreaterThan(100);
    expect(score.hitRate).toBeGreaterThan(score.popularityHitRate + 0.05);
  });

  it('claims nothing where there is nothing to learn', () => {
    const log = coPurchases({ seed: 4, customers: 600, days: 120, taste: 0 });
    const { hitRate, popularityHitRate } = holdOut(log, OPTIONS);
    expect(Math.abs(hitRate - popularityHitRate)).toBeLessThan(0.1);
  });

  it('counts by hand', () => {
    const log = [
      ...['p', 'q', 'r'].flatMap((who) => [line(who, 1, 'tea'), line(who, 1, 'pot')]),
      ...['s', 't', 'u', 'v'].map((who) => line(who, 2, 'bag')),
      line('ada', 2, 'tea'),
      line('ada', 20, 'pot'),
      // Bought before: nobody would be shown it again.
      line('p', 20, 'pot'),
      // Nothing is known of her.
      line('new', 21, 'pot'),
      line('s', 21, 'lamp'),
    ];
    const score = holdOut(log, { ...OPTIONS, n: 1, minSupport: 2, shrinkage: 1 });
    // ada is a hit for the model, and popularity names the bag; s buys what was never seen.
    expect(score).toEqual({
      customers: 2,
      hitRate: 0.5,
      popularityHitRate: 0,
      baskets: 8,
      items: 3,
      pairs: 2,
    });
  });

  it('learns nothing of the week that it is measured by', () => {
    const before = [line('a', 1, 'x'), line('a', 1, 'y'), line('b', 1, 'x')];
    const score = holdOut([...before, line('c', 30, 'z'), line('c', 30, 'x')], OPTIONS);
    expect(score).toMatchObject({ customers: 0, hitRate: 0, items: 2, baskets: 2 });
  });

  it('sees single orders as baskets where it is told to', () => {
    const log = [line('a', 1, 'x'), line('a', 2, 'y'), line('b', 1, 'x'), line('b', 1, 'y')];
    const options = { ...OPTIONS, heldBackMs: 0 };
    expect(holdOut(log, { ...options, basket: 'order' }).baskets).toBe(3);
    expect(holdOut(log, options).baskets).toBe(2);
  });

  it('bears an empty log', () => {
    expect(holdOut([], OPTIONS)).toMatchObject({ customers: 0, hitRate: 0, baskets: 0 });
  });
});
