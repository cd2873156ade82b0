import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { derivedId, newId } from './uuid.js';

const V7 = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
const instant = fc.integer({ min: 0, max: 2 ** 48 - 1 });
const parts = fc.array(fc.oneof(fc.string(), fc.integer()), { maxLength: 4 });

/** The milliseconds that a UUIDv7 carries. */
function timeOf(id: string): number {
  return Number.parseInt(id.slice(0, 8) + id.slice(9, 13), 16);
}

describe('a new id', () => {
  it('is a UUIDv7 of its instant', () => {
    fc.assert(
      fc.property(instant, (ms) => {
        const id = newId(ms);
        expect(id).toMatch(V7);
        expect(timeOf(id)).toBe(ms);
      }),
    );
  });

  it('sorts after every id of an earlier instant', () => {
    fc.assert(
      fc.property(instant, instant, (a, b) => {
        fc.pre(a !== b);
        expect(newId(Math.min(a, b)) < newId(Math.max(a, b))).toBe(true);
      }),
    );
  });

  it('is nobody else’s, even within one millisecond', () => {
    const ids = Array.from({ length: 10_000 }, () => newId(1_767_323_045_678));
    expect(new Set(ids).size).toBe(ids.length);
  });

  it.each([[-1], [Number.NEGATIVE_INFINITY]])('of before the epoch (%p) is of the epoch', (ms) => {
    expect(timeOf(newId(ms))).toBe(0);
  });

  it('drops fractions of a millisecond', () => {
    expect(timeOf(newId(1_234.9))).toBe(1_234);
  });
});

describe('a derived id', () => {
  it('is the same whenever the same input is applied', () => {
    fc.assert(
      fc.property(instant, parts, (ms, what) => {
        const id = derivedId(ms, ...what);
        expect(id).toMatch(V7);
        expect(id).toBe(derivedId(ms, ...what));
        expect(timeOf(id)).toBe(ms);
      }),
    );
  });

  it('differs where what it stands for differs, also by where one part ends and the next begins', () => {
    expect(derivedId(0, 'ab', 'c')).not.toBe(derivedId(0, 'a', 'bc'));
    expect(derivedId(0, 'ab')).not.toBe(derivedId(0, 'a', 'b'));
    expect(derivedId(0, 1, 23)).not.toBe(derivedId(0, 12, 3));
    expect(derivedId(0)).not.toBe(derivedId(0, 'a'));
    expect(derivedId(0, 'a')).not.toBe(derivedId(1, 'a'));
  });

  it('of many inputs at one clock is many ids', () => {
    const ids = Array.from({ length: 10_000 }, (_, ordinal) => derivedId(7, 'shop', 3, ordinal));
    expect(new Set(ids).size).toBe(ids.length);
  });
});
