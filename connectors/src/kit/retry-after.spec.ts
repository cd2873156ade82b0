import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { parseRetryAfter } from './retry-after.js';

const NOW = Date.UTC(2026, 0, 1);

describe('parseRetryAfter', () => {
  it.each<[string | undefined, number | undefined]>([
    [undefined, undefined],
    ['', undefined],
    ['soon', undefined],
    ['-5', undefined],
    ['2 apples', undefined],
    ['2026', 2_026_000],
    ['1', 1_000],
    [' 30 ', 30_000],
    ['0', 1_000],
    ['0.2', 1_000],
    ['1.5', 1_500],
    ['86400', 3_600_000],
    ['99999999999999999999', 3_600_000],
    ['Thu, 01 Jan 2026 00:00:10 GMT', 10_000],
    ['Thu, 01 Jan 2026 03:00:00 GMT', 3_600_000],
    ['Wed, 31 Dec 2025 23:00:00 GMT', 1_000],
    ['Thursday, 01-Jan-26 00:01:00 GMT', 60_000],
    ['Thu, not a date', undefined],
  ])('reads %j as %j', (value, expected) => {
    expect(parseRetryAfter(value, NOW)).toBe(expected);
  });

  it('never leaves the bounds of a second and an hour', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.nat().map(String),
          fc.date({ noInvalidDate: true }).map((d) => d.toUTCString()),
          fc.string(),
        ),
        (value) => {
          const afterMs = parseRetryAfter(value, NOW);
          if (afterMs === undefined) return;
          expect(afterMs).toBeGreaterThanOrEqual(1_000);
          expect(afterMs).toBeLessThanOrEqual(3_600_000);
        },
      ),
    );
  });
});
