import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  addDays,
  happens,
  instantOf,
  inYear,
  isZone,
  localDateOf,
  minuteOfDay,
  nextLocalTime,
  parseLocalDate,
  weekdayOf,
  WEEKDAYS,
} from './zoned-time.js';

/** Zone, local time, instant: worked out by hand from the rules of the zone; `gap` and `twice` say which rule is tested. */
const VECTORS: readonly (readonly [string, string, string, 'plain' | 'gap' | 'twice'])[] = [
  ['UTC', '2026-01-15T09:00', '2026-01-15T09:00Z', 'plain'],
  ['Europe/Berlin', '2026-01-15T09:00', '2026-01-15T08:00Z', 'plain'],
  ['Europe/Berlin', '2026-07-15T09:00', '2026-07-15T07:00Z', 'plain'],
  ['Europe/Berlin', '2026-03-29T02:30', '2026-03-29T01:00Z', 'gap'],
  ['Europe/Berlin', '2026-10-25T02:30', '2026-10-25T00:30Z', 'twice'],
  ['Europe/London', '2026-03-29T01:30', '2026-03-29T01:00Z', 'gap'],
  ['Europe/London', '2026-10-25T01:30', '2026-10-25T00:30Z', 'twice'],
  ['Europe/Dublin', '2026-07-01T09:00', '2026-07-01T08:00Z', 'plain'],
  ['Atlantic/Azores', '2026-03-29T00:30', '2026-03-29T01:00Z', 'gap'],
  ['America/New_York', '2026-03-08T02:30', '2026-03-08T07:00Z', 'gap'],
  ['America/New_York', '2026-11-01T01:30', '2026-11-01T05:30Z', 'twice'],
  ['America/Los_Angeles', '2026-03-08T02:15', '2026-03-08T10:00Z', 'gap'],
  ['America/Phoenix', '2026-07-01T09:00', '2026-07-01T16:00Z', 'plain'],
  ['America/St_Johns', '2026-01-15T09:00', '2026-01-15T12:30Z', 'plain'],
  ['America/St_Johns', '2026-03-08T02:30', '2026-03-08T05:30Z', 'gap'],
  ['America/St_Johns', '2026-11-01T01:30', '2026-11-01T04:00Z', 'twice'],
  ['America/Sao_Paulo', '2026-01-15T09:00', '2026-01-15T12:00Z', 'plain'],
  ['America/Sao_Paulo', '2018-11-04T00:30', '2018-11-04T03:00Z', 'gap'],
  ['America/Sao_Paulo', '2018-02-17T23:30', '2018-02-18T01:30Z', 'twice'],
  ['America/Santiago', '2026-09-06T00:30', '2026-09-06T04:00Z', 'gap'],
  ['America/Havana', '2026-03-08T00:30', '2026-03-08T05:00Z', 'gap'],
  // The evening of a Saturday ends an hour early, so its last hour is the first minute of Sunday.
  ['America/Scoresbysund', '2026-03-28T23:30', '2026-03-29T01:00Z', 'gap'],
  // Two hours at once.
  ['Antarctica/Troll', '2026-03-29T02:00', '2026-03-29T01:00Z', 'gap'],
  ['Asia/Kolkata', '2026-01-15T09:00', '2026-01-15T03:30Z', 'plain'],
  ['Asia/Kathmandu', '2026-01-15T09:00', '2026-01-15T03:15Z', 'plain'],
  ['Asia/Tokyo', '2026-01-15T09:00', '2026-01-15T00:00Z', 'plain'],
  ['Asia/Tehran', '2026-07-01T09:00', '2026-07-01T05:30Z', 'plain'],
  ['Asia/Tehran', '2021-03-22T00:30', '2021-03-21T20:30Z', 'gap'],
  ['Asia/Jerusalem', '2026-03-27T02:30', '2026-03-27T00:00Z', 'gap'],
  // From UTC+8:30 to UTC+9, half an hour before midnight.
  ['Asia/Pyongyang', '2018-05-04T23:45', '2018-05-04T15:00Z', 'gap'],
  ['Africa/Cairo', '2026-04-24T00:30', '2026-04-23T22:00Z', 'gap'],
  ['Africa/Cairo', '2026-10-29T23:30', '2026-10-29T20:30Z', 'twice'],
  // The clocks go back for Ramadan and forward after it.
  ['Africa/Casablanca', '2026-02-15T02:30', '2026-02-15T01:30Z', 'twice'],
  ['Africa/Casablanca', '2026-03-22T02:30', '2026-03-22T02:00Z', 'gap'],
  ['Australia/Adelaide', '2026-07-01T09:00', '2026-06-30T23:30Z', 'plain'],
  ['Australia/Sydney', '2026-10-04T02:30', '2026-10-03T16:00Z', 'gap'],
  ['Australia/Sydney', '2026-04-05T02:30', '2026-04-04T15:30Z', 'twice'],
  // Half an hour.
  ['Australia/Lord_Howe', '2026-10-04T02:15', '2026-10-03T15:30Z', 'gap'],
  ['Australia/Lord_Howe', '2026-04-05T01:45', '2026-04-04T14:45Z', 'twice'],
  ['Pacific/Chatham', '2026-09-27T03:00', '2026-09-26T14:00Z', 'gap'],
  ['Pacific/Chatham', '2026-04-05T03:15', '2026-04-04T13:30Z', 'twice'],
  ['Pacific/Apia', '2026-01-15T09:00', '2026-01-14T20:00Z', 'plain'],
  // A day that did not happen.
  ['Pacific/Apia', '2011-12-30T09:00', '2011-12-30T10:00Z', 'gap'],
  ['Pacific/Kiritimati', '2026-01-15T09:00', '2026-01-14T19:00Z', 'plain'],
  ['Pacific/Pago_Pago', '2026-01-15T09:00', '2026-01-15T20:00Z', 'plain'],
];

const ZONES = [...new Set(VECTORS.map(([zone]) => zone))];
const MINUTE = 60_000;
const DAY = 86_400_000;

const at = (text: string): number => Date.parse(text.replace('Z', ':00Z'));
const iso = (instant: number): string => new Date(instant).toISOString();

/** The clock of another library: `2026-03-29T03:00`. */
const clocks = new Map<string, Intl.DateTimeFormat>();
function wall(instant: number, zone: string): string {
  let format = clocks.get(zone);
  if (format === undefined) {
    format = new Intl.DateTimeFormat('sv-SE', {
      timeZone: zone,
      dateStyle: 'short',
      timeStyle: 'short',
    });
    clocks.set(zone, format);
  }
  return format.format(instant).replace(' ', 'T');
}

function local(text: string, zone: string): number {
  const date = parseLocalDate(text.slice(0, 10));
  const minute = minuteOfDay(text.slice(11));
  if (date === undefined || minute === undefined) throw new TypeError(text);
  return instantOf(date, minute, zone);
}

const anyZone = fc.constantFrom(...ZONES);
const anyMinute = fc
  .integer({ min: at('2015-01-01T00:00Z') / MINUTE, max: at('2030-01-01T00:00Z') / MINUTE })
  .map((minutes) => minutes * MINUTE);
const anyTime = fc
  .integer({ min: 0, max: 1_439 })
  .map((minute) => new Date(minute * MINUTE).toISOString().slice(11, 16));

describe('a local time', () => {
  it('is tried in at least twenty zones', () => {
    expect(ZONES.length).toBeGreaterThanOrEqual(20);
  });

  it.each(VECTORS)('in %s at %s is %s (%s)', (zone, text, expected) => {
    expect(iso(local(text, zone))).toBe(iso(at(expected)));
  });

  it.each(VECTORS.filter(([, , , rule]) => rule === 'gap'))(
    'in the gap of %s at %s comes with the first valid minute',
    (zone, text, expected) => {
      const before = wall(at(expected) - MINUTE, zone);
      expect(before < text && text < wall(at(expected), zone)).toBe(true);
    },
  );

  it.each(VECTORS.filter(([, , , rule]) => rule === 'twice'))(
    'that comes twice in %s at %s is the first',
    (zone, text, expected) => {
      const again = [30, 60].filter((later) => wall(at(expected) + later * MINUTE, zone) === text);
      expect(again).toHaveLength(1);
    },
  );

  it('is read back from every instant, by way of another library', () => {
    fc.assert(
      fc.property(anyZone, anyMinute, (zone, instant) => {
        const text = wall(instant, zone);
        const found = local(text, zone);
        // The first time that the clocks show it: never later than the instant it was read at.
        expect(wall(found, zone)).toBe(text);
        expect(found).toBeLessThanOrEqual(instant);
        expect(instant - found).toBeLessThanOrEqual(3 * 60 * MINUTE);
      }),
      { numRuns: 1_000 },
    );
  });

  it('knows the end of a day', () => {
    const [day, next] = [
      { year: 2026, month: 3, day: 28 },
      { year: 2026, month: 3, day: 29 },
    ];
    expect(instantOf(day, 1_440, 'Europe/Berlin')).toBe(instantOf(next, 0, 'Europe/Berlin'));
  });
});

describe('the next local time', () => {
  it('is later than the instant asked from, and the first at which the clocks show it', () => {
    fc.assert(
      fc.property(anyZone, anyMinute, anyTime, (zone, after, time) => {
        const found = nextLocalTime(after, { at: time }, zone);
        expect(found).toBeGreaterThan(after);
        for (let minute = after + MINUTE; minute < found; minute += MINUTE) {
          if (wall(minute, zone).slice(11) !== time) continue;
          // Shown in between only where the clocks went back: that was the second of two.
          expect(local(wall(minute, zone), zone)).toBeLessThan(minute);
        }
        // What the clocks show then is the time, or the first minute after a gap that swallowed it.
        const [before, shown] = [wall(found - MINUTE, zone), wall(found, zone)];
        const isAfterGap = Date.parse(`${shown}Z`) - Date.parse(`${before}Z`) > MINUTE;
        expect(shown.slice(11) === time || isAfterGap).toBe(true);
      }),
      { numRuns: 100 },
    );
  });

  it('lies on one of its weekdays, within a week and a day', () => {
    fc.assert(
      fc.property(
        anyZone,
        anyMinute,
        fc.uniqueArray(fc.constantFrom(...WEEKDAYS), { minLength: 1 }),
        (zone, after, weekdays) => {
          const found = nextLocalTime(after, { at: '12:00', weekdays }, zone);
          expect(weekdays).toContain(weekdayOf(localDateOf(found, zone)));
          expect(found - after).toBeLessThanOrEqual(8 * DAY);
        },
      ),
    );
  });

  it('steps over a gap and comes again the day after', () => {
    const time = { at: '02:30' };
    const first = nextLocalTime(at('2026-03-28T02:00Z'), time, 'Europe/Berlin');
    expect(iso(first)).toBe('2026-03-29T01:00:00.000Z');
    expect(iso(nextLocalTime(first, time, 'Europe/Berlin'))).toBe('2026-03-30T00:30:00.000Z');
  });

  it('comes once where the clocks go back', () => {
    const time = { at: '02:30' };
    const first = nextLocalTime(at('2026-10-24T02:00Z'), time, 'Europe/Berlin');
    expect(iso(first)).toBe('2026-10-25T00:30:00.000Z');
    expect(iso(nextLocalTime(first, time, 'Europe/Berlin'))).toBe('2026-10-26T01:30:00.000Z');
  });

  it('leaves out a day that did not happen', () => {
    const friday = nextLocalTime(
      at('2011-12-29T20:00Z'),
      { at: '09:00', weekdays: ['fri'] },
      'Pacific/Apia',
    );
    expect(wall(friday, 'Pacific/Apia')).toBe('2012-01-06T09:00');
    expect(happens({ year: 2011, month: 12, day: 30 }, 'Pacific/Apia')).toBe(false);
    expect(happens({ year: 2011, month: 12, day: 31 }, 'Pacific/Apia')).toBe(true);
  });

  it('asked at the very time gives the next day', () => {
    const noon = at('2026-01-15T12:00Z');
    expect(nextLocalTime(noon, { at: '12:00' }, 'UTC')).toBe(noon + DAY);
    expect(nextLocalTime(noon - 1, { at: '12:00' }, 'UTC')).toBe(noon);
  });
});

describe('a zone', () => {
  it.each([...ZONES, 'Etc/GMT+5'])('%s is one', (zone) => {
    expect(isZone(zone)).toBe(true);
  });

  it.each(['', '+02:00', '2', 'Mars/Olympus', 'Europe/Berlin ', 'x'.repeat(65), 'constructor'])(
    '%p is none',
    (zone) => {
      expect(isZone(zone)).toBe(false);
      expect(isZone(zone)).toBe(false);
    },
  );
});

describe('a day of the calendar', () => {
  it('is text of one form, and real', () => {
    expect(parseLocalDate('2000-02-29')).toEqual({ year: 2000, month: 2, day: 29 });
    for (const text of ['1900-02-29', '2026-13-01', '2026-1-1', '2026-01-01T00:00Z', '0000-01-01'])
      expect(parseLocalDate(text)).toBeUndefined();
  });

  it('born on 29 February has a birthday every year', () => {
    const born = { year: 2000, month: 2, day: 29 };
    expect(inYear(born, 2028)).toEqual({ year: 2028, month: 2, day: 29 });
    expect(inYear(born, 2027)).toEqual({ year: 2027, month: 2, day: 28 });
    expect(inYear(born, 2100)).toEqual({ year: 2100, month: 2, day: 28 });
  });

  it('moves over the ends of months and years', () => {
    expect(addDays({ year: 2026, month: 12, day: 31 }, 1)).toEqual({
      year: 2027,
      month: 1,
      day: 1,
    });
    expect(addDays({ year: 2028, month: 3, day: 1 }, -1)).toEqual({
      year: 2028,
      month: 2,
      day: 29,
    });
    expect(weekdayOf({ year: 2026, month: 11, day: 24 })).toBe('tue');
  });
});

describe('a time of day', () => {
  it.each([
    ['00:00', 0],
    ['09:30', 570],
    ['23:59', 1_439],
    ['24:00', 1_440],
  ])('%s is minute %d', (text, minute) => {
    expect(minuteOfDay(text)).toBe(minute);
  });

  it.each(['9:30', '24:01', '12:60', '12', ''])('%p is none', (text) => {
    expect(minuteOfDay(text)).toBeUndefined();
  });
});
