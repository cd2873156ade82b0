import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { seededDice } from './random.js';

describe('dice with a seed', () => {
  it('throws the same again for the same seed, and otherwise for another', () => {
    const throws = (seed: number): number[] => {
      const dice = seededDice(seed);
      return Array.from({ length: 20 }, () => dice.next());
    };
    expect(throws(7)).toEqual(throws(7));
    expect(throws(7)).not.toEqual(throws(8));
  });

  it('stays within what was asked for, whatever the seed', () => {
    fc.assert(
      fc.property(fc.nat(), fc.integer(), fc.nat(1_000), (seed, least, width) => {
        const dice = seededDice(seed);
        const value = dice.whole(least, least + width);
        expect(value).toBeGreaterThanOrEqual(least);
        expect(value).toBeLessThanOrEqual(least + width);
        expect(Number.isInteger(value)).toBe(true);
        const next = dice.next();
        expect(next).toBeGreaterThanOrEqual(0);
        expect(next).toBeLessThan(1);
      }),
    );
  });

  it('spreads its throws evenly', () => {
    const dice = seededDice(42);
    const boxes = Array.from({ length: 10 }, () => 0);
    for (let n = 0; n < 10_000; n += 1) {
      const box = dice.whole(0, 9);
      boxes[box] = (boxes[box] ?? 0) + 1;
    }
    for (const count of boxes) {
      expect(count).toBeGreaterThan(850);
      expect(count).toBeLessThan(1_150);
    }
  });

  it('shuffles without losing or inventing anything', () => {
    fc.assert(
      fc.property(fc.nat(), fc.array(fc.nat(50)), (seed, items) => {
        const shuffled = seededDice(seed).shuffle(items);
        expect([...shuffled].sort((a, b) => a - b)).toEqual([...items].sort((a, b) => a - b));
      }),
    );
  });

  it('never takes a chance of nothing and always one of all', () => {
    const dice = seededDice(3);
    for (let n = 0; n < 100; n += 1) {
      expect(dice.chance(0)).toBe(false);
      expect(dice.chance(1)).toBe(true);
    }
  });
});
