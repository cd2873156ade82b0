import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { parseJson, utf8Length } from '../shared/index.js';
import { inspect } from './inspect.js';

describe('inspect', () => {
  it('never takes an event for larger than it is, in whatever way it was printed', () => {
    fc.assert(
      fc.property(fc.json({ stringUnit: 'binary' }), (text) => {
        const compact = JSON.stringify(parseJson(text));
        const { minLength } = inspect(parseJson(text) ?? null, true);
        expect(minLength).toBeLessThanOrEqual(utf8Length(compact));
        expect(minLength).toBeLessThanOrEqual(utf8Length(text));
      }),
      { numRuns: 1_000 },
    );
  });

  it.each(['{"a":"b"}', '{"a":null,"b":["",1,[2,"x"]]}', '[[null],{"k":{"l":"m"}}]', '""'])(
    'knows the exact size of %s, where nothing could be printed shorter',
    (text) => {
      expect(inspect(parseJson(text) ?? null, true).minLength).toBe(text.length);
    },
  );

  it('comes close for ordinary events, so that bodies need not be cut', () => {
    const event = {
      type: 'track',
      event: 'Product Added',
      userId: 'ada',
      messageId: 'node-next-1700000000000-1',
      timestamp: '2026-01-02T03:04:05.678Z',
      properties: { cart_id: 'cart-1', price: 19.99, quantity: 2, currency: 'EUR' },
      context: { library: { name: 'x', version: '2.3.0' } },
    };
    const { minLength, fault } = inspect(event, false);
    expect(fault).toBeNull();
    expect(minLength / JSON.stringify(event).length).toBeGreaterThan(0.9);
  });

  it('reports the first fault and stops', () => {
    expect(inspect({ a: { constructor: 1 }, b: Infinity }, true).fault?.code).toBe('forbidden_key');
    expect(inspect({ b: [Infinity], a: { constructor: 1 } }, true).fault?.code).toBe(
      'non_finite_number',
    );
    expect(inspect('x'.repeat(65_537), false).fault?.code).toBe('string_too_long');
  });

  it('leaves text alone where the body cannot hide any', () => {
    expect(inspect({ a: '\u0000' }, false).fault).toBeNull();
    expect(inspect({ a: '\u0000' }, true).fault?.code).toBe('nul_character');
  });

  it('doubts integers that may have been rounded, and no others', () => {
    expect(inspect([2 ** 53], true)).toMatchObject({ doubtfulNumber: true, fault: null });
    expect(inspect([Number.MAX_SAFE_INTEGER, -5, 0.1], true).doubtfulNumber).toBe(false);
  });
});
