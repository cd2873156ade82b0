import { describe, expect, it } from '@jest/globals';
import { makeBlocks } from './blocks.js';
import { seededChance } from '../../shared/index.js';
import { visitRandomPairs, visitSome } from './sampling.js';
import { finish } from './steps.js';

describe('random pairs', () => {
  it('are all of them where there are few', () => {
    const seen = new Set<string>();
    const draw = { wanted: 100, chance: seededChance(1) };
    finish(visitRandomPairs(6, draw, (a, b) => seen.add(`${a}-${b}`)));
    expect(seen.size).toBe(15);
  });

  it('are as many as wanted, never a row with itself, every row about as often', () => {
    const counts = new Array<number>(100).fill(0);
    let seen = 0;
    const draw = { wanted: 4_000, chance: seededChance(7) };
    finish(
      visitRandomPairs(100, draw, (a, b) => {
        expect(a).not.toBe(b);
        counts[a] = (counts[a] ?? 0) + 1;
        counts[b] = (counts[b] ?? 0) + 1;
        seen += 1;
      }),
    );
    expect(seen).toBe(4_000);
    expect(Math.min(...counts)).toBeGreaterThan(40);
    expect(Math.max(...counts)).toBeLessThan(130);
  });

  it('are the same for the same seed', () => {
    const draws = [1, 1, 2].map((seed) => {
      const chance = seededChance(seed);
      return [chance(), chance(), chance()];
    });
    expect(draws[0]).toEqual(draws[1]);
    expect(draws[0]).not.toEqual(draws[2]);
  });
});

describe('pairs drawn from blocks', () => {
  const keys = Int32Array.from({ length: 1_000 }, (_, row) => (row < 500 ? 0 : row));
  keys[998] = 999;
  const blocks = makeBlocks({ name: 'test', forces: [], keys }, Number.POSITIVE_INFINITY);

  it('agree on the key', () => {
    let seen = 0;
    const draw = { wanted: 500, chance: seededChance(3) };
    const counted = finish(
      visitSome(blocks, draw, (a, b) => {
        expect(keys[a]).toBe(keys[b]);
        expect(a).not.toBe(b);
        seen += 1;
      }),
    );
    expect([counted, seen]).toEqual([500, 500]);
  });

  it('are all of them where there are no more than wanted', () => {
    const few = makeBlocks({ name: 'few', forces: [], keys: Int32Array.of(0, 0, 1, 1, 1) }, 100);
    const seen: string[] = [];
    const draw = { wanted: 10, chance: seededChance(1) };
    expect(finish(visitSome(few, draw, (a, b) => seen.push(`${a}-${b}`)))).toBe(4);
    expect(seen).toHaveLength(4);
  });
});
