import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { seededChance } from '@throughline/domain/shared';
import { below, createZipf } from './random.js';

describe('seeded chance', () => {
  it('repeats itself from the same seed and differs from another', () => {
    const first = Array.from({ length: 20 }, seededChance(7));
    expect(Array.from({ length: 20 }, seededChance(7))).toEqual(first);
    expect(Array.from({ length: 20 }, seededChance(8))).not.toEqual(first);
  });

  it('stays in [0, 1) and below its bound for every seed', () => {
    fc.assert(
      fc.property(fc.integer(), fc.integer({ min: 1, max: 1_000 }), (seed, bound) => {
        const random = seededChance(seed);
        const value = random();
        expect(value).toBeGreaterThanOrEqual(0);
        expect(value).toBeLessThan(1);
        const whole = below(random, bound);
        expect(Number.isInteger(whole) && whole >= 0 && whole < bound).toBe(true);
      }),
    );
  });

  it('is uniform enough', () => {
    const random = seededChance(1);
    const tenths = new Array<number>(10).fill(0);
    for (let i = 0; i < 50_000; i += 1) {
      const tenth = below(random, 10);
      tenths[tenth] = (tenths[tenth] ?? 0) + 1;
    }
    for (const count of tenths) expect(count).toBeGreaterThan(4_700);
    for (const count of tenths) expect(count).toBeLessThan(5_300);
  });
});

describe('Zipf', () => {
  it('draws a rank in proportion to one over its number', () => {
    const draws = 200_000;
    const draw = createZipf(1_000, seededChance(3));
    const counts = new Map<number, number>();
    for (let i = 0; i < draws; i += 1) {
      const rank = draw();
      counts.set(rank, (counts.get(rank) ?? 0) + 1);
    }
    const harmonic = Array.from({ length: 1_000 }, (_, rank) => 1 / (rank + 1)).reduce(
      (a, b) => a + b,
    );
    for (const rank of [0, 1, 9]) {
      const expected = draws / (rank + 1) / harmonic;
      expect(counts.get(rank) ?? 0).toBeGreaterThan(expected * 0.9);
      expect(counts.get(rank) ?? 0).toBeLessThan(expected * 1.1);
    }
  });

  it('never leaves its ranks', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 50 }), fc.integer(), (count, seed) => {
        const draw = createZipf(count, seededChance(seed));
        for (let i = 0; i < 50; i += 1) {
          const rank = draw();
          expect(rank).toBeGreaterThanOrEqual(0);
          expect(rank).toBeLessThan(count);
        }
      }),
    );
  });

  it('reaches the first and the last rank at the ends of chance', () => {
    expect(createZipf(100, () => 0)()).toBe(0);
    expect(createZipf(100, () => 0.999_999_999)()).toBe(99);
  });
});
