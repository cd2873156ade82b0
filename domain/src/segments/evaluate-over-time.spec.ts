import { describe, expect, it } from '@jest/globals';
import type { Duration } from '../shared/index.js';
import { evaluate, isMember, nextChangeAt } from './evaluate.js';
import { afterEvents, NOON, person } from './testing/people.js';
import type { AbsenceCondition, Condition, CustomerFacts, EventWindow } from './types.js';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const isPro: Condition = { trait: 'plan', op: 'equals', value: 'pro' };

/** Offsets from noon at which somebody is asked about, with the answer. */
type Answers = readonly (readonly [number, boolean])[];

function expectAnswers(condition: Condition, customer: CustomerFacts, answers: Answers): void {
  const found = answers.map(([offset]) => [offset, isMember(condition, customer, NOON + offset)]);
  expect(found).toEqual(answers);
}

const day: Duration = { days: 1 };

describe('a rolling window', () => {
  it('lets in at once and out at the very millisecond', () => {
    const condition: Condition = { event: 'Ordered', within: day };
    const once = afterEvents(condition, [['Ordered', 0]]);
    expectAnswers(condition, once, [
      [0, true],
      [DAY - 1, true],
      [DAY, false],
    ]);
    expect(nextChangeAt(condition, once, NOON)).toBe(NOON + DAY);
    expect(nextChangeAt(condition, once, NOON + DAY)).toBeNull();
  });

  it('counts an event of the near future from the moment that it is known', () => {
    const condition: Condition = { event: 'Ordered', within: day };
    const ahead = afterEvents(condition, [['Ordered', 1_000]]);
    expectAnswers(condition, ahead, [
      [0, true],
      [DAY + 999, true],
      [DAY + 1_000, false],
    ]);
  });

  it.each<[Condition, Answers]>([
    [
      { event: 'Ordered', within: day, count: { gte: 2 } },
      [
        [0, true],
        [DAY - HOUR - 1, true],
        [DAY - HOUR, false],
      ],
    ],
    [
      { event: 'Ordered', within: 'P1D', count: { lte: 1 } },
      [
        [0, false],
        [DAY - HOUR - 1, false],
        [DAY - HOUR, true],
        [3 * DAY, true],
      ],
    ],
    [
      { event: 'Ordered', within: day, count: { eq: 1 } },
      [
        [DAY - HOUR - 1, false],
        [DAY - HOUR, true],
        [DAY - 1, true],
        [DAY, false],
      ],
    ],
    [
      { event: 'Ordered', within: day, count: { eq: 0 } },
      [
        [DAY - 1, false],
        [DAY, true],
      ],
    ],
    [{ event: 'Ordered', within: day, count: { gte: 0 } }, [[0, true]]],
  ])('answers %j with the newest times only', (condition, answers) => {
    const offsets = [-50, -40, -30, -20, -1, 0].map((hours) => hours * HOUR);
    const often = afterEvents(
      condition,
      offsets.map((offset) => ['Ordered', offset]),
    );
    expectAnswers(condition, often, answers);
  });

  it('says as its next time when a bound is crossed, not when any event leaves', () => {
    const events = [-3, -2, -1].map((hours) => ['Ordered', hours * HOUR] as const);
    const next = (condition: Condition) =>
      nextChangeAt(condition, afterEvents(condition, events), NOON);
    expect(next({ event: 'Ordered', within: day })).toBe(NOON + DAY - HOUR);
    expect(next({ event: 'Ordered', within: day, count: { lte: 2 } })).toBe(NOON + DAY - 3 * HOUR);
    expect(next({ event: 'Ordered', within: day, count: { lte: 5 } })).toBeNull();
    expect(next({ event: 'Ordered', within: day, count: { gte: 9 } })).toBeNull();
    expect(next({ event: 'Ordered', within: day, count: { eq: 2 } })).toBe(NOON + DAY - 3 * HOUR);
  });

  it('never promises a time that no clock here reaches', () => {
    const condition: Condition = { event: 'Ordered', within: { days: 365_250 } };
    const once = afterEvents(condition, [['Ordered', 7_500 * 365 * DAY]]);
    expectAnswers(condition, once, [[0, true]]);
    expect(nextChangeAt(condition, once, NOON)).toBeNull();
  });
});

describe('a fixed range of event times', () => {
  const at = (offset: number) => new Date(NOON + offset).toISOString();
  it.each<[string, EventWindow, number, boolean]>([
    ['between takes its beginning', { between: [at(0), at(HOUR)] }, 0, true],
    ['between leaves its end out', { between: [at(0), at(HOUR)] }, HOUR, false],
    ['between leaves out what is earlier', { between: [at(0), at(HOUR)] }, -1, false],
    ['between takes ms as well', { between: [NOON, NOON + 1] }, 0, true],
    ['before takes what is earlier', { before: at(0) }, -1, true],
    ['before leaves its time out', { before: at(0) }, 0, false],
    ['after takes what is later', { after: at(0) }, 1, true],
    ['after leaves its time out', { after: NOON }, 0, false],
  ])('%s', (_label, within, offset, expected) => {
    const condition: Condition = { event: 'Ordered', within };
    const customer = afterEvents(condition, [['Ordered', offset]]);
    expectAnswers(condition, customer, [
      [0, expected],
      [900 * DAY, expected],
    ]);
    expect(nextChangeAt(condition, customer, NOON)).toBeNull();
  });
});

describe('the first and the last time', () => {
  const events = [
    ['Ordered', 0],
    ['Ordered', -HOUR],
    ['Ordered', HOUR],
  ] as const;

  it.each<[string, Condition, Answers, number | null]>([
    [
      'older than',
      { firstEvent: 'Ordered', op: 'olderThan', value: day },
      [
        [0, false],
        [DAY - HOUR - 1, false],
        [DAY - HOUR, true],
      ],
      DAY - HOUR,
    ],
    [
      'within the last',
      { lastEvent: 'Ordered', op: 'withinLast', value: day },
      [
        [0, true],
        [DAY + HOUR - 1, true],
        [DAY + HOUR, false],
      ],
      DAY + HOUR,
    ],
    ['before', { firstEvent: 'Ordered', op: 'before', value: NOON - HOUR + 1 }, [[0, true]], null],
    ['not before', { firstEvent: 'Ordered', op: 'before', value: NOON - HOUR }, [[0, false]], null],
    ['after', { lastEvent: 'Ordered', op: 'after', value: NOON + HOUR - 1 }, [[0, true]], null],
    ['not after', { lastEvent: 'Ordered', op: 'after', value: NOON + HOUR }, [[0, false]], null],
  ])('%s', (_label, condition, answers, next) => {
    const customer = afterEvents(condition, events);
    expectAnswers(condition, customer, answers);
    expect(nextChangeAt(condition, customer, NOON)).toBe(next === null ? null : NOON + next);
  });

  it.each<Condition>([
    { firstEvent: 'Ordered', op: 'olderThan', value: day },
    { firstEvent: 'Ordered', op: 'before', value: NOON + DAY },
    { lastEvent: 'Ordered', op: 'withinLast', value: day },
    { lastEvent: 'Ordered', op: 'after', value: NOON - DAY },
  ])('is never %j of what never happened', (condition) => {
    const nobody = afterEvents(condition, [['Viewed', 0]]);
    expectAnswers(condition, nobody, [[0, false]]);
    expect(nextChangeAt(condition, nobody, NOON)).toBeNull();
  });
});

describe('an absence', () => {
  const abandoned: AbsenceCondition = {
    sequence: [{ event: 'Viewed' }, { event: 'Ordered', absent: true, within: { hours: 24 } }],
    for: { days: 2 },
  };
  const ofOne: AbsenceCondition = {
    sequence: [
      { event: 'Viewed' },
      { event: 'Ordered', absent: true, within: day, same: 'productId' },
    ],
  };

  it('begins when the window has passed, and ends after its time', () => {
    const customer = afterEvents(abandoned, [['Viewed', 0]]);
    expectAnswers(abandoned, customer, [
      [0, false],
      [DAY - 1, false],
      [DAY, true],
      [3 * DAY - 1, true],
      [3 * DAY, false],
    ]);
    expect(nextChangeAt(abandoned, customer, NOON)).toBe(NOON + DAY);
    expect(nextChangeAt(abandoned, customer, NOON + DAY)).toBe(NOON + 3 * DAY);
    expect(nextChangeAt(abandoned, customer, NOON + 3 * DAY)).toBeNull();
  });

  it('lasts ninety days where nothing else is said', () => {
    const customer = afterEvents(ofOne, [['Viewed', 0, { productId: 7 }]]);
    expectAnswers(ofOne, customer, [
      [DAY, true],
      [91 * DAY - 1, true],
      [91 * DAY, false],
    ]);
  });

  it.each<[string, number, boolean]>([
    ['in time', HOUR, false],
    ['at the same instant', 0, false],
    ['after the window as well', 2 * DAY, false],
    ['too early', -1, true],
  ])('is ended by an answer that comes %s: %s', (_label, offset, expected) => {
    const customer = afterEvents(abandoned, [
      ['Viewed', 0],
      ['Ordered', offset],
    ]);
    expectAnswers(abandoned, customer, [[2 * DAY, expected]]);
  });

  it('begins anew with what is opened after the answer', () => {
    const customer = afterEvents(abandoned, [
      ['Viewed', 0],
      ['Ordered', HOUR],
      ['Viewed', 2 * HOUR],
    ]);
    expectAnswers(abandoned, customer, [
      [DAY + 2 * HOUR - 1, false],
      [DAY + 2 * HOUR, true],
    ]);
  });

  it('tells values apart, and leaves out who has none', () => {
    const customer = afterEvents(ofOne, [
      ['Viewed', 0, { productId: 7 }],
      ['Viewed', 1, { productId: '7' }],
      ['Viewed', 2],
      ['Ordered', 3, { productId: 7 }],
      ['Ordered', 4, { productId: null }],
    ]);
    expectAnswers(ofOne, customer, [
      [DAY, false],
      [DAY + 1, true],
    ]);
    const answered = afterEvents(ofOne, [
      ['Viewed', 1, { productId: '7' }],
      ['Viewed', 2],
      ['Ordered', 5, { productId: '7' }],
    ]);
    expectAnswers(ofOne, answered, [[2 * DAY, false]]);
  });

  it('never opens by what answers itself', () => {
    const self: AbsenceCondition = {
      sequence: [{ event: 'Viewed' }, { event: 'Viewed', absent: true, within: day }],
    };
    expectAnswers(self, afterEvents(self, [['Viewed', 0]]), [[2 * DAY, false]]);
  });
});

describe('a trait that is a time', () => {
  const iso = new Date(NOON).toISOString();
  it.each<[string, Condition, Answers, number | null]>([
    [
      'within the last day',
      { trait: 'seen', op: 'withinLast', value: day },
      [
        [-DAY, true],
        [DAY - 1, true],
        [DAY, false],
      ],
      DAY,
    ],
    [
      'older than a day',
      { trait: 'seen', op: 'olderThan', value: 'P1D' },
      [
        [DAY - 1, false],
        [DAY, true],
      ],
      DAY,
    ],
    [
      'within the next day',
      { trait: 'seen', op: 'withinNext', value: day },
      [
        [-DAY, false],
        [-DAY + 1, true],
        [0, true],
        [1, false],
      ],
      1,
    ],
  ])('is %s', (_label, condition, answers, next) => {
    for (const value of [iso, NOON]) {
      const customer = person({ seen: value });
      expectAnswers(condition, customer, answers);
      expect(nextChangeAt(condition, customer, NOON)).toBe(next === null ? null : NOON + next);
    }
    for (const value of [null, 'soon', true, [iso], { at: iso }]) {
      const customer = person({ seen: value });
      expectAnswers(
        condition,
        customer,
        answers.map(([offset]) => [offset, false]),
      );
      expectAnswers(
        { not: condition },
        customer,
        answers.map(([offset]) => [offset, true]),
      );
      expect(nextChangeAt(condition, customer, NOON)).toBeNull();
    }
    expectAnswers(condition, person({}), [[0, false]]);
  });

  it('says beforehand when the next day will hold it', () => {
    const condition: Condition = { trait: 'seen', op: 'withinNext', value: day };
    expect(nextChangeAt(condition, person({ seen: iso }), NOON - 3 * DAY)).toBe(NOON - DAY + 1);
    expect(nextChangeAt(condition, person({ seen: iso }), NOON + 1)).toBeNull();
  });
});

describe('nextChangeAt', () => {
  const short: Condition = { event: 'Ordered', within: { hours: 1 } };
  const long: Condition = { event: 'Ordered', within: { hours: 5 } };
  const once = afterEvents({ all: [short, long] }, [['Ordered', 0]]);

  it('of a tree is the time of the part that decides', () => {
    expect(nextChangeAt({ all: [short, long] }, once, NOON)).toBe(NOON + HOUR);
    expect(nextChangeAt({ any: [short, long] }, once, NOON)).toBe(NOON + 5 * HOUR);
    expect(nextChangeAt({ not: { any: [short, long] } }, once, NOON)).toBe(NOON + 5 * HOUR);
  });

  it('is never where time alone cannot help', () => {
    expect(nextChangeAt({ all: [short, isPro] }, once, NOON)).toBeNull();
    expect(nextChangeAt({ any: [short, { not: isPro }] }, once, NOON)).toBeNull();
    expect(nextChangeAt({ all: [short, { not: isPro }] }, once, NOON)).toBe(NOON + HOUR);
  });
});

describe('what was found', () => {
  const saying = (condition: Condition, ...events: Parameters<typeof afterEvents>[1]) =>
    evaluate(condition, afterEvents(condition, events), NOON).because[0]?.split(': ').at(-1);

  it('speaks of the window', () => {
    const condition: Condition = { event: 'Ordered', within: day };
    expect(saying(condition)).toBe('does not hold, it never happened');
    expect(saying(condition, ['Ordered', -DAY])).toBe(
      'does not hold, it did not happen in that time',
    );
    expect(saying(condition, ['Ordered', 0])).toBe('holds, it happened once in that time');
    expect(saying(condition, ['Ordered', 0], ['Ordered', 1])).toBe(
      'holds, it happened at least once in that time',
    );
  });

  it('names times', () => {
    const first: Condition = { firstEvent: 'Ordered', op: 'olderThan', value: day };
    expect(saying(first)).toBe('does not hold, it never happened');
    expect(saying(first, ['Ordered', -DAY])).toContain(
      'holds, that was at 2026-01-01T12:00:00.000Z',
    );
    const absence: AbsenceCondition = {
      sequence: [{ event: 'Viewed' }, { event: 'Ordered', absent: true, within: day }],
    };
    expect(saying(absence)).toBe('does not hold, neither ever happened');
    expect(saying(absence, ['Ordered', 0])).toBe('does not hold, nothing is waiting for an answer');
    expect(saying(absence, ['Viewed', -DAY])).toContain(
      'without an answer since 2026-01-01T12:00:00.000Z',
    );
  });
});
