import { describe, expect, it } from '@jest/globals';
import type { Sample } from '../lab/lane-watch.js';
import { lagOf, rateWithin } from './pipeline.js';

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

describe('the lag of a lane', () => {
  it('that stays level does not grow, whatever single looks see', () => {
    const level = Array.from({ length: 100 }, (_, at) =>
      sample(at, { lagMs: at % 10 === 0 ? 300 : 20 }),
    );
    const { endMs, worstMs, growthMsPerSecond } = lagOf(level);
    expect({ endMs, worstMs }).toEqual({ endMs: 20, worstMs: 300 });
    expect(Math.abs(growthMsPerSecond)).toBeLessThan(1);
  });

  it('of a lane that is too slow ends where it grew to', () => {
    const growing = Array.from({ length: 100 }, (_, at) => sample(at, { lagMs: at * 100 }));
    const { endMs, growthMsPerSecond } = lagOf(growing);
    expect(growthMsPerSecond).toBeCloseTo(100);
    expect(endMs).toBeGreaterThan(9_000);
  });

  it('of nothing is nothing', () => {
    expect(lagOf([sample(0)])).toEqual({ growthMsPerSecond: 0, endMs: 0, worstMs: 0 });
  });
});
