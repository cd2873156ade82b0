import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { MutableFacts } from '../profiles/types.js';
import { compileSegments } from './compile-segments.js';
import { copyOf, countInto, totalOf, updateFacts, type CountedEvent } from './count-facts.js';
import { factKey } from './facts.js';
import type { Condition, CountFact, Keep, PropertyFilter } from './types.js';

const big: PropertyFilter = { property: 'total', op: 'gte', value: 50 };
const plain = factKey({ event: 'Ordered' });
const large = factKey({ event: 'Ordered', where: [big] });

function indexOf(condition: Condition) {
  return compileSegments([{ key: 'a', name: 'A', condition }]);
}

function ordered(eventTime: number, properties: CountedEvent['properties'] = {}): CountedEvent {
  return { name: 'Ordered', properties, eventTime };
}

const NOTHING: Keep = { times: 0, first: false, last: false };

function counting(keep: Partial<Keep>): CountFact[] {
  const rest = { event: 'Ordered', where: [], range: null };
  return [{ key: 'it', kind: 'count', ...rest, keep: { ...NOTHING, ...keep } }];
}

function afterTimes(keep: Partial<Keep>, times: readonly number[], facts: MutableFacts = {}) {
  for (const time of times) countInto(facts, counting(keep), ordered(time));
  return facts['it'];
}

describe('countInto', () => {
  it('changes what is given and names what changed', () => {
    const { facts: all } = indexOf({
      any: [{ event: 'Ordered' }, { event: 'Ordered', where: [big] }],
    });
    const facts: MutableFacts = {};
    expect(countInto(facts, all, ordered(1, { total: 10 }))).toEqual([plain]);
    expect(countInto(facts, all, ordered(2, { total: 99 }))).toEqual([plain, large]);
    expect(facts).toEqual({ [plain]: 2, [large]: 1 });
  });

  it('answers the same empty list whenever nothing counts', () => {
    const { facts: all } = indexOf({ event: 'Ordered', where: [big] });
    const facts: MutableFacts = {};
    const nothing = countInto(facts, all, ordered(1));
    expect(nothing).toEqual([]);
    expect(countInto(facts, all, { ...ordered(1, { total: 99 }), name: 'Left' })).toBe(nothing);
    expect(countInto(facts, [], ordered(1, { total: 99 }))).toBe(nothing);
    expect(facts).toEqual({});
  });

  it.each<[Partial<Keep>, unknown]>([
    [{}, 4],
    [{ first: true }, { n: 4, f: 10 }],
    [{ last: true }, { n: 4, l: 40 }],
    [{ times: 2 }, { n: 4, t: [40, 30] }],
    [
      { times: 9, first: true, last: true },
      { n: 4, f: 10, l: 40, t: [40, 30, 30, 10] },
    ],
  ])('keeps with %j what is asked for', (keep, state) => {
    expect(afterTimes(keep, [30, 10, 40, 30])).toEqual(state);
    expect(afterTimes(keep, [10, 30, 30, 40])).toEqual(state);
  });

  it('goes on where less or more is asked for than before', () => {
    const full = () => ({ it: { n: 3, f: 10, l: 30, t: [30, 20, 10] } });
    expect(afterTimes({ times: 2 }, [5], full())).toEqual({ n: 4, t: [30, 20] });
    expect(afterTimes({ first: true }, [5], full())).toEqual({ n: 4, f: 5 });
    expect(afterTimes({ last: true }, [5], full())).toEqual({ n: 4, l: 30 });
    expect(afterTimes({}, [5], full())).toBe(4);
    expect(afterTimes({ times: 1 }, [5], { it: 3 })).toEqual({ n: 4, t: [5] });
  });

  it('counts a range of event times only', () => {
    const { facts: all } = indexOf({ event: 'Ordered', within: { between: [10, 20] } });
    const facts: MutableFacts = {};
    for (const time of [9, 10, 19, 20]) countInto(facts, all, ordered(time));
    expect(Object.values(facts)).toEqual([2]);
  });

  it('keeps the newest times of any times in any order', () => {
    const times = fc.array(fc.integer({ min: 0, max: 50 }), { minLength: 1, maxLength: 30 });
    fc.assert(
      fc.property(times, fc.integer({ min: 1, max: 8 }), (all, limit) => {
        const newest = [...all].sort((a, b) => b - a).slice(0, limit);
        expect(afterTimes({ times: limit }, all)).toEqual({ n: all.length, t: newest });
      }),
    );
  });
});

describe('updateFacts', () => {
  const index = indexOf({
    any: [{ event: 'Ordered' }, { event: 'Ordered', where: [big], within: { days: 1 } }],
  });

  it('counts what matches and leaves what is given as it was', () => {
    const first = updateFacts(index, {}, ordered(1, { total: 99 }));
    expect(first).toEqual({
      facts: { [plain]: 1, [large]: { n: 1, t: [1] } },
      changedKeys: [plain, large],
    });
    const second = updateFacts(index, first.facts, ordered(2, { total: 99 }));
    expect(second.facts).toEqual({ [plain]: 2, [large]: { n: 2, t: [2] } });
    expect(first.facts).toEqual({ [plain]: 1, [large]: { n: 1, t: [1] } });
  });

  it('returns the same object when nothing counts', () => {
    const facts = { [plain]: 1 };
    expect(updateFacts(index, facts, { ...ordered(1), name: 'Left' }).facts).toBe(facts);
    const narrow = indexOf({ event: 'Ordered', where: [big] });
    const updated = updateFacts(narrow, facts, ordered(1));
    expect(updated.facts).toBe(facts);
    expect(updated.changedKeys).toEqual([]);
  });
});

describe('a state', () => {
  it('is copied whole', () => {
    const states = [
      3,
      { n: 3, f: 1 },
      { n: 3, l: 2, t: [2, 1] },
      { k: { '"a"': { b: null, a: [1, 2] }, '': { b: 7, a: [] } } },
    ];
    const before = JSON.stringify(states);
    const copies = states.map(copyOf);
    expect(copies).toEqual(states);
    for (const copy of copies) {
      if (typeof copy === 'number') continue;
      if ('n' in copy) copy.t?.push(99);
      else for (const key in copy.k) copy.k[key]?.a.push(99);
    }
    expect(JSON.stringify(states)).toBe(before);
  });

  it('has a total, whatever is kept', () => {
    expect([undefined, 3, { n: 4, t: [] }, { k: {} }].map(totalOf)).toEqual([0, 3, 4, 0]);
  });
});
