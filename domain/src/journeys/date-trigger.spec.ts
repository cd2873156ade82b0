import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { dateTriggerDue, dateTriggerTraits, firesAt } from './date-trigger.js';
import { decideEntry } from './decide-entry.js';
import { cartJourney, event, ref } from './testing/builders.js';
import { triggerOf } from './trigger-of.js';
import type { DateTrigger } from './types.js';
import type { Json } from '../shared/index.js';

const at = (text: string): number => Date.parse(text);
const iso = (instant: number | null): string | null =>
  instant === null ? null : new Date(instant).toISOString().replace(':00.000Z', 'Z');

const BIRTHDAY: DateTrigger = { kind: 'date', trait: 'birthday', repeat: 'yearly', at: '09:00' };
const RENEWAL: DateTrigger = { kind: 'date', trait: 'renews_on', repeat: 'once', at: '09:00' };
const trait = (v: Json) => ({ v, t: 0, p: 0, o: 0, s: null });

describe('the date of a trigger', () => {
  it.each<[DateTrigger, Json, string, string, string | null]>([
    [BIRTHDAY, '1990-05-04', 'UTC', '2026-01-01T00:00Z', '2026-05-04T09:00Z'],
    [BIRTHDAY, '1990-05-04', 'UTC', '2026-05-04T08:59Z', '2026-05-04T09:00Z'],
    [BIRTHDAY, '1990-05-04', 'UTC', '2026-05-04T09:00Z', '2027-05-04T09:00Z'],
    [BIRTHDAY, '1990-05-04', 'Asia/Kathmandu', '2026-01-01T00:00Z', '2026-05-04T03:15Z'],
    // On the 28th where there is no 29th.
    [BIRTHDAY, '2000-02-29', 'UTC', '2027-01-01T00:00Z', '2027-02-28T09:00Z'],
    [BIRTHDAY, '2000-02-29', 'UTC', '2028-01-01T00:00Z', '2028-02-29T09:00Z'],
    [BIRTHDAY, '2000-02-29', 'UTC', '2028-02-29T09:00Z', '2029-02-28T09:00Z'],
    // Days before and after it, over the turn of the year.
    [
      { ...BIRTHDAY, offset: { before: 'P7D' } },
      '1990-01-03',
      'UTC',
      '2026-06-01T00:00Z',
      '2026-12-27T09:00Z',
    ],
    [
      { ...BIRTHDAY, offset: { after: 'P3D' } },
      '1990-12-30',
      'UTC',
      '2027-01-01T00:00Z',
      '2027-01-02T09:00Z',
    ],
    [
      { ...BIRTHDAY, offset: { before: 'P1D' } },
      '2000-03-01',
      'UTC',
      '2028-02-01T00:00Z',
      '2028-02-29T09:00Z',
    ],
    // A gap and a time that comes twice.
    [
      { ...BIRTHDAY, at: '02:30' },
      '1990-03-29',
      'Europe/Berlin',
      '2026-01-01T00:00Z',
      '2026-03-29T01:00Z',
    ],
    [
      { ...BIRTHDAY, at: '02:30' },
      '1990-10-25',
      'Europe/Berlin',
      '2026-10-25T00:30Z',
      '2027-10-25T00:30Z',
    ],
    [RENEWAL, '2026-05-04', 'UTC', '2026-01-01T00:00Z', '2026-05-04T09:00Z'],
    [RENEWAL, '2026-05-04', 'UTC', '2026-05-04T09:00Z', null],
    [RENEWAL, '2026-05-04T22:30:00Z', 'Europe/Berlin', '2026-01-01T00:00Z', '2026-05-05T07:00Z'],
    [
      { ...RENEWAL, offset: { before: 'P14D' } },
      '2026-05-04',
      'UTC',
      '2026-01-01T00:00Z',
      '2026-04-20T09:00Z',
    ],
    [RENEWAL, 'soon', 'UTC', '2026-01-01T00:00Z', null],
    [BIRTHDAY, '1990-02-30', 'UTC', '2026-01-01T00:00Z', null],
    // A day that Samoa left out has no birthday that year.
    [BIRTHDAY, '1990-12-30', 'Pacific/Apia', '2011-06-01T00:00Z', '2012-12-29T19:00Z'],
  ])('%j for %j in %s after %s is %s', (trigger, value, zone, after, expected) => {
    expect(iso(firesAt(trigger, { zone, value }, at(after)))).toBe(expected);
  });

  it('comes once a year, whoever asks and when', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: at('1930-01-01T00:00Z'), max: at('2020-01-01T00:00Z') }),
        fc.constantFrom('UTC', 'Europe/Berlin', 'Australia/Lord_Howe', 'Pacific/Chatham'),
        fc.integer({ min: -300, max: 300 }),
        (born, zone, days) => {
          const value = new Date(born).toISOString().slice(0, 10);
          const offset = days < 0 ? { before: { days: -days } } : { after: { days } };
          const trigger: DateTrigger = { ...BIRTHDAY, offset };
          let now = at('2023-01-01T00:00Z');
          for (let year = 0; year < 5; year += 1) {
            const next = firesAt(trigger, { zone, value }, now);
            if (next === null) throw new TypeError('a birthday does not end');
            expect(next).toBeGreaterThan(now);
            if (year > 0) expect(next - now).toBeGreaterThan(364 * 86_400_000);
            expect(next - now).toBeLessThan(368 * 86_400_000);
            // Asked a moment before, it is the same.
            expect(firesAt(trigger, { zone, value }, next - 1)).toBe(next);
            now = next;
          }
        },
      ),
      { numRuns: 50 },
    );
  });
});

describe('a journey that begins at a date', () => {
  const definition = cartJourney({
    trigger: BIRTHDAY,
    entry: { reentry: 'afterExit', minGap: 'P30D' },
    timezone: 'Europe/Berlin',
  });
  const january = at('2026-01-01T00:00Z');

  it('is due at the hour of the person, of the journey or of the workspace', () => {
    const birthday = trait('1990-05-04');
    const due = (traits: object, of = definition) =>
      iso(dateTriggerDue(of, { birthday, ...traits }, 'Asia/Tokyo', january));
    expect(due({ timezone: trait('America/New_York') })).toBe('2026-05-04T13:00Z');
    expect(due({})).toBe('2026-05-04T07:00Z');
    const { timezone, ...nowhere } = definition;
    expect(timezone).toBe('Europe/Berlin');
    expect(due({}, nowhere)).toBe('2026-05-04T00:00Z');
  });

  it('is never due without a date, and no other journey ever is', () => {
    expect(dateTriggerDue(definition, {}, 'UTC', january)).toBeNull();
    expect(
      dateTriggerDue(cartJourney(), { birthday: trait('1990-05-04') }, 'UTC', january),
    ).toBeNull();
  });

  it('names the traits that move it', () => {
    expect(dateTriggerTraits(definition)).toEqual(['birthday', 'timezone']);
    expect(dateTriggerTraits(cartJourney())).toEqual([]);
  });

  it('takes people in at its own date only, by the place of that date in the log', () => {
    const happening = { kind: 'date', journey: 'cart', ref: ref(7), imported: false } as const;
    const enter = decideEntry(definition, happening, [], ref(7).clock);
    expect(enter).toEqual({ kind: 'enter', entryKey: '7.0' });
    const refused = { kind: 'refused', reason: 'not_triggered' };
    expect(decideEntry(definition, { ...happening, journey: 'other' }, [], 0)).toEqual(refused);
    expect(decideEntry(definition, event('birthday'), [], 0)).toEqual(refused);
    expect(decideEntry(cartJourney(), happening, [], 0)).toEqual(refused);
  });

  it('tells its steps what led in', () => {
    const happening = { kind: 'date', journey: 'cart', ref: ref(7), imported: false } as const;
    expect(triggerOf(happening)).toEqual({
      name: 'Date Reached',
      properties: {},
      eventTime: ref(7).clock,
      messageId: null,
      ref: ref(7),
    });
  });
});
