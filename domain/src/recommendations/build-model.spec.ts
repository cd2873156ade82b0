import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { buildModel, gainOf, MOST_IN_BASKET } from './index.js';

const SETTINGS = { minSupport: 1, perItem: 100, shrinkage: 0 };

describe('a model', () => {
  it('counts baskets, items, and pairs in both directions', () => {
    const baskets = [['tea', 'pot'], ['tea', 'pot', 'cup'], ['cup'], ['lamp'], []];
    const { baskets: count, items, related } = buildModel(baskets, SETTINGS);
    expect(count).toBe(4);
    expect(Object.fromEntries(items)).toEqual({ tea: 2, pot: 2, cup: 2, lamp: 1 });
    expect(related.get('tea')).toEqual([{ itemId: 'pot', both: 2 }]);
    expect(related.get('pot')).toEqual([{ itemId: 'tea', both: 2 }]);
    // cup met tea once of the two times that chance alone would have it: no relative.
    expect(related.get('cup')).toBeUndefined();
  });

  it('counts an item that is in a basket twice as one', () => {
    const { items, related } = buildModel([['a', 'a', 'b'], ['c']], SETTINGS);
    expect(items.get('a')).toBe(1);
    expect(related.get('a')).toEqual([{ itemId: 'b', both: 1 }]);
  });

  it('leaves out pairs below the support, and more relatives than are wanted', () => {
    const baskets = [
      ...Array.from({ length: 5 }, () => ['a', 'b']),
      ...Array.from({ length: 4 }, () => ['a', 'c']),
      ...Array.from({ length: 3 }, () => ['a', 'd']),
      ...Array.from({ length: 20 }, () => ['x']),
    ];
    expect(buildModel(baskets, { ...SETTINGS, minSupport: 4 }).related.get('a')).toEqual([
      { itemId: 'b', both: 5 },
      { itemId: 'c', both: 4 },
    ]);
    expect(buildModel(baskets, { ...SETTINGS, perItem: 1 }).related.get('a')).toEqual([
      { itemId: 'b', both: 5 },
    ]);
  });

  it('takes no more of a huge basket than its share', () => {
    const wholesale = Array.from({ length: 1_000 }, (_, at) => String(at).padStart(4, '0'));
    const { items } = buildModel([wholesale], SETTINGS);
    expect(items.size).toBe(MOST_IN_BASKET);
    expect(items.has('0099')).toBe(true);
    expect(items.has('0100')).toBe(false);
  });

  const baskets = fc.array(
    fc.array(fc.constantFrom<string[]>('a', 'b', 'c', 'd', 'e'), { maxLength: 6 }),
    {
      maxLength: 30,
    },
  );

  it('agrees with counting every pair over every basket', () => {
    fc.assert(
      fc.property(baskets, fc.nat({ max: 3 }), (log, shrinkage) => {
        const settings = { minSupport: 2, perItem: 3, shrinkage };
        const { items, related, baskets: count } = buildModel(log, settings);
        const sets = log.map((basket) => new Set(basket)).filter((basket) => basket.size > 0);
        const holding = (...wanted: string[]): number =>
          sets.filter((basket) => wanted.every((item) => basket.has(item))).length;
        expect(count).toBe(sets.length);
        for (const left of ['a', 'b', 'c', 'd', 'e']) {
          expect(items.get(left) ?? 0).toBe(holding(left));
          const expected = ['a', 'b', 'c', 'd', 'e']
            .filter((right) => right !== left && holding(left, right) >= 2)
            .map((itemId) => {
              const both = holding(left, itemId);
              const pair = { both, left: holding(left), right: holding(itemId), baskets: count };
              return { itemId, both, gain: gainOf(pair, shrinkage) };
            })
            .filter(({ gain }) => gain > 0)
            .sort((x, y) => y.gain - x.gain || y.both - x.both || (x.itemId < y.itemId ? -1 : 1))
            .slice(0, 3);
          expect(related.get(left) ?? []).toEqual(
            expected.map(({ itemId, both }) => ({ itemId, both })),
          );
        }
      }),
    );
  });

  it('does not ask in which order baskets and lines came', () => {
    fc.assert(
      fc.property(baskets, (log) => {
        const turned = log.map((basket) => [...basket].reverse()).reverse();
        const [one, other] = [buildModel(log, SETTINGS), buildModel(turned, SETTINGS)];
        expect(Object.fromEntries(one.related)).toEqual(Object.fromEntries(other.related));
      }),
    );
  });
});
