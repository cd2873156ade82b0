import { describe, expect, it } from '@jest/globals';
import { compileSegments } from './compile-segments.js';
import { countFacts, extractFacts, factKey, leavesOf, meetsBound, updateFacts } from './facts.js';
import type { Condition, CountBound, PropertyFilter } from './types.js';

const big: PropertyFilter = { property: 'total', op: 'gte', value: 50 };
const euro: PropertyFilter = { property: 'currency', op: 'equals', value: 'EUR' };

describe('factKey', () => {
  it('is one for the same filters, in any order and however often', () => {
    const key = factKey({ event: 'Ordered', where: [big, euro] });
    expect(factKey({ event: 'Ordered', where: [euro, big] })).toBe(key);
    expect(factKey({ event: 'Ordered', where: [euro, big, euro] })).toBe(key);
    expect(factKey({ event: 'Ordered', where: [] })).toBe(factKey({ event: 'Ordered' }));
    expect(key).toMatch(/^[0-9a-f]{24}$/);
  });

  it('is another for anything else', () => {
    const keys = [
      factKey({ event: 'Ordered' }),
      factKey({ event: 'ordered' }),
      factKey({ event: 'Ordered', where: [big] }),
      factKey({ event: 'Ordered', where: [{ ...big, value: 51 }] }),
      factKey({ event: 'Ordered', where: [{ ...big, value: '50' }] }),
      factKey({ event: 'Ordered', where: [{ ...big, op: 'gt' }] }),
      factKey({ event: 'Ordered', where: [{ property: 'total', op: 'exists' }] }),
      factKey({ event: 'Ordered', where: [big, euro] }),
      factKey({ event: 'Ordered["total","gte",50]' }),
    ];
    expect(new Set(keys).size).toBe(keys.length);
  });
});

describe('extractFacts', () => {
  it('finds each fact once, wherever it stands', () => {
    const condition: Condition = {
      all: [
        { event: 'Ordered', where: [big] },
        {
          not: { any: [{ event: 'Ordered', where: [big], count: { gte: 3 } }, { event: 'Left' }] },
        },
        { trait: 'plan', op: 'exists' },
        { segment: 'vip' },
      ],
    };
    const facts = extractFacts(condition);
    expect(facts.map(({ event, where }) => [event, where.length])).toEqual([
      ['Ordered', 1],
      ['Left', 0],
    ]);
    expect(leavesOf(condition)).toHaveLength(5);
  });
});

describe('meetsBound', () => {
  it.each<[number, CountBound | undefined, boolean]>([
    [0, undefined, false],
    [1, undefined, true],
    [0, { eq: 0 }, true],
    [0, { lte: 2 }, true],
    [3, { lte: 2 }, false],
    [3, { gte: 3 }, true],
    [2, { gte: 3 }, false],
    [2, { eq: 2, gte: 3 }, false],
  ])('%d with %j: %s', (count, bound, expected) => {
    expect(meetsBound(count, bound)).toBe(expected);
  });
});

describe('updateFacts', () => {
  const condition: Condition = { any: [{ event: 'Ordered' }, { event: 'Ordered', where: [big] }] };
  const index = compileSegments([{ key: 'a', name: 'A', condition }]);
  const plain = factKey({ event: 'Ordered' });
  const large = factKey({ event: 'Ordered', where: [big] });

  it('counts what matches and names it', () => {
    const first = updateFacts(index, {}, { name: 'Ordered', properties: { total: 10 } });
    expect(first).toEqual({ facts: { [plain]: 1 }, changedKeys: [plain] });
    const second = updateFacts(index, first.facts, { name: 'Ordered', properties: { total: 99 } });
    expect(second.facts).toEqual({ [plain]: 2, [large]: 1 });
    expect(first.facts).toEqual({ [plain]: 1 });
  });

  it('returns the same object when nothing counts', () => {
    const facts = { [plain]: 1 };
    expect(updateFacts(index, facts, { name: 'Left', properties: {} }).facts).toBe(facts);
    const narrow = compileSegments([
      { key: 'b', name: 'B', condition: { event: 'Ordered', where: [big] } },
    ]);
    expect(updateFacts(narrow, facts, { name: 'Ordered', properties: {} })).toEqual({
      facts,
      changedKeys: [],
    });
  });

  it('counts given facts from the past alike', () => {
    const counting = extractFacts(condition);
    const events = [10, 60, 70].map((total) => ({ name: 'Ordered', properties: { total } }));
    const counted = events.reduce((facts, event) => countFacts(counting, facts, event), {});
    expect(counted).toEqual({ [plain]: 3, [large]: 2 });
    expect(countFacts(counting, counted, { name: 'Left', properties: {} })).toBe(counted);
  });
});
