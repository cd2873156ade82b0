import { describe as group, expect, it } from '@jest/globals';
import { describe, instantText, literal } from './describe.js';
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
    [{ event: 'Ordered', within: 'ever' }, 'Ordered at least once'],
    [
      { event: 'Ordered', count: { gte: 3 }, within: { days: 30 } },
      'Ordered at least 3 times within the last 30 d',
    ],
    [{ event: 'Ordered', within: 'PT90M' }, 'Ordered at least once within the last 1 h 30 min'],
    [
      { event: 'Ordered', within: { between: ['2026-01-01', '2026-02-01'] } },
      'Ordered at least once between "2026-01-01" and "2026-02-01"',
    ],
    [
      { event: 'Ordered', count: { eq: 0 }, within: { before: '2026-01-01' } },
      'Ordered never before "2026-01-01"',
    ],
    [{ event: 'Ordered', within: { after: 5 } }, 'Ordered at least once after 5'],
    [
      { firstEvent: 'Ordered', op: 'olderThan', value: { days: 60 } },
      'the first Ordered is older than 60 d',
    ],
    [
      {
        lastEvent: 'Ordered',
        where: [{ property: 'total', op: 'gt', value: 50 }],
        op: 'before',
        value: '2026-01-01',
      },
      'the last Ordered (where total is more than 50) is before "2026-01-01"',
    ],
    [
      { sequence: [{ event: 'Viewed' }, { event: 'Ordered', absent: true, within: 'PT24H' }] },
      'Viewed, then no Ordered within 1 d',
    ],
    [
      {
        sequence: [
          { event: 'Viewed', where: [{ property: 'total', op: 'gt', value: 50 }] },
          { event: 'Ordered', absent: true, within: { hours: 2 }, same: 'productId' },
        ],
        for: { days: 7 },
      },
      'Viewed (where total is more than 50), then no Ordered with the same productId within 2 h, for 7 d',
    ],
    [{ trait: 'seen', op: 'withinLast', value: { days: 7 } }, 'seen is within the last 7 d'],
    [{ trait: 'seen', op: 'olderThan', value: 'P1W' }, 'seen is older than 7 d'],
    [{ trait: 'renewal', op: 'withinNext', value: { days: 7 } }, 'renewal is within the next 7 d'],
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

  it('writes instants in one way', () => {
    expect(instantText(1_767_355_200_000)).toBe('2026-01-02T12:00:00.000Z');
  });
});
