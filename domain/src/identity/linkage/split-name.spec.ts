import { describe, expect, it } from '@jest/globals';
import { splitName } from './split-name.js';

describe('splitName', () => {
  it.each([
    ['Ada Lovelace', 'Ada', 'Lovelace'],
    ['Lovelace, Ada', 'Ada', 'Lovelace'],
    ['Ada Augusta Lovelace', 'Ada Augusta', 'Lovelace'],
    ['Garcia Lopez, Maria', 'Maria', 'Garcia Lopez'],
    ['Prof. Dr. Ada Lovelace', 'Ada', 'Lovelace'],
    ['Frau Müller', 'Müller', ''],
    ['Herr', 'Herr', ''],
    ['Ada', 'Ada', ''],
    ['Lovelace,', 'Lovelace', ''],
    ['', '', ''],
  ])('%s: %s and %s', (raw, given, family) => {
    expect(splitName(raw)).toEqual({ given, family });
  });
});
