import { describe, expect, it } from '@jest/globals';
import type { AbsenceState } from '../profiles/types.js';
import type { Json } from '../shared/index.js';
import { ABSENCE_LIMITS, absenceChanges, isAbsent, mergeAbsence, noteAbsence } from './absence.js';
import type { AbsenceFact } from './types.js';

const FACT: AbsenceFact = {
  key: 'it',
  kind: 'absence',
  event: 'Viewed',
  where: [],
  awaited: 'Ordered',
  awaitedWhere: [],
  same: 'id',
};

type Step = readonly ['Viewed' | 'Ordered', Json | undefined, number];

function after(steps: readonly Step[], given: AbsenceState = { k: {} }): AbsenceState {
  return steps.reduce<AbsenceState>((state, [name, id, eventTime]) => {
    const properties = id === undefined ? {} : { id };
    return noteAbsence(FACT, state, { name, properties, eventTime }) ?? state;
  }, given);
}

describe('noteAbsence', () => {
  it.each<[string, readonly Step[], AbsenceState['k']]>([
    ['an opening', [['Viewed', 'a', 5]], { '"a"': { b: null, a: [5] } }],
    ['an answer', [['Ordered', 'a', 5]], { '"a"': { b: 5, a: [] } }],
    [
      'openings in any order, each once',
      [
        ['Viewed', 'a', 5],
        ['Viewed', 'a', 3],
        ['Viewed', 'a', 9],
        ['Viewed', 'a', 5],
      ],
      { '"a"': { b: null, a: [3, 5, 9] } },
    ],
    [
      'an answer to what is not later',
      [
        ['Viewed', 'a', 3],
        ['Viewed', 'a', 5],
        ['Viewed', 'a', 6],
        ['Ordered', 'a', 5],
      ],
      { '"a"': { b: 5, a: [6] } },
    ],
    [
      'the latest answer only',
      [
        ['Ordered', 'a', 5],
        ['Ordered', 'a', 3],
        ['Viewed', 'a', 5],
        ['Viewed', 'a', 6],
      ],
      { '"a"': { b: 5, a: [6] } },
    ],
    [
      'values apart, by their type as well',
      [
        ['Viewed', 1, 1],
        ['Viewed', '1', 2],
        ['Viewed', '__proto__', 3],
        ['Ordered', true, 4],
      ],
      {
        '1': { b: null, a: [1] },
        '"1"': { b: null, a: [2] },
        '"__proto__"': { b: null, a: [3] },
        true: { b: 4, a: [] },
      },
    ],
    [
      'nothing without a value',
      [
        ['Viewed', null, 1],
        ['Ordered', undefined, 2],
      ],
      {},
    ],
  ])('notes %s', (_label, steps, k) => {
    expect(after(steps)).toEqual({ k });
  });

  it('keeps a long value short, and still apart from others', () => {
    const long = 'x'.repeat(500);
    const keys = Object.keys(
      after([
        ['Viewed', long, 1],
        ['Viewed', `${long}y`, 2],
        ['Viewed', long, 3],
      ]).k,
    );
    expect(keys).toHaveLength(2);
    expect(keys.every((key) => /^#[0-9a-f]{32}$/.test(key))).toBe(true);
  });

  it('says of an event that changes nothing that it does not', () => {
    const state = after([
      ['Viewed', 'a', 6],
      ['Ordered', 'a', 5],
    ]);
    const note = (name: string, id: string, eventTime: number) =>
      noteAbsence(FACT, state, { name, properties: { id }, eventTime });
    expect(note('Left', 'a', 9)).toBeNull();
    expect(note('Viewed', 'a', 6)).toBeNull();
    expect(note('Viewed', 'a', 5)).toBeNull();
    expect(note('Ordered', 'a', 5)).toBeNull();
    expect(note('Ordered', 'a', 4)).toBeNull();
    expect(note('Viewed', 'a', 7)).toBe(state);
  });
});

describe('the limits of what is kept', () => {
  const many = (count: number, name: Step[0], from = 0): Step[] =>
    Array.from({ length: count }, (_, index) => [name, `${name}${index}`, from + index] as const);

  it('lets go first of what is answered, the oldest first', () => {
    const state = after([...many(60, 'Ordered', 500), ...many(60, 'Viewed', 0)]);
    const keys = Object.keys(state.k);
    expect(keys).toHaveLength(ABSENCE_LIMITS.keys);
    expect(keys.filter((key) => key.startsWith('"Viewed'))).toHaveLength(60);
    expect(keys).not.toContain('"Ordered19"');
    expect(keys).toContain('"Ordered20"');
  });

  it('then of what is open longest', () => {
    const state = after(many(ABSENCE_LIMITS.keys + 5, 'Viewed'));
    expect(Object.keys(state.k)).toHaveLength(ABSENCE_LIMITS.keys);
    expect(state.k['"Viewed4"']).toBeUndefined();
    expect(state.k['"Viewed5"']).toEqual({ b: null, a: [5] });
  });

  it('keeps the newest openings, and a value that has none left only for its answer', () => {
    const times = (id: string, from: number, count: number): Step[] =>
      Array.from({ length: count }, (_, index) => ['Viewed', id, from + index] as const);
    const state = after([
      ['Viewed', 'old', 1],
      ['Ordered', 'bought', 0],
      ['Viewed', 'bought', 2],
      ...times('new', 10, ABSENCE_LIMITS.times + 3),
    ]);
    expect(state.k['"old"']).toBeUndefined();
    expect(state.k['"bought"']).toEqual({ b: 0, a: [] });
    expect(state.k['"new"']?.a).toHaveLength(ABSENCE_LIMITS.times);
    expect(state.k['"new"']?.a[0]).toBe(13);
  });

  it('does not depend on the order of keys, which a database does not keep', () => {
    const steps = many(ABSENCE_LIMITS.keys, 'Viewed').map(([name, id]) => [name, id, 7] as const);
    const more: Step = ['Viewed', 'more', 7];
    const forwards = after([more], after(steps));
    const backwards = after([more], after([...steps].reverse()));
    expect(forwards).toEqual(backwards);
    expect(Object.keys(forwards.k)).toHaveLength(ABSENCE_LIMITS.keys);
  });

  it('holds after a merge as well', () => {
    const merged = mergeAbsence(after(many(80, 'Viewed')), after(many(80, 'Ordered', 99)));
    expect(Object.keys(merged.k)).toHaveLength(ABSENCE_LIMITS.keys);
    expect(Object.keys(merged.k).filter((key) => key.startsWith('"Viewed'))).toHaveLength(80);
  });
});

describe('isAbsent and absenceChanges', () => {
  const span = { windowMs: 10, lifeMs: 100 };
  const state = after([
    ['Viewed', 'a', 0],
    ['Viewed', 'a', 50],
    ['Viewed', 'b', 200],
  ]);

  it.each<[number, boolean, number]>([
    [0, false, 10],
    [9, false, 10],
    [10, true, 110],
    [59, true, 110],
    [60, true, 160],
    [159, true, 160],
    [160, false, 210],
    [209, false, 210],
    [210, true, 310],
    [310, false, Infinity],
  ])('at %d: %s until %d', (now, absent, next) => {
    expect(isAbsent(state, span, now)).toBe(absent);
    expect(absenceChanges(state, span, now)).toBe(next);
  });

  it('last as long as the last of what is open', () => {
    for (const ids of [
      ['a', 'b'],
      ['b', 'a'],
    ] as const) {
      const both = after(ids.map((id, index) => ['Viewed', id, index * 30] as const));
      expect(absenceChanges(both, span, 50)).toBe(140);
      expect(absenceChanges(both, span, 20)).toBe(110);
      expect(absenceChanges(both, span, 5)).toBe(10);
    }
    const reversed = mergeAbsence(after([['Viewed', 'b', 30]]), after([['Viewed', 'a', 0]]));
    expect(absenceChanges(reversed, span, 50)).toBe(140);
    expect(absenceChanges(reversed, span, 5)).toBe(10);
  });

  it('know nothing of who has done neither', () => {
    for (const nothing of [undefined, 3, { n: 3 }, { k: {} }]) {
      expect(isAbsent(nothing, span, 10)).toBe(false);
      expect(absenceChanges(nothing, span, 10)).toBe(Infinity);
    }
  });
});
