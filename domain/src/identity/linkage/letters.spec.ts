import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { Letters } from './letters.js';
import { damerauLevenshtein, jaroWinkler } from './text-distance.js';

const word = fc.string({
  unit: fc.constantFrom(...'a b c d e f g h ä ß 1'.split(' ')),
  maxLength: 12,
});

describe('Letters', () => {
  it('answers by a glance what measuring would have answered', () => {
    fc.assert(
      fc.property(word, word, (left, right) => {
        const letters = new Letters([left, right]);
        const likeness = left === '' || right === '' ? 0 : jaroWinkler(left, right);
        const band = likeness >= 0.92 ? 0 : likeness >= 0.88 ? 1 : likeness >= 0.7 ? 2 : 3;
        expect(letters.band(0, letters, 1)).toBe(band);
        expect(letters.edits(0, 1, 2)).toBe(damerauLevenshtein(left, right, 2));
        expect(letters.edits(0, 1, 1)).toBe(damerauLevenshtein(left, right, 1));
      }),
      { numRuns: 3_000 },
    );
  });

  it('compares across two lists', () => {
    const [givens, families] = [new Letters(['ada']), new Letters(['grace', 'ada'])];
    expect(givens.band(0, families, 1)).toBe(0);
    expect(givens.band(0, families, 0)).toBe(3);
  });
});
