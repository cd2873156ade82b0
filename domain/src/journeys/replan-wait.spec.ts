import { describe, expect, it } from '@jest/globals';
import { replanTraits, replanWait } from './replan-wait.js';
import { DONE, journey, ref, trigger } from './testing/builders.js';
import type { Json } from '../shared/index.js';
import type { Traits } from '../profiles/types.js';
import type { Step } from './types.js';
import type { OpenWait } from './watch-wait.js';

const at = (text: string): number => Date.parse(text);
const traits = (values: Readonly<Record<string, Json>>): Traits =>
  Object.fromEntries(
    Object.entries(values).map(([name, v]) => [name, { v, t: 0, p: 0, o: 0, s: null }]),
  );

const NINE: Step = { kind: 'delay', until: { kind: 'localTime', at: '09:00' }, next: 'done' };
const TRIP: Step = {
  kind: 'delay',
  until: { kind: 'date', trait: 'trip', at: '09:00', ifPast: 'exit' },
  next: 'done',
};
const WINDOW: Step = { kind: 'window', hours: { from: '09:00', to: '20:00' }, next: 'done' };
const FOUR_HOURS: Step = { kind: 'delay', duration: 'PT4H', next: 'done' };

function replanned(
  step: Step,
  {
    deadline,
    values,
    now,
  }: { deadline: string; values: Readonly<Record<string, Json>>; now: string },
): { readonly before: OpenWait; readonly after: OpenWait } {
  const definition = journey({ step, done: DONE }, { timezone: 'Europe/Berlin' });
  const before = {
    step: 'step',
    subscriptions: [],
    deadline: at(deadline),
    restarts: 0,
    fired: null,
  };
  const waiter = { definition, trigger: trigger(), traits: traits(values) };
  return { before, after: replanWait(before, waiter, ref(9, at(now))) };
}

describe('an open wait of a person who moves', () => {
  it.each<[string, Step, string, Readonly<Record<string, Json>>, string, string]>([
    [
      'to the west',
      NINE,
      '2026-01-16T08:00Z',
      { timezone: 'America/New_York' },
      '2026-01-15T12:00Z',
      '2026-01-15T14:00Z',
    ],
    [
      'to the east',
      NINE,
      '2026-01-16T08:00Z',
      { timezone: 'Asia/Tokyo' },
      '2026-01-15T12:00Z',
      '2026-01-16T00:00Z',
    ],
    [
      'past the time of today',
      NINE,
      '2026-01-15T08:00Z',
      { timezone: 'Asia/Tokyo' },
      '2026-01-15T06:00Z',
      '2026-01-16T00:00Z',
    ],
    [
      'with a window',
      WINDOW,
      '2026-01-16T08:00Z',
      { timezone: 'Asia/Tokyo' },
      '2026-01-15T22:00Z',
      '2026-01-16T00:00Z',
    ],
    [
      'with a date',
      TRIP,
      '2026-05-04T07:00Z',
      { trip: '2026-05-04', timezone: 'Asia/Tokyo' },
      '2026-01-15T12:00Z',
      '2026-05-04T00:00Z',
    ],
    [
      'whose date moves',
      TRIP,
      '2026-05-04T07:00Z',
      { trip: '2026-06-04' },
      '2026-01-15T12:00Z',
      '2026-06-04T07:00Z',
    ],
  ])('%s has another deadline', (_name, step, deadline, values, now, expected) => {
    const { after } = replanned(step, { deadline, values, now });
    expect(after).toMatchObject({ deadline: at(expected), fired: null });
  });

  it('ends at once where a window is open there already', () => {
    const over = {
      deadline: '2026-01-16T08:00Z',
      values: { timezone: 'America/New_York' },
      now: '2026-01-15T20:00Z',
    };
    expect(replanned(WINDOW, over).after.fired).toEqual({
      branch: 'inside',
      ref: ref(9, at(over.now)),
    });
  });

  it.each<[string, Json]>([
    ['has moved into the past', '2026-01-02'],
    ['is taken back', null],
  ])('ends at once where the date %s', (_name, trip) => {
    const over = { deadline: '2026-05-04T07:00Z', values: { trip }, now: '2026-01-15T20:00Z' };
    expect(replanned(TRIP, over).after.fired).toEqual({
      branch: 'past',
      ref: ref(9, at(over.now)),
    });
  });

  it.each<[string, Step, string, Readonly<Record<string, Json>>, string]>([
    [
      'for a length of time',
      FOUR_HOURS,
      '2026-01-15T16:00Z',
      { timezone: 'Asia/Tokyo' },
      '2026-01-15T12:00Z',
    ],
    ['that is over', NINE, '2026-01-15T08:00Z', { timezone: 'Asia/Tokyo' }, '2026-01-15T08:00Z'],
    [
      'in another zone of the same time',
      NINE,
      '2026-01-16T08:00Z',
      { timezone: 'Europe/Paris' },
      '2026-01-15T12:00Z',
    ],
    [
      'for a name that is no zone',
      NINE,
      '2026-01-16T08:00Z',
      { timezone: 'Europe' },
      '2026-01-15T12:00Z',
    ],
  ])('stays the very same %s', (_name, step, deadline, values, now) => {
    const { before, after } = replanned(step, { deadline, values, now });
    expect(after).toBe(before);
  });

  it('stays as it is once it has fired', () => {
    const definition = journey({ step: NINE, done: DONE });
    const fired = { branch: 'b', ref: ref(3) };
    const wait: OpenWait = { step: 'step', subscriptions: [], deadline: 9e12, restarts: 0, fired };
    expect(replanWait(wait, { definition, trigger: trigger(), traits: {} }, ref(9))).toBe(wait);
  });

  it('names the traits that it hangs on', () => {
    const definition = journey({
      nine: NINE,
      trip: TRIP,
      window: WINDOW,
      four: FOUR_HOURS,
      done: DONE,
    });
    const named = (step: string) => replanTraits(definition, step);
    expect(named('nine')).toEqual(['timezone']);
    expect(named('trip')).toEqual(['timezone', 'trip']);
    expect(named('window')).toEqual(['timezone']);
    expect(named('four')).toEqual([]);
    expect(named('done')).toEqual([]);
  });
});
