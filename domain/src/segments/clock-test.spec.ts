import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { clockTestChanges, clockTestHolds, type ClockTest } from './clock-test.js';

describe('a test of an instant against the clock', () => {
  it.each<[ClockTest['op'], number, boolean, number]>([
    ['olderThan', 1_009, false, 1_010],
    ['olderThan', 1_010, true, Infinity],
    ['withinLast', 900, true, 1_010],
    ['withinLast', 1_009, true, 1_010],
    ['withinLast', 1_010, false, Infinity],
    ['withinNext', 980, false, 991],
    ['withinNext', 990, false, 991],
    ['withinNext', 991, true, 1_001],
    ['withinNext', 1_000, true, 1_001],
    ['withinNext', 1_001, false, Infinity],
    ['before', 0, false, Infinity],
    ['after', 0, true, Infinity],
  ])('%s, of 1,000 by 10 at %d: %s until %d', (op, now, holds, next) => {
    expect(clockTestHolds({ op, ms: 10 }, 1_000, now)).toBe(holds);
    expect(clockTestChanges({ op, ms: 10 }, 1_000, now)).toBe(next);
  });

  it('changes exactly when it says', () => {
    const op = fc.constantFrom('olderThan' as const, 'withinLast' as const, 'withinNext' as const);
    const small = fc.integer({ min: 0, max: 12 });
    fc.assert(
      fc.property(op, small, small, small, (which, ms, time, now) => {
        const test = { op: which, ms };
        const holds = clockTestHolds(test, time, now);
        const later = Array.from({ length: 40 }, (_, index) => now + 1 + index);
        const changes = later.find((clock) => clockTestHolds(test, time, clock) !== holds);
        expect(clockTestChanges(test, time, now)).toBe(changes ?? Infinity);
      }),
      { numRuns: 500 },
    );
  });

  it('is false of a length that is none, and never changes', () => {
    for (const op of ['olderThan', 'withinLast', 'withinNext', 'before', 'after'] as const) {
      expect(clockTestHolds({ op, ms: NaN }, 5, 5)).toBe(false);
      expect(clockTestChanges({ op, ms: NaN }, 5, 5)).toBe(Infinity);
    }
  });
});
