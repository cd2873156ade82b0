import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { batches } from './batches.js';

const sized = (...sizes: number[]): { bytes: number }[] => sizes.map((bytes) => ({ bytes }));

describe('batches', () => {
  it('cuts by count', () => {
    const cut = batches(sized(1, 1, 1, 1, 1), { maxItems: 2, maxBytes: 100 });
    expect(cut.map((batch) => batch.length)).toEqual([2, 2, 1]);
  });

  it('cuts by bytes', () => {
    const cut = batches(sized(60, 60, 30, 10, 1), { maxItems: 10, maxBytes: 100 });
    expect(cut).toEqual([sized(60), sized(60, 30, 10), sized(1)]);
  });

  it('makes no batch of nothing', () => {
    expect(batches([], { maxItems: 2, maxBytes: 10 })).toEqual([]);
  });

  it('loses nothing, doubles nothing, keeps the order and both limits', () => {
    const entry = fc.record({ bytes: fc.integer({ min: 0, max: 50 }), id: fc.nat() });
    fc.assert(
      fc.property(fc.array(entry), fc.integer({ min: 1, max: 7 }), (entries, maxItems) => {
        const cut = batches(entries, { maxItems, maxBytes: 50 });
        expect(cut.flat()).toEqual(entries);
        for (const batch of cut) {
          expect(batch.length).toBeGreaterThan(0);
          expect(batch.length).toBeLessThanOrEqual(maxItems);
          expect(batch.reduce((sum, one) => sum + one.bytes, 0)).toBeLessThanOrEqual(50);
        }
      }),
    );
  });
});
