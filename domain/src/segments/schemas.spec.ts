import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { faultsOf } from '../shared/index.js';
import { CONDITION_LIMITS, ConditionSchema } from './schemas.js';
import { anyCondition } from './testing/generators.js';

function faults(value: unknown) {
  const parsed = ConditionSchema.safeParse(value);
  return parsed.success ? [] : faultsOf(parsed.error);
}

function nested(depth: number): unknown {
  let condition: unknown = { segment: 'a' };
  for (let level = 1; level < depth; level++) condition = { not: condition };
  return condition;
}

describe('ConditionSchema', () => {
  it('takes every condition of the language unchanged', () => {
    fc.assert(
      fc.property(anyCondition, (condition) => {
        expect(ConditionSchema.parse(condition)).toEqual(condition);
      }),
    );
  });

  it.each<[string, unknown, string]>([
    ['no known shape', { colour: 'red' }, ''],
    ['not an object', 'vip', ''],
    ['nothing', null, ''],
    ['a list', [], ''],
    ['two shapes at once', { segment: 'a', trait: 'b', op: 'exists' }, ''],
    ['an unknown key', { segment: 'a', why: 1 }, ''],
    ['an unknown operator', { trait: 'plan', op: 'matches', value: 'x' }, 'op'],
    ['an empty list', { all: [] }, 'all'],
    ['equals without a value', { trait: 'plan', op: 'equals' }, 'value'],
    ['exists with a value', { trait: 'plan', op: 'exists', value: 1 }, 'value'],
    ['a comparison with text', { trait: 'age', op: 'gt', value: '3' }, 'value'],
    ['in without a list', { trait: 'plan', op: 'in', value: 'pro' }, 'value'],
    ['in with an empty list', { trait: 'plan', op: 'in', value: [] }, 'value'],
    ['startsWith with nothing', { trait: 'plan', op: 'startsWith', value: '' }, 'value'],
    ['before with no time', { trait: 'since', op: 'before', value: 'Tuesday' }, 'value'],
    ['null as a value', { trait: 'plan', op: 'equals', value: null }, 'value'],
    ['a NUL', { trait: 'a\u0000b', op: 'exists' }, 'trait'],
    ['half a character', { event: '\ud800' }, 'event'],
    ['a long name', { event: 'x'.repeat(256) }, 'event'],
    ['a bound without a bound', { event: 'Ordered', count: {} }, 'count'],
    ['a negative count', { event: 'Ordered', count: { gte: -1 } }, 'count.gte'],
    ['half a count', { event: 'Ordered', count: { gte: 1.5 } }, 'count.gte'],
    ['a window without a length', { event: 'Ordered', within: { days: 0 } }, 'within'],
    ['a window of months', { event: 'Ordered', within: { months: 1 } }, 'within'],
    ['a window of a negative length', { event: 'Ordered', within: { days: -1 } }, 'within.days'],
    ['a window of words', { event: 'Ordered', within: 'today' }, 'within'],
    ['a window that is too long', { event: 'Ordered', within: { days: 365_251 } }, 'within'],
    [
      'a window that counts too far',
      { event: 'Ordered', within: 'P1D', count: { gte: 1_001 } },
      'count',
    ],
    [
      'a window that has to count one more',
      { event: 'Ordered', within: 'P1D', count: { eq: 1_000 } },
      'count',
    ],
    ['a range that is empty', { event: 'Ordered', within: { between: [5, 5] } }, 'within.between'],
    ['half a range', { event: 'Ordered', within: { between: [5] } }, 'within'],
    ['a range of words', { event: 'Ordered', within: { before: 'May' } }, 'within.before'],
    [
      'two ranges at once',
      { event: 'Ordered', within: { before: '2026-01-01', after: '2025-01-01' } },
      'within',
    ],
    ['a length for a time', { firstEvent: 'A', op: 'before', value: { days: 1 } }, 'value'],
    ['a time for a length', { lastEvent: 'A', op: 'olderThan', value: '2026-01-01' }, 'value'],
    ['first and last at once', { firstEvent: 'A', lastEvent: 'A', op: 'before', value: 5 }, ''],
    ['an occurrence without a test', { firstEvent: 'A' }, 'op'],
    [
      'a first event tested by something else',
      { firstEvent: 'A', op: 'withinNext', value: 'P1D' },
      'op',
    ],
    ['a sequence of one', { sequence: [{ event: 'A' }] }, 'sequence'],
    [
      'a sequence that waits for something that comes',
      { sequence: [{ event: 'A' }, { event: 'B', within: 'P1D' }] },
      'sequence.1.absent',
    ],
    [
      'an absence without a window',
      { sequence: [{ event: 'A' }, { event: 'B', absent: true }] },
      'sequence.1.within',
    ],
    [
      'an absence that lasts no time',
      { sequence: [{ event: 'A' }, { event: 'B', absent: true, within: 'P1D' }], for: 'PT0S' },
      'for',
    ],
    ['withinLast with a number', { trait: 'seen', op: 'withinLast', value: 7 }, 'value'],
    ['olderThan with a time', { trait: 'seen', op: 'olderThan', value: '2026-01-01' }, 'value'],
    ['withinNext without a value', { trait: 'seen', op: 'withinNext' }, 'value'],
    ['equals with an object', { trait: 'seen', op: 'equals', value: { days: 1 } }, 'value'],
    [
      'a filter that looks at the clock',
      { event: 'A', where: [{ property: 'x', op: 'withinLast', value: 'P1D' }] },
      'where.0.op',
    ],
    [
      'a fault deep inside',
      { all: [{ segment: 'a' }, { not: { trait: 'x', op: 'gt' } }] },
      'all.1.not.value',
    ],
    [
      'a fault in a filter',
      { event: 'A', where: [{ property: 'x', op: 'lt', value: [] }] },
      'where.0.value',
    ],
  ])('refuses %s', (_label, value, path) => {
    expect(faults(value).map((fault) => fault.path)).toContain(path);
  });

  it.each<unknown>([
    { event: 'Ordered', within: 'ever' },
    { event: 'Ordered', within: 'P30D', count: { gte: 1_000 } },
    { event: 'Ordered', within: { hours: 36 }, count: { lte: 999 } },
    { event: 'Ordered', within: { before: '2026-01-01' }, count: { gte: 1_000_000 } },
    { firstEvent: 'Ordered', op: 'olderThan', value: { days: 60 } },
    { lastEvent: 'Ordered', where: [], op: 'after', value: 1_767_355_200_000 },
    { sequence: [{ event: 'A' }, { event: 'B', absent: true, within: 'P1D', same: 'a.b' }] },
    { trait: 'renewal', op: 'withinNext', value: { weeks: 2 } },
    { trait: 'expires', op: 'olderThan', value: 'PT0S' },
  ])('takes %j', (condition) => {
    expect(faults(condition)).toEqual([]);
    expect(ConditionSchema.parse(condition)).toEqual(condition);
  });

  it('takes ten levels and refuses eleven', () => {
    expect(faults(nested(CONDITION_LIMITS.depth))).toEqual([]);
    expect(faults(nested(CONDITION_LIMITS.depth + 1))).toMatchObject([
      { message: 'deeper than 10 levels' },
    ]);
  });

  it('survives a tree that is a hundred thousand levels deep', () => {
    expect(faults(nested(100_000))).toHaveLength(1);
  });

  it('takes a hundred tests and refuses one more', () => {
    const any = (count: number) => ({
      any: Array.from({ length: count }, () => ({ segment: 'a' })),
    });
    expect(faults(any(100))).toEqual([]);
    expect(faults(any(101))).toMatchObject([{ message: 'more than 100 conditions' }]);
    expect(faults({ all: [any(60), any(40)] })).toEqual([]);
    expect(faults({ all: [any(60), any(41)] })).toMatchObject([
      { message: 'more than 100 conditions' },
    ]);
  });

  it('cannot be used to reach the prototype', () => {
    const hostile: unknown = JSON.parse('{"segment":"a","__proto__":{"admin":true}}');
    expect(faults(hostile).length).toBeGreaterThan(0);
    expect({}).not.toHaveProperty('admin');
  });
});
