import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { parseTime } from './time.js';

describe('parseTime', () => {
  it.each([
    ['2026-01-02T03:04:05.678Z', 1_767_323_045_678],
    ['2026-01-02T03:04:05Z', 1_767_323_045_000],
    ['2026-01-02t03:04:05z', 1_767_323_045_000],
    ['2026-01-02 03:04:05Z', 1_767_323_045_000],
    ['2026-01-02T03:04:05.678901234Z', 1_767_323_045_678],
    ['2026-01-02T03:04:05,5Z', 1_767_323_045_500],
    ['2026-01-02T05:04:05+02:00', 1_767_323_045_000],
    ['2026-01-02T05:04:05+0200', 1_767_323_045_000],
    ['2026-01-01T22:04:05-05:00', 1_767_323_045_000],
    ['2026-01-02T03:04Z', 1_767_323_040_000],
    ['2026-01-02', 1_767_312_000_000],
    ['2024-02-29', 1_709_164_800_000],
    ['1970-01-01T00:00:00Z', 0],
    ['1969-12-31T23:59:59.999Z', -1],
    ['2016-12-31T23:59:60Z', 1_483_228_800_000],
    [1_767_323_045_678, 1_767_323_045_678],
    [1.9, 1],
  ])('reads %j', (value, expected) => {
    expect(parseTime(value)).toBe(expected);
  });

  it('reads a time without offset as UTC, wherever the machine stands', () => {
    expect(parseTime('2026-01-02T03:04:05')).toBe(1_767_323_045_000);
  });

  it.each([
    '',
    'yesterday',
    '1',
    '2026',
    '2026-1-2',
    '2026-13-01',
    '2026-00-01',
    '2026-01-00',
    '2025-02-29',
    '2026-02-31T00:00:00Z',
    '2026-01-02T24:00:00Z',
    '2026-01-02T03:60:00Z',
    '2026-01-02T03:04:05+25:00',
    '2026-01-02T03:04:05Z ',
    '0000-01-01T00:00:00Z',
    '+012026-01-02T03:04:05Z',
    'Fri, 02 Jan 2026 03:04:05 GMT',
    Number.NaN,
    Number.POSITIVE_INFINITY,
    1e300,
    null,
    undefined,
    true,
    {},
  ])('refuses %j', (value) => {
    expect(parseTime(value)).toBeUndefined();
  });

  it('reads back every instant that a machine prints', () => {
    const instants = fc.date({
      min: new Date('0001-01-01T00:00:00Z'),
      max: new Date('9999-12-31T23:59:59.999Z'),
      noInvalidDate: true,
    });
    fc.assert(
      fc.property(instants, (date) => {
        expect(parseTime(date.toISOString())).toBe(date.getTime());
      }),
      { numRuns: 2_000 },
    );
  });
});
