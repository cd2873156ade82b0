import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { damerauLevenshtein, jaroWinkler, soundex } from './text-distance.js';

describe('jaroWinkler', () => {
  it.each([
    ['martha', 'marhta', 0.9611],
    ['dixon', 'dicksonx', 0.8133],
    ['dwayne', 'duane', 0.84],
    ['jellyfish', 'smellyfish', 0.8963],
    ['jones', 'johnson', 0.8324],
    ['abc', 'xyz', 0],
    ['', 'abc', 0],
    ['', '', 1],
    ['müller', 'müller', 1],
  ])('%s and %s: %d', (left, right, wanted) => {
    expect(jaroWinkler(left, right)).toBeCloseTo(wanted, 4);
  });

  it('is the same both ways, and between 0 and 1', () => {
    const word = fc.string({ unit: fc.constantFrom('a', 'b', 'c', 'd'), maxLength: 9 });
    fc.assert(
      fc.property(word, word, (left, right) => {
        const likeness = jaroWinkler(left, right);
        expect(likeness).toBeCloseTo(jaroWinkler(right, left), 12);
        expect(likeness).toBeGreaterThanOrEqual(0);
        expect(likeness).toBeLessThanOrEqual(1);
      }),
    );
  });

  it('takes text of any length', () => {
    expect(jaroWinkler('a'.repeat(5_000), `b${'a'.repeat(5_000)}`)).toBeGreaterThan(0.99);
  });
});

describe('damerauLevenshtein', () => {
  it.each([
    ['smith', 'smith', 0],
    ['smith', 'smit', 1],
    ['smith', 'smyth', 1],
    ['smith', 'smiht', 1],
    ['smith', 'msiht', 2],
    ['ca', 'abc', 3],
    ['', 'ab', 2],
    ['abcdef', 'uvwxyz', 3],
    ['short', 'very much longer', 3],
  ])('%s and %s: %d, where 3 is more than 2', (left, right, wanted) => {
    expect(damerauLevenshtein(left, right, 2)).toBe(wanted);
  });

  it('equals the whole table, cut at what was asked for', () => {
    const word = fc.string({ unit: fc.constantFrom('a', 'b', 'c'), maxLength: 8 });
    fc.assert(
      fc.property(word, word, fc.integer({ min: 1, max: 3 }), (left, right, most) => {
        expect(damerauLevenshtein(left, right, most)).toBe(
          Math.min(wholeTable(left, right), most + 1),
        );
      }),
      { numRuns: 2_000 },
    );
  });
});

/** Optimal string alignment, the slow and obvious way. */
function wholeTable(left: string, right: string): number {
  const table = Array.from({ length: left.length + 1 }, (_, a) =>
    Array.from({ length: right.length + 1 }, (__, b) => (a === 0 ? b : b === 0 ? a : 0)),
  );
  const at = (a: number, b: number): number => table[a]?.[b] ?? 0;
  for (let a = 1; a <= left.length; a += 1) {
    for (let b = 1; b <= right.length; b += 1) {
      const costs = [
        at(a - 1, b) + 1,
        at(a, b - 1) + 1,
        at(a - 1, b - 1) + (left[a - 1] === right[b - 1] ? 0 : 1),
      ];
      const isSwap = left[a - 1] === right[b - 2] && left[a - 2] === right[b - 1];
      if (a > 1 && b > 1 && isSwap) costs.push(at(a - 2, b - 2) + 1);
      const row = table[a];
      if (row !== undefined) row[b] = Math.min(...costs);
    }
  }
  return at(left.length, right.length);
}

describe('soundex', () => {
  it.each([
    ['robert', 'r163'],
    ['rupert', 'r163'],
    ['ashcraft', 'a261'],
    ['tymczak', 't522'],
    ['pfister', 'p236'],
    ['honeyman', 'h555'],
    ['lee', 'l000'],
    ['мария', 'мари'],
    ['', ''],
  ])('%s: %s', (word, code) => {
    expect(soundex(word)).toBe(code);
  });
});
