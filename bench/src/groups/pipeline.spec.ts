import { describe, expect, it } from '@jest/globals';
import type { Sample } from '../lab/lane-watch.js';
import { lagOf } from './pipeline.js';

function sample(at: number, parts: Partial<Sample> = {}): Sample {
  return { at, done: 0, applied: 0, duplicates: 0, rowsBehind: 0, lagMs: 0, ...parts };
}

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
