import { describe, expect, it } from '@jest/globals';
import { field, numberIn, textIn } from './child.js';

describe('what another process said', () => {
  it('is read by name, and only what is its own', () => {
    expect(field({ a: 1 }, 'a')).toBe(1);
    expect(field({ a: 1 }, 'b')).toBeUndefined();
    expect(field({}, 'toString')).toBeUndefined();
    expect(field(null, 'a')).toBeUndefined();
  });

  it('is a number or a text, or refused by name', () => {
    expect(numberIn({ rate: 0 }, 'rate')).toBe(0);
    expect(textIn({ by: 'event' }, 'by')).toBe('event');
    expect(() => numberIn({ rate: '5' }, 'rate')).toThrow('rate is no number');
    expect(() => textIn({}, 'by')).toThrow('by is no text');
  });
});
