import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { seededChance, shuffled } from './chance.js';

describe('chance with a seed', () => {
  it('draws the published numbers of mulberry32', () => {
    const chance = seededChance(0);
    expect([chance(), chance()]).toEqual([0.26642920868471265, 0.0003297457005828619]);
  });

  it('lies in [0, 1), and is the same for the same seed only', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 0xffffffff }), (seed) => {
        const [one, again, other] = [seed, seed, seed ^ 1].map((each) => {
          const chance = seededChance(each);
          return [chance(), chance(), chance()];
        });
        for (const drawn of one ?? []) expect(drawn >= 0 && drawn < 1).toBe(true);
        expect(again).toEqual(one);
        expect(other).not.toEqual(one);
      }),
    );
  });

  it('puts the same things into another order, and leaves the list alone', () => {
    fc.assert(
      fc.property(fc.array(fc.integer()), fc.integer({ min: 0 }), (items, seed) => {
        const before = [...items];
        const after = shuffled(items, seededChance(seed));
        expect(items).toEqual(before);
        expect([...after].sort((a, b) => a - b)).toEqual([...items].sort((a, b) => a - b));
      }),
    );
  });

  it('reaches every order about equally often', () => {
    const chance = seededChance(7);
    const counts = new Map<string, number>();
    for (let turn = 0; turn < 6_000; turn += 1) {
      const order = shuffled(['a', 'b', 'c'], chance).join('');
      counts.set(order, (counts.get(order) ?? 0) + 1);
    }
    expect(counts.size).toBe(6);
    for (const count of counts.values()) expect(Math.abs(count - 1_000)).toBeLessThan(150);
  });
});
