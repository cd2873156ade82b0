import { describe, expect, it } from '@jest/globals';
import type { AbsenceState } from '../profiles/types.js';
import { absenceChanges, isAbsent, mergeAbsence, noteAbsence } from './absence.js';
import { after, FACT, type Step } from './testing/absence.js';

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
