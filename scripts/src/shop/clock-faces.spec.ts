import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { birthdayMinute, dayPlace, hourIn, nightPlace } from './clock-faces.js';

const anyInstant = fc.date({
  min: new Date('2025-01-01T00:00:00Z'),
  max: new Date('2030-01-01T00:00:00Z'),
  noInvalidDate: true,
});

describe('places of the demo', () => {
  it('are found by day and by night at any time', () => {
    fc.assert(
      fc.property(anyInstant, (now) => {
        const day = hourIn(dayPlace(now), now);
        expect(day).toBeGreaterThanOrEqual(9);
        expect(day).toBeLessThan(19);
        const night = hourIn(nightPlace(now), now);
        expect(night >= 23 || night < 6).toBe(true);
      }),
    );
  });
});

describe('the minute of a birthday', () => {
  it.each([
    ['2026-11-24T10:00:20.000Z', '10:01', '1992-11-24'],
    ['2026-11-24T10:00:50.000Z', '10:02', '1992-11-24'],
    ['2026-12-31T23:59:50.000Z', '00:01', '1992-01-01'],
    ['2028-02-29T12:00:00.000Z', '12:01', '1992-02-29'],
  ])('after %s is %s', (now, at, born) => {
    expect(birthdayMinute(new Date(now))).toEqual({ at, born });
  });

  it('leaves time to sign up and comes within a minute and a quarter', () => {
    fc.assert(
      fc.property(anyInstant, (now) => {
        const { at } = birthdayMinute(now);
        const [hours = 0, minutes = 0] = at.split(':').map(Number);
        const sameDay = new Date(now);
        sameDay.setUTCHours(hours, minutes, 0, 0);
        const ahead = (sameDay.getTime() - now.getTime() + 86_400_000) % 86_400_000;
        expect(ahead).toBeGreaterThanOrEqual(15_000);
        expect(ahead).toBeLessThan(75_001);
      }),
    );
  });
});
