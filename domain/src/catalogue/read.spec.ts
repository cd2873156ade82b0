import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { addDays, instantOf, type Json } from '../shared/index.js';
import { readInteger, readNumber } from './read-number.js';
import { readDate, readInstant } from './read-time.js';
import { readBoolean, readConsent } from './read-words.js';
import { arbitraryValue } from './testing/rows.js';
import { TIME_FORMATS, type DecimalMark, type TimeFormat } from './types.js';

describe('readNumber', () => {
  it.each<[Json, DecimalMark | undefined, number]>([
    ['12.50', undefined, 12.5],
    ['-0', undefined, 0],
    ['1e3', undefined, 1_000],
    ['.5', undefined, 0.5],
    ['€ 19.99', undefined, 19.99],
    ['19.99 $', undefined, 19.99],
    ['-€5', undefined, -5],
    ['−5', undefined, -5],
    ['1,234.56', 'point', 1_234.56],
    ['1,234,567', 'point', 1_234_567],
    ['1234.5', 'point', 1_234.5],
    ['1.234,56', 'comma', 1_234.56],
    ['1.234', 'comma', 1_234],
    ['1\u00a0234,5', 'comma', 1_234.5],
    ["1'234,50", 'comma', 1_234.5],
    ['0,5', 'comma', 0.5],
    [7.25, 'comma', 7.25],
  ])('reads %j with a decimal %s as %s', (value, decimal, number) => {
    expect(readNumber(value, decimal)).toEqual({ ok: true, value: number });
  });

  it.each<[Json, DecimalMark | undefined]>([
    ['1,234', undefined],
    ['12,50', 'point'],
    ['1,23,456', 'point'],
    ['1,234.567,8', 'point'],
    ['1.234.56', 'comma'],
    ['1.234 567', 'comma'],
    ['', undefined],
    ['.', undefined],
    ['€', undefined],
    ['0x10', undefined],
    ['1 2', undefined],
    ['12a', undefined],
    ['NaN', undefined],
    ['1e999', undefined],
    [true, undefined],
    [[1], undefined],
  ])('refuses %j with a decimal %s', (value, decimal) => {
    expect(readNumber(value, decimal)).toMatchObject({ ok: false, code: 'not_a_number' });
  });

  it('does not round an order number', () => {
    expect(readNumber('12345678901234567890', undefined)).toMatchObject({
      code: 'number_precision_lost',
    });
    expect(readInteger(2 ** 53, undefined)).toMatchObject({ code: 'number_precision_lost' });
  });

  it('reads back what either country writes', () => {
    fc.assert(
      fc.property(fc.integer({ min: -1e9, max: 1e9 }), (cents) => {
        const number = cents / 100;
        const options = { minimumFractionDigits: 2 };
        expect(readNumber(number.toLocaleString('en-US', options), 'point')).toEqual({
          ok: true,
          value: number === 0 ? 0 : number,
        });
        expect(readNumber(number.toLocaleString('de-DE', options), 'comma')).toEqual({
          ok: true,
          value: number === 0 ? 0 : number,
        });
      }),
    );
  });

  it('takes no fraction for a whole number', () => {
    expect(readInteger('12.0', undefined)).toEqual({ ok: true, value: 12 });
    expect(readInteger('12.5', undefined)).toMatchObject({ code: 'not_an_integer' });
  });
});

describe('readInstant', () => {
  it.each<[Json, TimeFormat, string, string]>([
    ['2026-04-03', 'iso', 'UTC', '2026-04-03T00:00:00.000Z'],
    ['2026-04-03T10:30:00Z', 'iso', 'Europe/Berlin', '2026-04-03T10:30:00.000Z'],
    ['2026-04-03 10:30:00.123456+02', 'iso', 'UTC', '2026-04-03T08:30:00.123Z'],
    ['2026-04-03T10:30:00-0330', 'iso', 'UTC', '2026-04-03T14:00:00.000Z'],
    ['2026-04-03 10:30:15', 'iso', 'Europe/Berlin', '2026-04-03T08:30:15.000Z'],
    ['3.4.2026 9:05', 'dd.mm.yyyy', 'Europe/Berlin', '2026-04-03T07:05:00.000Z'],
    ['03.04.2026, 09:05:07', 'dd.mm.yyyy', 'UTC', '2026-04-03T09:05:07.000Z'],
    ['04/03/2026 12:05 AM', 'mm/dd/yyyy', 'UTC', '2026-04-03T00:05:00.000Z'],
    ['04/03/2026 1:05 p.m.', 'mm/dd/yyyy', 'UTC', '2026-04-03T13:05:00.000Z'],
    ['03/04/2026', 'dd/mm/yyyy', 'UTC', '2026-04-03T00:00:00.000Z'],
    ['03-04-2026', 'dd-mm-yyyy', 'UTC', '2026-04-03T00:00:00.000Z'],
    ['2026/04/03 23:59', 'yyyy/mm/dd', 'UTC', '2026-04-03T23:59:00.000Z'],
    ['20260403', 'yyyymmdd', 'UTC', '2026-04-03T00:00:00.000Z'],
    [20260403, 'yyyymmdd', 'UTC', '2026-04-03T00:00:00.000Z'],
    ['1775212200', 'epoch_s', 'UTC', '2026-04-03T10:30:00.000Z'],
    [1775212200.5, 'epoch_s', 'UTC', '2026-04-03T10:30:00.500Z'],
    [1775212200000, 'epoch_ms', 'UTC', '2026-04-03T10:30:00.000Z'],
  ])('reads %j as %s in %s', (value, format, zone, instant) => {
    expect(readInstant(value, format, zone)).toBe(instant);
  });

  it('moves a time that the clocks skip to the end of the gap, and takes the first of two', () => {
    expect(readInstant('2026-03-29 02:30', 'iso', 'Europe/Berlin')).toBe(
      '2026-03-29T01:00:00.000Z',
    );
    expect(readInstant('2026-10-25 02:30', 'iso', 'Europe/Berlin')).toBe(
      '2026-10-25T00:30:00.000Z',
    );
  });

  it('agrees with the rules of the zone on every minute, before it knows the day and after', () => {
    fc.assert(
      fc.property(
        fc.constantFrom('Europe/Berlin', 'America/St_Johns', 'Australia/Lord_Howe', 'Pacific/Apia'),
        fc.integer({ min: -3_000, max: 12_000 }),
        fc.integer({ min: 0, max: 1_439 }),
        (zone, days, minute) => {
          const date = addDays({ year: 2000, month: 1, day: 1 }, days);
          const day = [date.year, date.month, date.day].map((part) =>
            String(part).padStart(2, '0'),
          );
          const clock = [Math.floor(minute / 60), minute % 60].map((part) =>
            String(part).padStart(2, '0'),
          );
          const instant = new Date(instantOf(date, minute, zone)).toISOString();
          const written = `${day.join('-')} ${clock.join(':')}`;
          expect(readInstant(written, 'iso', zone)).toBe(instant);
          expect(readInstant(written, 'iso', zone)).toBe(instant);
        },
      ),
      { numRuns: 500 },
    );
  });

  it.each<[Json, TimeFormat]>([
    ['2026-02-30', 'iso'],
    ['2026-13-01', 'iso'],
    ['2026-00-10', 'iso'],
    ['03.04.26', 'dd.mm.yyyy'],
    ['13/25/2026', 'mm/dd/yyyy'],
    ['2026-04-03 24:30', 'iso'],
    ['2026-04-03 10:60', 'iso'],
    ['2026-04-03 13:00 PM', 'iso'],
    ['2026-04-03 0:30 AM', 'iso'],
    ['2026-04-03x', 'iso'],
    ['2026-04-03T10:30:00+25:00', 'iso'],
    [1775212200, 'iso'],
    ['1775212200', 'iso'],
    ['soon', 'epoch_s'],
    [9e15, 'epoch_ms'],
    ['', 'iso'],
    [null, 'iso'],
    [['2026-04-03'], 'iso'],
  ])('refuses %j as %s', (value, format) => {
    expect(readInstant(value, format, 'UTC')).toBeUndefined();
  });

  it('reads back any instant that it wrote, and answers to any value', () => {
    fc.assert(
      fc.property(arbitraryValue, fc.constantFrom(...TIME_FORMATS), (value, format) => {
        const instant = readInstant(value, format, 'America/New_York');
        if (instant !== undefined) expect(readInstant(instant, 'iso', 'UTC')).toBe(instant);
      }),
    );
    fc.assert(
      fc.property(fc.date({ min: new Date(0), noInvalidDate: true }), (date) => {
        if (date.getTime() > 253_402_300_799_999) return;
        expect(readInstant(date.toISOString(), 'iso', 'Asia/Tokyo')).toBe(date.toISOString());
      }),
    );
  });
});

describe('readDate', () => {
  it('keeps the day that is written, whatever the offset', () => {
    expect(readDate('1990-05-01T00:00:00+14:00', 'iso', 'UTC')).toBe('1990-05-01');
    expect(readDate('1.5.1990', 'dd.mm.yyyy', 'Asia/Tokyo')).toBe('1990-05-01');
  });

  it('asks the zone for the day of an instant', () => {
    expect(readDate(1775258999, 'epoch_s', 'UTC')).toBe('2026-04-03');
    expect(readDate(1775258999, 'epoch_s', 'Europe/Berlin')).toBe('2026-04-04');
    expect(readDate(1775258999, 'epoch_s', 'Nowhere/Land')).toBe('2026-04-03');
  });
});

describe('readBoolean', () => {
  it.each<[Json, boolean]>([
    [true, true],
    [0, false],
    [1, true],
    ['YES', true],
    [' ja ', true],
    ['Нет', false],
    ['não', false],
    ['x', true],
    ['off', false],
  ])('reads %j as %s', (value, answer) => {
    expect(readBoolean(value)).toBe(answer);
  });

  it.each<[Json]>([[''], ['maybe'], [2], [null], [[]], ['subscribed']])('refuses %j', (value) => {
    expect(readBoolean(value)).toBeUndefined();
  });
});

describe('readConsent', () => {
  it.each<[Json, string]>([
    [true, 'granted'],
    ['nein', 'denied'],
    ['Granted', 'granted'],
    ['Opted In', 'granted'],
    ['unsubscribed', 'revoked'],
    ['opt-out', 'revoked'],
    ['not subscribed', 'denied'],
  ])('reads %j as %s', (value, word) => {
    expect(readConsent(value)).toBe(word);
  });

  it('never takes a word that it does not know for a yes', () => {
    expect(readConsent('pending')).toBeUndefined();
    expect(readConsent({ state: 'granted' })).toBeUndefined();
  });
});
