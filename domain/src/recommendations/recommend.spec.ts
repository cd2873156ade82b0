import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { buildModel, recommendFor } from './index.js';

const NOBODY: ReadonlySet<string> = new Set();
const SETTINGS = { minSupport: 1, perItem: 50, shrinkage: 1 };

/** Tea goes with pots, runners buy socks, and everybody buys the bag. */
const SHOP = buildModel(
  [
    ...Array.from({ length: 10 }, () => ['tea', 'pot']),
    ...Array.from({ length: 8 }, () => ['shoes', 'socks']),
    ...Array.from({ length: 12 }, () => ['bag']),
    ['tea', 'socks'],
  ],
  SETTINGS,
);

const ids = (history: readonly string[], n = 3, exclude: ReadonlySet<string> = new Set(history)) =>
  recommendFor(history, SHOP, { n, exclude }).map(({ itemId }) => itemId);

describe('a recommendation', () => {
  it('is what goes with what somebody bought, and says why', () => {
    const [first] = recommendFor(['tea'], SHOP, { n: 1, exclude: new Set(['tea']) });
    expect(first).toMatchObject({ itemId: 'pot', because: 'tea' });
    expect(ids(['shoes'])[0]).toBe('socks');
  });

  it('is what is popular for whoever has bought nothing, or nothing that is known', () => {
    expect(ids([])).toEqual(['bag', 'tea', 'pot']);
    expect(ids(['unheard-of'])).toEqual(['bag', 'tea', 'pot']);
    const all = recommendFor([], SHOP, { n: 9, exclude: NOBODY });
    expect(all.every(({ because }) => because === null)).toBe(true);
  });

  it('adds up what several purchases say', () => {
    const two = buildModel(
      [
        ...Array.from({ length: 4 }, () => ['a', 'x']),
        ...Array.from({ length: 4 }, () => ['b', 'x']),
        ...Array.from({ length: 5 }, () => ['a', 'y']),
        ...Array.from({ length: 20 }, () => ['z']),
      ],
      { ...SETTINGS, shrinkage: 5 },
    );
    const best = (history: string[]) =>
      recommendFor(history, two, { n: 1, exclude: new Set([...history, 'z']) })[0]?.itemId;
    expect(best(['a'])).toBe('y');
    expect(best(['a', 'b'])).toBe('x');
  });

  it('counts what was bought twice once', () => {
    expect(recommendFor(['tea', 'tea'], SHOP, { n: 3, exclude: NOBODY })).toEqual(
      recommendFor(['tea'], SHOP, { n: 3, exclude: NOBODY }),
    );
  });

  it('may name what was bought where the caller does not rule it out', () => {
    expect(ids(['tea', 'pot'], 2, NOBODY)).toContain('pot');
  });

  const baskets = fc.array(
    fc.array(fc.constantFrom<string[]>('a', 'b', 'c', 'd', 'e', 'f'), { maxLength: 5 }),
    { maxLength: 40 },
  );
  const some = fc.uniqueArray(fc.constantFrom<string[]>('a', 'b', 'c', 'd', 'e', 'f', 'g'));

  it('never names what is ruled out, names each once, best first, and no more than asked for', () => {
    fc.assert(
      fc.property(baskets, some, some, fc.nat(8), (log, history, ruledOut, n) => {
        const model = buildModel(log, SETTINGS);
        const named = recommendFor(history, model, { n, exclude: new Set(ruledOut) });
        const left = [...model.items.keys()].filter((item) => !ruledOut.includes(item));
        expect(named).toHaveLength(Math.min(n, left.length));
        expect(new Set(named.map(({ itemId }) => itemId)).size).toBe(named.length);
        expect(named.filter(({ itemId }) => ruledOut.includes(itemId))).toEqual([]);
        const scores = named.map(({ score }) => score);
        expect(scores).toEqual([...scores].sort((x, y) => y - x));
      }),
    );
  });

  it('gives a reason out of the history, and only where it moved something', () => {
    fc.assert(
      fc.property(baskets, some, (log, history) => {
        const model = buildModel(log, SETTINGS);
        for (const { itemId, score, because } of recommendFor(history, model, {
          n: 9,
          exclude: NOBODY,
        })) {
          const popularity = (model.items.get(itemId) ?? 0) / model.baskets;
          if (because === null) expect(score).toBe(popularity);
          else {
            expect(history).toContain(because);
            expect(score).toBeGreaterThan(popularity);
          }
        }
      }),
    );
  });
});
