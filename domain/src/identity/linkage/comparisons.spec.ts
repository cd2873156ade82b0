import { describe, expect, it } from '@jest/globals';
import { comparisonOf } from './comparisons.js';
import { COLUMN_KINDS, type ColumnKind } from './kinds.js';

function levelName(kind: ColumnKind, left: string, right: string): string | undefined {
  const { levels, prepare } = comparisonOf(kind);
  return levels[prepare([left, right])(0, 1)];
}

describe('comparisons', () => {
  it.each<[ColumnKind, string, string, string]>([
    ['id', '1804974', '1804947', 'edit_1'],
    ['id', '1804974', '1804479', 'edit_2'],
    ['id', '1804974', '9916251', 'else'],
    ['given_name', 'martha', 'marhta', 'jaro_winkler_92'],
    ['given_name', 'jonathon', 'jonathan', 'jaro_winkler_92'],
    ['given_name', 'robert', 'roberto maria', 'jaro_winkler_88'],
    ['given_name', 'dwayne', 'duane', 'jaro_winkler_70'],
    ['given_name', 'ada', 'grace', 'else'],
    ['given_name', 'j', 'john', 'jaro_winkler_70'],
    ['given_name', 'j', 'peter', 'else'],
    ['given_name', 'anna', 'anna maria', 'jaro_winkler_92'],
    ['family_name', 'smith', 'smyth', 'jaro_winkler_88'],
    ['family_name', 'garcia', 'garcia lopez', 'jaro_winkler_92'],
    ['full_name', 'john smith', 'smith john', 'jaro_winkler_92'],
    ['email', 'ada@example.com', 'ada@example.org', 'user'],
    ['email', 'ada@example.com', 'ada@exampl.com', 'user'],
    ['email', 'ada.lovelace@example.com', 'ada.lovelac@web.de', 'user_like'],
    ['email', 'ada@example.com', 'grace@example.com', 'domain'],
    ['email', 'ada@example.com', 'grace@web.de', 'else'],
    ['email', 'adaexample.com', 'ada@example.com', 'user'],
    ['phone', '301234567', '301234576', 'edit_1'],
    ['phone', '301234567', '309876543', 'else'],
    ['date', '19710624', '19710524', 'edit_1'],
    ['date', '19710603', '19710306', 'edit_1'],
    ['date', '19710624', '19710705', 'near'],
    ['date', '19710624', '19860624', 'near'],
    ['date', '19710624', '19711201', 'year'],
    ['date', '19710624', '19890305', 'else'],
    ['date', '1971', '1972', 'edit_1'],
    ['date', '1971', '19890305', 'else'],
    ['postcode', '2119', '2191', 'edit_1'],
    ['postcode', 'sw1a1aa', 'sw1a2bb', 'area'],
    ['postcode', '2119', '4870', 'else'],
    ['address', '12 main st', '12 mian st', 'jaro_winkler_92'],
    ['address', 'main st 12', '12 main st', 'jaro_winkler_92'],
    ['address', '12 main st', '7 oak rd', 'else'],
    ['number', '100', '100.5', 'near'],
    ['number', '123', '132', 'near'],
    ['number', '7', '8', 'else'],
    ['category', 'nsw', 'vic', 'else'],
  ])('%s: %s and %s are %s', (kind, left, right, wanted) => {
    expect(levelName(kind, left, right)).toBe(wanted);
    expect(levelName(kind, right, left)).toBe(wanted);
  });

  it('have a level for everything, the last of which is else', () => {
    for (const kind of COLUMN_KINDS) {
      const { levels } = comparisonOf(kind);
      expect(levels[0]).toBe('exact');
      expect(levels.at(-1)).toBe('else');
      expect(levels.length).toBeLessThanOrEqual(7);
    }
  });
});
