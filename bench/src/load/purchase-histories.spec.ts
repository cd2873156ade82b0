import { describe, expect, it } from '@jest/globals';
import { seededChance } from '@throughline/domain/shared';
import { purchaseHistories } from './purchase-histories.js';

describe('purchase histories', () => {
  const { x, tx, T } = purchaseHistories(20_000, seededChance(3));

  it('are possible: the last order lies within the age, and is there if there are repeats', () => {
    x.forEach((repeats, row) => {
      const [last = 0, age = 0] = [tx[row], T[row]];
      expect(last > 0).toBe(repeats > 0);
      expect(last).toBeLessThanOrEqual(age);
      expect(age).toBeGreaterThanOrEqual(27);
      expect(age).toBeLessThan(39);
    });
  });

  it('are those of the shop: about as many repeats as it should have by that age', () => {
    const repeats = x.reduce((sum, each) => sum + each, 0) / x.length;
    // Expected at 33 weeks: 1.07.
    expect(repeats).toBeGreaterThan(0.97);
    expect(repeats).toBeLessThan(1.17);
  });

  it('are the same for the same seed', () => {
    const [one, again, other] = [3, 3, 4].map((seed) => purchaseHistories(50, seededChance(seed)));
    expect(again).toEqual(one);
    expect(other).not.toEqual(one);
  });
});
