import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { hasLoneSurrogate, hasNul, isWellFormedText, utf8Length } from './text.js';

describe('text that PostgreSQL refuses', () => {
  it.each([
    ['plain', false],
    ['emoji \ud83d\ude00 is whole', false],
    ['\ud83d', true],
    ['\ude00', true],
    ['\ude00\ud83d', true],
    ['a\ud83d\ude00\ud83d', true],
  ])('%j: lone surrogate %s', (text, expected) => {
    expect(hasLoneSurrogate(text)).toBe(expected);
    expect(isWellFormedText(text)).toBe(!expected);
  });

  it('finds a NUL anywhere', () => {
    expect(hasNul('a\u0000b')).toBe(true);
    expect(isWellFormedText('a\u0000b')).toBe(false);
    expect(hasNul('a\\u0000b')).toBe(false);
  });
});

describe('utf8Length', () => {
  it.each([
    ['', 0],
    ['abc', 3],
    ['é', 2],
    ['€', 3],
    ['😀', 4],
    ['\ud83d', 3],
  ])('counts %j as %d bytes', (text, bytes) => {
    expect(utf8Length(text)).toBe(bytes);
  });

  it('agrees with an encoder on any text', () => {
    const encoder = new TextEncoder();
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(utf8Length(text)).toBe(encoder.encode(text).length);
      }),
    );
  });
});
