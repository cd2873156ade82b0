import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { safeKey } from './safe-key.js';

describe('safeKey', () => {
  it('leaves plain keys as they are and spells everything else in bytes', () => {
    expect(safeKey('0197-a_B')).toBe('0197-a_B');
    expect(safeKey('a:b.c=d')).toBe('a=3Ab=2Ec=3Dd');
    expect(safeKey('a:b.c', ':')).toBe('a:b=2Ec');
    expect(safeKey('ü\r\n')).toBe('=C3=BC=0D=0A');
  });

  it('replaces a key too long for a header by its hash', () => {
    expect(safeKey('x'.repeat(180))).toHaveLength(180);
    expect(safeKey('x'.repeat(181))).toMatch(/^[0-9a-f]{64}$/);
  });

  it('never makes one key of two', () => {
    const text = fc.string({ unit: 'binary', maxLength: 40 });
    fc.assert(
      fc.property(text, text, (one, other) => {
        expect(safeKey(one, ':') === safeKey(other, ':')).toBe(one === other);
      }),
    );
  });
});
