import { describe, expect, it } from '@jest/globals';
import { ABSENCE_LIMITS, mergeAbsence } from './absence.js';
import { after, type Step } from './testing/absence.js';

describe('the limits of what is kept of absences', () => {
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
