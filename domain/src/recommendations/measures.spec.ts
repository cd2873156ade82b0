import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { gainOf, measuresOf } from './index.js';

describe('the measures of two items', () => {
  it('are those that are published for a set of groceries', () => {
    // 9,835 baskets, other vegetables in 1,903, whole milk in 2,513, both in 736.
    const found = measuresOf({ both: 736, left: 1_903, right: 2_513, baskets: 9_835 });
    expect(found.support).toBeCloseTo(0.0748348, 6);
    expect(found.confidence).toBeCloseTo(0.3867578, 6);
    expect(found.lift).toBeCloseTo(1.5136341, 6);
    expect(found.jaccard).toBeCloseTo(0.2, 4);
    expect(found.cosine).toBeCloseTo(0.3365597, 6);
  });

  it('are counted by hand for four baskets', () => {
    // {a,b} {a,b,c} {a} {c}: a in 3, b in 2, both in 2.
    expect(measuresOf({ both: 2, left: 3, right: 2, baskets: 4 })).toEqual({
      support: 0.5,
      confidence: 2 / 3,
      lift: 2 / 3 / 0.5,
      jaccard: 2 / 3,
      cosine: 2 / Math.sqrt(6),
    });
  });

  it('are nothing where nothing was counted', () => {
    expect(measuresOf({ both: 0, left: 0, right: 0, baskets: 0 })).toEqual({
      support: 0,
      confidence: 0,
      lift: 0,
      jaccard: 0,
      cosine: 0,
    });
  });

  const counts = fc
    .record({ both: fc.nat(50), moreLeft: fc.nat(50), moreRight: fc.nat(50), others: fc.nat(500) })
    .map(({ both, moreLeft, moreRight, others }) => ({
      both,
      left: both + moreLeft,
      right: both + moreRight,
      baskets: both + moreLeft + moreRight + others,
    }));

  it('lie between none and all, and the symmetric ones do not ask who is left', () => {
    fc.assert(
      fc.property(counts, (pair) => {
        const one = measuresOf(pair);
        const other = measuresOf({ ...pair, left: pair.right, right: pair.left });
        for (const share of [one.support, one.confidence, one.jaccard, one.cosine]) {
          expect(share).toBeGreaterThanOrEqual(0);
          expect(share).toBeLessThanOrEqual(1 + 1e-12);
        }
        expect(one.lift).toBeCloseTo(other.lift, 9);
        expect([one.jaccard, one.cosine]).toEqual([other.jaccard, other.cosine]);
      }),
    );
  });

  it('gain nothing for two items that meet as chance would have it', () => {
    expect(gainOf({ both: 25, left: 50, right: 50, baskets: 100 }, 10)).toBe(0);
    expect(gainOf({ both: 10, left: 50, right: 50, baskets: 100 }, 10)).toBeLessThan(0);
  });

  it('draw a pair that met twice further down than one that met a thousand times', () => {
    const rare = gainOf({ both: 2, left: 2, right: 2, baskets: 10_000 }, 10);
    const known = gainOf({ both: 1_000, left: 2_000, right: 1_500, baskets: 10_000 }, 10);
    expect(measuresOf({ both: 2, left: 2, right: 2, baskets: 10_000 }).lift).toBe(5_000);
    expect(known).toBeGreaterThan(rare);
    // Without doubt the rare pair would win by far.
    expect(gainOf({ both: 2, left: 2, right: 2, baskets: 10_000 }, 0)).toBeGreaterThan(known);
  });

  it('gain less the more doubt there is', () => {
    fc.assert(
      fc.property(counts, fc.nat(100), (pair, shrinkage) => {
        const [less, more] = [gainOf(pair, shrinkage), gainOf(pair, shrinkage + 1)];
        expect(Math.abs(more)).toBeLessThanOrEqual(Math.abs(less));
      }),
    );
  });
});
