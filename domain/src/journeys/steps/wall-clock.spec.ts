import { describe, expect, it } from '@jest/globals';
import { advance, initialState } from '../advance.js';
import { drawBranch } from '../lots.js';
import { DONE, journey, mail, view } from '../testing/builders.js';
import type { Advance, JourneyDefinition, JourneyInput, Step, StepView } from '../types.js';
import type { Json } from '../../shared/index.js';
import type { Traits } from '../../profiles/types.js';

const at = (text: string): number => Date.parse(text);
const iso = (instant: number): string => new Date(instant).toISOString().replace(':00.000Z', 'Z');
const traits = (values: Readonly<Record<string, Json>>): Traits =>
  Object.fromEntries(
    Object.entries(values).map(([name, v]) => [name, { v, t: 0, p: 0, o: 0, s: null }]),
  );

const GONE: Step = { kind: 'exit', reason: 'gone' };

function enter(
  first: Step,
  { now = '2026-01-15T12:00Z', over = {}, of = {} }: EnterOptions = {},
): Advance {
  const definition = journey(
    { first, done: DONE, gone: GONE },
    { timezone: 'Europe/Berlin', ...of },
  );
  const person = view({ traits: traits(over) });
  return advance(definition, initialState(), { kind: 'enter', instant: at(now) }, person);
}

interface EnterOptions {
  readonly now?: string;
  readonly over?: Readonly<Record<string, Json>>;
  readonly of?: Partial<JourneyDefinition>;
}

/** `until 2026-…`, `done`, `gone`, `date_passed`. */
function whereabouts({ state: { place } }: Advance): string {
  if (place.kind === 'waiting') return `until ${iso(place.deadline ?? 0)}`;
  return place.kind === 'ended' ? place.outcome.replace('exited:', '') : place.kind;
}

function then(
  { state }: Advance,
  definition: JourneyDefinition,
  input: JourneyInput,
  person: StepView,
) {
  return advance(definition, state, input, person);
}

describe('a delay until a time of day', () => {
  const nine: Step = { kind: 'delay', until: { kind: 'localTime', at: '09:00' }, next: 'done' };
  const monday: Step = {
    kind: 'delay',
    until: { kind: 'localTime', at: '09:00', weekdays: ['mon', 'tue'] },
    next: 'done',
  };

  it.each<[string, Step, EnterOptions, string]>([
    ['is for the journey’s clock', nine, {}, 'until 2026-01-16T08:00Z'],
    [
      'is for the person’s own clock',
      nine,
      { over: { timezone: 'America/New_York' } },
      'until 2026-01-15T14:00Z',
    ],
    [
      'takes the weekday of that clock',
      monday,
      { over: { timezone: 'Pacific/Apia' } },
      'until 2026-01-18T20:00Z',
    ],
    [
      'is for the next one at the very time',
      nine,
      { now: '2026-01-15T08:00Z' },
      'until 2026-01-16T08:00Z',
    ],
    [
      'is an hour shorter when clocks go forward',
      nine,
      { now: '2026-03-28T08:00Z' },
      'until 2026-03-29T07:00Z',
    ],
    [
      'is an hour longer when clocks go back',
      nine,
      { now: '2026-10-24T07:00Z' },
      'until 2026-10-25T08:00Z',
    ],
  ])('%s', (_name, step, options, expected) => {
    expect(whereabouts(enter(step, options))).toBe(expected);
  });

  it('goes on when it is over', () => {
    const definition = journey({ first: nine, done: DONE });
    const waiting = enter(nine);
    const timeout = { kind: 'timeout', instant: at('2026-01-16T08:00Z') } as const;
    expect(whereabouts(then(waiting, definition, timeout, view()))).toBe('completed');
  });

  it('says in its summary what it waits for, and nothing of the person', () => {
    expect(enter(monday).command).toMatchObject({
      kind: 'wait',
      summary: 'wait until 09:00 local (mon, tue)',
    });
  });
});

describe('a delay until a date', () => {
  const trip = (over: object = {}): Step => ({
    kind: 'delay',
    until: { kind: 'date', trait: 'trip', ifPast: 'continue', ...over },
    next: 'done',
  });
  const before: object = { offset: { before: 'P3D' }, at: '09:00' };

  it.each<[string, Step, Json | undefined, string]>([
    ['waits for the beginning of a day', trip(), '2026-05-04', 'until 2026-05-03T22:00Z'],
    ['waits for an instant', trip(), '2026-05-04T10:20:00Z', 'until 2026-05-04T10:20Z'],
    [
      'takes elapsed time from an instant',
      trip({ offset: { before: 'PT90M' } }),
      '2026-05-04T10:20:00Z',
      'until 2026-05-04T08:50Z',
    ],
    ['takes days and a time of day', trip(before), '2026-05-04', 'until 2026-05-01T07:00Z'],
    // Three days of 24 hours would be 08:00 local: the clocks went forward in between.
    [
      'takes calendar days over a change of the clocks',
      trip(before),
      '2026-03-30',
      'until 2026-03-27T08:00Z',
    ],
    [
      'takes the day that an instant falls on',
      trip({ at: '09:00' }),
      '2026-05-04T23:30:00Z',
      'until 2026-05-05T07:00Z',
    ],
    ['goes on where it is over', trip(), '2026-01-14', 'completed'],
    ['goes on where there is none', trip(), undefined, 'completed'],
    ['leaves where it is over', trip({ ifPast: 'exit' }), '2026-01-14', 'date_passed'],
    ['leaves where it is no date', trip({ ifPast: 'exit' }), 'soon', 'date_passed'],
    [
      'goes another way where it is over',
      trip({ ifPast: { branch: 'gone' } }),
      '2026-01-14',
      'gone',
    ],
    [
      'goes another way where the offset is',
      trip({ ifPast: { branch: 'gone' }, ...before }),
      '2026-01-17',
      'gone',
    ],
    [
      'is not over at the very instant',
      trip({ ifPast: 'exit' }),
      '2026-01-15T12:00:00Z',
      'until 2026-01-15T12:00Z',
    ],
  ])('%s', (_name, step, value, expected) => {
    expect(whereabouts(enter(step, value === undefined ? {} : { over: { trip: value } }))).toBe(
      expected,
    );
  });

  it('tells in the trail that the date was over', () => {
    const { trail } = enter(trip({ ifPast: 'exit' }));
    expect(trail.map(({ kind, detail }) => [kind, detail])).toEqual([
      ['entered', { trigger: 'Cart Updated' }],
      ['stepped', { kind: 'delay' }],
      ['fired', { branch: 'past', already: true }],
      ['ended', { outcome: 'exited:date_passed' }],
    ]);
  });

  it('names the trait in its summary and never the date', () => {
    const { command } = enter(trip(before), { over: { trip: '2026-05-04' } });
    expect(command).toMatchObject({ summary: 'wait until 3 d before trip, 09:00 local' });
  });
});

describe('a window', () => {
  const hours = {
    from: '09:00',
    to: '20:00',
    weekdays: ['mon', 'tue', 'wed', 'thu', 'fri'],
  } as const;
  const wait: Step = { kind: 'window', hours, next: 'done' };
  const skip: Step = { ...wait, outside: 'gone' };

  it.each<[string, Step, EnterOptions, string]>([
    ['lets pass within its hours', wait, {}, 'completed'],
    ['waits for the morning', wait, { now: '2026-01-15T20:00Z' }, 'until 2026-01-16T08:00Z'],
    ['waits for Monday', wait, { now: '2026-01-16T20:00Z' }, 'until 2026-01-19T08:00Z'],
    [
      'is that of the person’s own clock',
      wait,
      { over: { timezone: 'Asia/Tokyo' } },
      'until 2026-01-16T00:00Z',
    ],
    ['sends another way outside of its hours', skip, { now: '2026-01-15T20:00Z' }, 'gone'],
    ['lets pass within its hours, with another way too', skip, {}, 'completed'],
  ])('%s', (_name, step, options, expected) => {
    expect(whereabouts(enter(step, options))).toBe(expected);
  });
});

describe('a random split', () => {
  const branches = [
    { id: 'a', weight: 1, next: 'done' },
    { id: 'b', weight: 1, next: 'gone' },
  ];
  const split: Step = { kind: 'randomSplit', branches };

  it('sends everybody the way that was drawn for them, by journey and step', () => {
    const ways = ['ada', 'bob', 'cid', 'dan', 'eve', 'fay'].map((customerId) => {
      const definition = journey({ first: split, done: DONE, gone: GONE });
      const input = { kind: 'enter', instant: 0 } as const;
      const { state } = advance(definition, initialState(), input, view({ customerId }));
      const drawn = drawBranch(branches, { customerId, salt: 'cart/first' });
      expect(state.place).toMatchObject({
        outcome: drawn?.id === 'a' ? 'completed' : 'exited:gone',
      });
      return drawn?.id;
    });
    expect(new Set(ways)).toEqual(new Set(['a', 'b']));
  });

  it('tells the branch in the trail', () => {
    const { trail } = enter({ kind: 'randomSplit', salt: 'x', branches });
    const drawn = drawBranch(branches, { customerId: view().customerId, salt: 'x' });
    expect(trail).toContainEqual(
      expect.objectContaining({ kind: 'branched', detail: { branch: drawn?.id } }),
    );
  });
});

describe('a holdout', () => {
  it('ends at once for those who are left out, and nothing is sent', () => {
    const { state, trail, command } = enter(mail('done'), { of: { holdout: { percent: 100 } } });
    expect(state).toEqual({ place: { kind: 'ended', outcome: 'holdout' }, visits: {}, taken: 0 });
    expect(command).toEqual({ kind: 'end', outcome: 'holdout' });
    expect(trail.map(({ kind }) => kind)).toEqual(['entered', 'ended']);
  });

  it('is nothing to those who are not', () => {
    const { state } = enter(mail('done'), { of: { holdout: { percent: 0 } } });
    expect(state.place).toMatchObject({ kind: 'delivering', step: 'first' });
  });
});

describe('a message in quiet hours', () => {
  it('has its time from their end on', () => {
    const of = { quietHours: { from: '21:00', to: '08:00' }, messageExpiry: 'PT1H' } as const;
    const expiry = (step: Step, now: string) => {
      const { command } = enter(step, { of, now });
      return command.kind === 'deliver' ? iso(command.expiresAt) : command.kind;
    };
    expect(expiry(mail('done'), '2026-01-15T12:00Z')).toBe('2026-01-15T13:00Z');
    expect(expiry(mail('done'), '2026-01-15T22:00Z')).toBe('2026-01-16T08:00Z');
    const exempt: Step = {
      kind: 'message',
      channel: 'email',
      connection: 'm',
      template: 't',
      class: 'transactional',
      next: 'done',
    };
    expect(expiry(exempt, '2026-01-15T22:00Z')).toBe('2026-01-15T23:00Z');
  });
});
