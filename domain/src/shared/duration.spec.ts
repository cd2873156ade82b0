import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { describeDuration, durationMs } from './duration.js';

describe('durationMs', () => {
  it.each([
    ['PT0S', 0],
    ['PT1.5S', 1_500],
    ['PT30M', 1_800_000],
    ['P1D', 86_400_000],
    ['P3DT12H', 302_400_000],
    ['P2W', 1_209_600_000],
    [{ days: 3 }, 259_200_000],
    [{ hours: 1, minutes: 30 }, 5_400_000],
    [{ milliseconds: 5 }, 5],
    [{ seconds: 0 }, 0],
  ])('reads %j as %d ms', (value, expected) => {
    expect(durationMs(value)).toBe(expected);
  });

  it.each([
    'P',
    'PT',
    '',
    'P1DT',
    'P1Y',
    'P1M',
    '1D',
    'P-1D',
    'PT1H30',
    ' P1D',
    `P${'9'.repeat(400)}D`,
    {},
    { days: -1 },
    { days: '1' },
    { days: Number.NaN },
    { days: 1e300 },
    { months: 1 },
    { __proto__: { days: 1 } },
    [1],
    3,
    null,
    undefined,
  ])('refuses %j', (value) => {
    expect(durationMs(value)).toBeUndefined();
  });

  it('agrees between both ways of writing', () => {
    const whole = fc.integer({ min: 0, max: 1_000 });
    fc.assert(
      fc.property(whole, whole, whole, (days, hours, seconds) => {
        const iso = `P${days}DT${hours}H${seconds}S`;
        expect(durationMs(iso)).toBe(durationMs({ days, hours, seconds }));
      }),
    );
  });
});

describe('describeDuration', () => {
  it.each([
    [0, '0 ms'],
    [250, '250 ms'],
    [1_000, '1 s'],
    [16_200_000, '4 h 30 min'],
    [259_200_000, '3 d'],
    [90_061_000, '1 d 1 h'],
  ])('says %d ms as %s', (ms, words) => {
    expect(describeDuration(ms)).toBe(words);
  });
});
