import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { assertNever, InvariantBroken } from './assert-never.js';
import { ERRORS, ThroughlineError } from './errors.js';
import { compareRefs } from './input-ref.js';
import { ok, refuse } from './result.js';

describe('compareRefs', () => {
  const ref = fc.record({ position: fc.nat({ max: 5 }), ordinal: fc.nat({ max: 5 }) });

  it('orders by position, then by ordinal', () => {
    expect(compareRefs({ position: 1, ordinal: 9 }, { position: 2, ordinal: 0 })).toBeLessThan(0);
    expect(compareRefs({ position: 2, ordinal: 1 }, { position: 2, ordinal: 0 })).toBeGreaterThan(
      0,
    );
    expect(compareRefs({ position: 2, ordinal: 1 }, { position: 2, ordinal: 1 })).toBe(0);
  });

  it('is a total order', () => {
    fc.assert(
      fc.property(ref, ref, ref, (a, b, c) => {
        expect(Math.sign(compareRefs(a, b))).toBe(0 - Math.sign(compareRefs(b, a)));
        if (compareRefs(a, b) <= 0 && compareRefs(b, c) <= 0) {
          expect(compareRefs(a, c)).toBeLessThanOrEqual(0);
        }
      }),
    );
  });
});

describe('refusals', () => {
  it('carries a code, the sentence of the table and the faults', () => {
    const error = new ThroughlineError('invalid_definition', undefined, [
      { path: 'a', code: 'b', message: 'c' },
    ]);
    expect(error.message).toBe(ERRORS.invalid_definition.sentence);
    expect(error.faults).toHaveLength(1);
    expect(error.cause).toBeUndefined();
    expect(error.retryAfterSeconds).toBeUndefined();
  });

  it('keeps the cause and the time to wait', () => {
    const cause = new InvariantBroken('x');
    const error = new ThroughlineError('overloaded', 'busy', [], { cause, retryAfterSeconds: 3 });
    expect(error).toMatchObject({ message: 'busy', cause, retryAfterSeconds: 3 });
  });

  it('says for every code whether it may be tried again, with a status that agrees', () => {
    for (const { status, retryable, sentence } of Object.values(ERRORS)) {
      expect(sentence.endsWith('.')).toBe(true);
      expect(retryable).toBe(status === 429 || status >= 500);
    }
  });

  it('is a value of its own kind', () => {
    expect(ok(1)).toEqual({ ok: true, value: 1 });
    expect(refuse('no')).toEqual({ ok: false, fault: 'no' });
  });
});

describe('assertNever', () => {
  it('breaks loudly on what the types said cannot be', () => {
    const surprise: unknown = 'surprise';
    expect(isTrusted(surprise) && (() => assertNever(surprise))).toThrow(InvariantBroken);
  });
});

/** What a type error elsewhere would do. */
function isTrusted(value: unknown): value is never {
  return value !== undefined;
}
