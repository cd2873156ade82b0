import { describe, expect, it } from '@jest/globals';
import { extractFacts, factKey, meetsBound, timesNeeded } from './facts.js';
import { leavesOf } from './leaves.js';
import type { AwaitedEvent, Condition, CountBound, PropertyFilter } from './types.js';

const big: PropertyFilter = { property: 'total', op: 'gte', value: 50 };
const euro: PropertyFilter = { property: 'currency', op: 'equals', value: 'EUR' };

const noMail: AwaitedEvent = { event: 'Mailed', absent: true, within: { days: 1 } };
const keyOf = (condition: Condition) => extractFacts(condition)[0]?.key;

describe('factKey', () => {
  it('is one for the same filters, in any order and however often', () => {
    const key = factKey({ event: 'Ordered', where: [big, euro] });
    expect(factKey({ event: 'Ordered', where: [euro, big] })).toBe(key);
    expect(factKey({ event: 'Ordered', where: [euro, big, euro] })).toBe(key);
    expect(factKey({ event: 'Ordered', where: [] })).toBe(factKey({ event: 'Ordered' }));
    expect(key).toMatch(/^[0-9a-f]{16}$/);
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
      factKey({ event: 'Ordered', range: { from: 1, to: null } }),
      factKey({ event: 'Ordered', range: { from: null, to: 1 } }),
      factKey({ event: 'Ordered', where: [big], range: { from: 1, to: null } }),
      keyOf({ sequence: [{ event: 'Ordered' }, { ...noMail, same: 'id' }] }),
      keyOf({ sequence: [{ event: 'Ordered' }, noMail] }),
      keyOf({ sequence: [{ event: 'Ordered', where: [big] }, noMail] }),
      keyOf({ sequence: [{ event: 'Ordered' }, { ...noMail, where: [big] }] }),
      keyOf({ sequence: [{ event: 'Mailed' }, { ...noMail, event: 'Ordered' }] }),
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

  it('keeps as much as the most demanding test needs', () => {
    const window = (count: CountBound): Condition => ({
      event: 'Ordered',
      within: { days: 1 },
      count,
    });
    const keeps = (...any: Condition[]) =>
      extractFacts({ any }).map((fact) => fact.kind === 'count' && fact.keep);
    expect(keeps({ event: 'Ordered' })).toEqual([{ times: 0, first: false, last: false }]);
    expect(keeps(window({ gte: 3 }), window({ lte: 3 }), window({ eq: 1 }))).toEqual([
      { times: 4, first: false, last: false },
    ]);
    expect(
      keeps(
        { event: 'Ordered', within: { days: 1 } },
        { firstEvent: 'Ordered', op: 'olderThan', value: { days: 1 } },
        { event: 'Ordered', count: { gte: 50 } },
        { lastEvent: 'Ordered', op: 'olderThan', value: { days: 1 } },
      ),
    ).toEqual([{ times: 1, first: true, last: true }]);
    expect(keeps({ event: 'Ordered', within: { before: 1 }, count: { gte: 9 } })).toEqual([
      { times: 0, first: false, last: false },
    ]);
  });

  it('names what an absence waits for', () => {
    expect(
      extractFacts({
        sequence: [
          { event: 'Viewed', where: [big, big] },
          { ...noMail, where: [euro], same: 'a.b' },
        ],
      }),
    ).toMatchObject([
      {
        kind: 'absence',
        event: 'Viewed',
        where: [big],
        awaited: 'Mailed',
        awaitedWhere: [euro],
        same: 'a.b',
      },
    ]);
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

describe('timesNeeded', () => {
  it.each<[CountBound | undefined, number]>([
    [undefined, 1],
    [{ gte: 0 }, 0],
    [{ gte: 5 }, 5],
    [{ lte: 5 }, 6],
    [{ eq: 5 }, 6],
    [{ eq: 0 }, 1],
    [{ gte: 2, lte: 5 }, 6],
    [{ gte: 8, lte: 5 }, 8],
  ])('%j: %d', (bound, times) => {
    expect(timesNeeded(bound)).toBe(times);
  });
});
