import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { losesPrecision } from './lossy-number.js';

describe('losesPrecision', () => {
  it.each([
    ['9007199254740993', true],
    ['-9007199254740993', true],
    ['{"a":12345678901234567890123}', true],
    ['[1,2,[9007199254740993]]', true],
    ['"\\\\",9007199254740993', true],
    ['9007199254740991', false],
    ['9007199254740992', false],
    ['100000000000000000000', false],
    ['1e400', false],
    ['9007199254740993.0', false],
    ['9007199254740993e0', false],
    ['0.9007199254740993123', false],
    ['1.9007199254740993', false],
    ['1E9007199254740993', false],
    ['"9007199254740993"', false],
    ['{"9007199254740993":1}', false],
    ['"a\\"9007199254740993"', false],
    ['', false],
  ])('%s: %s', (text, expected) => {
    expect(losesPrecision(text)).toBe(expected);
  });

  it('finds exactly the integers that do not survive', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: -(10n ** 25n), max: 10n ** 25n }), (integer) => {
        const survives = BigInt(Number(integer)) === integer;
        expect(losesPrecision(`{"a":"x","b":[${integer}]}`)).toBe(!survives);
      }),
    );
  });

  it('passes over a string of any length', () => {
    expect(losesPrecision(`["${'\\"9007199254740993'.repeat(20_000)}"]`)).toBe(false);
  });
});
