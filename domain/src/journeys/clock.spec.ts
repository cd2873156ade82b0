import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { dayOf, hoursBegin, hoursEnd, hoursOver, offsetDays, quietUntil, zoneOf } from './clock.js';
import { journey, mail } from './testing/builders.js';
import type { Hours, Step } from './types.js';
import type { Json } from '../shared/index.js';
import type { Traits } from '../profiles/types.js';

const at = (text: string): number => Date.parse(text);
const iso = (instant: number | null): string | null =>
  instant === null ? null : new Date(instant).toISOString().replace(':00.000Z', 'Z');
const traits = (values: Readonly<Record<string, Json>>): Traits =>
  Object.fromEntries(
    Object.entries(values).map(([name, v]) => [name, { v, t: 0, p: 0, o: 0, s: null }]),
  );

const DAYTIME: Hours = { from: '09:00', to: '20:00' };
const NIGHT: Hours = { from: '21:00', to: '08:00' };

describe('the zone of a person', () => {
  it.each<[string, Readonly<Record<string, Json>>, string | undefined, string]>([
    ['is their own', { timezone: 'Asia/Tokyo' }, 'Europe/Berlin', 'Asia/Tokyo'],
    ['is the journey’s where they have none', {}, 'Europe/Berlin', 'Europe/Berlin'],
    [
      'is the journey’s where theirs is none',
      { timezone: 'CET+1' },
      'Europe/Berlin',
      'Europe/Berlin',
    ],
    ['is the journey’s where theirs is no text', { timezone: 2 }, 'Europe/Berlin', 'Europe/Berlin'],
    ['is the workspace’s where nobody names one', {}, undefined, 'UTC'],
    [
      'is the workspace’s where nobody names a real one',
      { timezone: null },
      'Nowhere/At_all',
      'UTC',
    ],
  ])('%s', (_name, values, timezone, expected) => {
    expect(zoneOf(traits(values), timezone === undefined ? {} : { timezone })).toBe(expected);
  });
});

describe('hours of a clock', () => {
  it.each<[Hours, string, string, string | null]>([
    [DAYTIME, '2026-01-15T07:59Z', 'Europe/Berlin', null],
    [DAYTIME, '2026-01-15T08:00Z', 'Europe/Berlin', '2026-01-15T19:00Z'],
    [DAYTIME, '2026-01-15T18:59Z', 'Europe/Berlin', '2026-01-15T19:00Z'],
    [DAYTIME, '2026-01-15T19:00Z', 'Europe/Berlin', null],
    [NIGHT, '2026-01-15T23:30Z', 'UTC', '2026-01-16T08:00Z'],
    [NIGHT, '2026-01-15T07:59Z', 'UTC', '2026-01-15T08:00Z'],
    [NIGHT, '2026-01-15T08:00Z', 'UTC', null],
    // A short night, and a long one.
    [NIGHT, '2026-03-29T00:30Z', 'Europe/Berlin', '2026-03-29T06:00Z'],
    [NIGHT, '2026-10-25T00:30Z', 'Europe/Berlin', '2026-10-25T07:00Z'],
    // Friday's night ends on Saturday; Saturday has none.
    [{ ...NIGHT, weekdays: ['fri'] }, '2026-01-17T07:00Z', 'UTC', '2026-01-17T08:00Z'],
    [{ ...NIGHT, weekdays: ['fri'] }, '2026-01-17T22:00Z', 'UTC', null],
    [
      { from: '00:00', to: '24:00', weekdays: ['sun'] },
      '2026-01-18T23:59Z',
      'UTC',
      '2026-01-19T00:00Z',
    ],
    // Swallowed by the change of the clocks.
    [{ from: '02:00', to: '03:00' }, '2026-03-29T01:00Z', 'Europe/Berlin', null],
  ])('%j at %s in %s end %s', (hours, now, zone, expected) => {
    expect(iso(hoursEnd(hours, at(now), zone))).toBe(expected);
  });

  it.each<[Hours, string, string, string]>([
    [DAYTIME, '2026-01-15T19:00Z', 'Europe/Berlin', '2026-01-16T08:00Z'],
    [DAYTIME, '2026-03-28T20:00Z', 'Europe/Berlin', '2026-03-29T07:00Z'],
    [DAYTIME, '2026-10-24T20:00Z', 'Europe/Berlin', '2026-10-25T08:00Z'],
    [{ ...DAYTIME, weekdays: ['mon'] }, '2026-01-12T21:00Z', 'UTC', '2026-01-19T09:00Z'],
    [{ from: '02:00', to: '03:00' }, '2026-03-28T12:00Z', 'Europe/Berlin', '2026-03-30T00:00Z'],
    [{ from: '02:30', to: '05:00' }, '2026-03-28T12:00Z', 'Europe/Berlin', '2026-03-29T01:00Z'],
  ])('%j after %s in %s begin %s', (hours, now, zone, expected) => {
    expect(iso(hoursBegin(hours, at(now), zone))).toBe(expected);
  });

  it('that follow one another are over together', () => {
    const weekend: Hours = { from: '00:00', to: '24:00', weekdays: ['sat', 'sun'] };
    expect(iso(hoursOver(weekend, at('2026-01-17T10:00Z'), 'UTC'))).toBe('2026-01-19T00:00Z');
    expect(iso(hoursOver(weekend, at('2026-01-16T10:00Z'), 'UTC'))).toBe('2026-01-16T10:00Z');
  });

  it('end outside of themselves, and begin inside', () => {
    const zones = [
      'UTC',
      'Europe/Berlin',
      'America/St_Johns',
      'Australia/Lord_Howe',
      'Pacific/Chatham',
    ];
    const minute = fc
      .integer({ min: 0, max: 1_439 })
      .map((m) => iso(m * 60_000)?.slice(11, 16) ?? '');
    fc.assert(
      fc.property(
        fc.constantFrom(...zones),
        fc.integer({ min: at('2026-01-01T00:00Z'), max: at('2027-01-01T00:00Z') }),
        fc.uniqueArray(minute, { minLength: 2, maxLength: 2 }),
        (zone, now, [from = '', to = '']) => {
          const hours = { from, to };
          const end = hoursEnd(hours, now, zone);
          if (end !== null) expect(end).toBeGreaterThan(now);
          expect(hoursEnd(hours, hoursOver(hours, now, zone), zone)).toBeNull();
          const begin = hoursBegin(hours, now, zone);
          expect(begin).toBeGreaterThan(now);
          expect(hoursEnd(hours, begin, zone)).not.toBeNull();
        },
      ),
    );
  });
});

describe('quiet hours', () => {
  const definition = journey(
    { mail: mail('mail') },
    { quietHours: NIGHT, timezone: 'Europe/Berlin' },
  );
  const late = at('2026-01-15T22:00Z');

  it.each<[string, Step, Readonly<Record<string, Json>>, string | null]>([
    ['keep a message until they end', mail('x'), {}, '2026-01-16T07:00Z'],
    ['are those of the person’s own clock', mail('x'), { timezone: 'America/New_York' }, null],
    ['keep no transactional message', { ...message(), class: 'transactional' }, {}, null],
    ['keep a cart mail', { ...message(), class: 'cart' }, {}, '2026-01-16T07:00Z'],
    ['keep no action that speaks to a system', hook(), {}, null],
  ])('%s', (_name, step, values, expected) => {
    expect(iso(quietUntil({ definition, step }, traits(values), late))).toBe(expected);
  });

  it('are none where the journey names none', () => {
    const loud = journey({ mail: mail('mail') });
    expect(quietUntil({ definition: loud, step: mail('x') }, {}, late)).toBeNull();
  });

  function message() {
    return {
      kind: 'message',
      channel: 'email',
      connection: 'm',
      template: 't',
      next: 'x',
    } as const;
  }

  function hook(): Step {
    return { kind: 'sendToDestination', connection: 'h', action: 'post', input: {}, next: 'x' };
  }
});

describe('a date among traits', () => {
  it.each<[Json | undefined, string, unknown]>([
    ['1990-05-04', 'Pacific/Apia', { year: 1990, month: 5, day: 4 }],
    ['2026-05-04T23:30:00Z', 'Asia/Tokyo', { year: 2026, month: 5, day: 5 }],
    [Date.parse('2026-05-04T00:30:00Z'), 'America/New_York', { year: 2026, month: 5, day: 3 }],
    ['4 May', 'UTC', undefined],
    [true, 'UTC', undefined],
    [undefined, 'UTC', undefined],
  ])('%p in %s is %j', (value, zone, expected) => {
    expect(dayOf(value, zone)).toEqual(expected);
  });

  it('is moved by whole days', () => {
    expect(offsetDays({ before: 'P3D' })).toBe(-3);
    expect(offsetDays({ after: { weeks: 1 } })).toBe(7);
    expect(offsetDays(undefined)).toBe(0);
  });
});
