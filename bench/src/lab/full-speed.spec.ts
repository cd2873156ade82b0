import { describe, expect, it } from '@jest/globals';
import { rateWithin } from './full-speed.js';
import type { Sample } from './lane-watch.js';

function sample(at: number, parts: Partial<Sample> = {}): Sample {
  return { at, done: 0, applied: 0, duplicates: 0, rowsBehind: 0, lagMs: 0, ...parts };
}

describe('the rate of a lane', () => {
  const samples = [0, 1, 2, 3, 4, 5].map((at) => sample(at, { done: at < 2 ? 0 : (at - 1) * 500 }));

  it('counts only what was finished in the measured time', () => {
    expect(rateWithin(samples, 2, 5)).toBe(500);
    expect(rateWithin(samples, 1.5, 4.2)).toBe(500);
  });

  it('is nothing where nobody looked twice', () => {
    expect(rateWithin(samples, 9, 12)).toBe(0);
    expect(rateWithin(samples, 2, 2.5)).toBe(0);
    expect(rateWithin([], 0, 1)).toBe(0);
  });
});
