import { describe as group, expect, it } from '@jest/globals';
import { describe, literal } from './describe.js';
import type { Condition } from './types.js';

group('describe', () => {
  it.each<[Condition, string]>([
    [{ trait: 'plan', op: 'equals', value: 'pro' }, 'plan is "pro"'],
    [{ trait: 'age', op: 'gte', value: 18 }, 'age is at least 18'],
    [{ trait: 'email', op: 'exists' }, 'email is known'],
    [{ trait: 'plan', op: 'in', value: ['pro', 'max'] }, 'plan is one of "pro", "max"'],
    [{ event: 'Ordered' }, 'Ordered at least once'],
    [{ event: 'Ordered', count: { eq: 0 } }, 'Ordered never'],
    [{ event: 'Ordered', count: { eq: 1 } }, 'Ordered exactly once'],
    [
      { event: 'Ordered', count: { gte: 2, lte: 5 } },
      'Ordered at least 2 times and at most 5 times',
    ],
    [
      {
        event: 'Ordered',
        where: [
          { property: 'total', op: 'gt', value: 50 },
          { property: 'code', op: 'notExists' },
        ],
      },
      'Ordered (where total is more than 50 and code is not known) at least once',
    ],
    [{ segment: 'vip' }, 'is in segment vip'],
    [{ not: { segment: 'vip' } }, 'not (is in segment vip)'],
    [
      { all: [{ segment: 'a' }, { any: [{ segment: 'b' }, { event: 'C' }] }] },
      'is in segment a and (is in segment b or C at least once)',
    ],
  ])('%j', (condition, sentence) => {
    expect(describe(condition)).toBe(sentence);
  });

  it('keeps a long value to a line', () => {
    expect(literal('x'.repeat(500))).toHaveLength(120);
    expect(literal(null)).toBe('null');
    expect(literal(true)).toBe('true');
  });
});
