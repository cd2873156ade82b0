import { describe, expect, it } from '@jest/globals';
import { growthEach } from './disk.js';

describe('what has come on top', () => {
  it('is told for each of them, the largest first, without what did not grow', () => {
    const before = new Map([
      ['own.wait', 8_192],
      ['own.trail', 16_384],
      ['own.outbox', 8_192],
    ]);
    const after = new Map([
      ['own.wait', 16_384],
      ['own.trail', 57_344],
      ['own.outbox', 8_192],
      ['own.fresh', 4_096],
    ]);
    expect(growthEach(before, after, 16)).toEqual([
      ['own.trail', 2_560],
      ['own.wait', 512],
      ['own.fresh', 256],
    ]);
  });

  it('is nothing where a table has shrunk', () => {
    expect(growthEach(new Map([['t', 2]]), new Map([['t', 1]]), 1)).toEqual([]);
  });
});
