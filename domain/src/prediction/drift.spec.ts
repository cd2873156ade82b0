import { describe, expect, it } from '@jest/globals';
import { driftOf, spreadsOf, stabilityIndex } from './drift.js';
import { tableOf } from './feature-table.js';
import { people } from './testing/labelled.js';
import type { FeatureRow } from './types.js';

const then = people(2_000, 1);
const scores = Float64Array.from(then.truth);
const spreads = spreadsOf(then.table, scores);

function levelsAfter(change: (row: FeatureRow) => FeatureRow, moved = scores) {
  const drift = driftOf(spreads, tableOf(then.rows.map(change)), moved);
  return Object.fromEntries(drift.map(({ feature, level }) => [feature, level]));
}

const STABLE = {
  days: 'stable',
  plan: 'stable',
  spend: 'stable',
  noise: 'stable',
  score: 'stable',
};

describe('drift', () => {
  it('is nothing for the same people, and little for others like them', () => {
    expect(driftOf(spreads, then.table, scores).every(({ psi }) => psi === 0)).toBe(true);
    const others = people(2_000, 2);
    const drift = driftOf(spreads, others.table, Float64Array.from(others.truth));
    expect(drift.every(({ level }) => level === 'stable')).toBe(true);
  });

  it.each<[string, (row: FeatureRow) => FeatureRow]>([
    ['days', (row) => ({ ...row, days: Number(row['days']) + 40 })],
    ['plan', (row) => ({ ...row, plan: 'brand new' })],
    ['spend', (row) => ({ ...row, spend: null })],
  ])('names %s alone when that changes', (feature, change) => {
    expect(levelsAfter(change)).toEqual({ ...STABLE, [feature]: 'drifted' });
  });

  it('sees that scores move', () => {
    expect(
      levelsAfter(
        (row) => row,
        scores.map((each) => each / 3),
      ),
    ).toEqual({
      ...STABLE,
      score: 'drifted',
    });
  });

  it('takes a feature that is gone, or of another kind, for missing', () => {
    const changed = levelsAfter(({ days = null, spend = null }) => ({ days, spend, plan: 7 }));
    expect(changed).toEqual({ ...STABLE, noise: 'drifted', plan: 'drifted' });
  });

  it('puts the most drifted first, and survives JSON', () => {
    expect(JSON.parse(JSON.stringify(spreads))).toEqual(spreads);
    const table = tableOf(then.rows.map((row) => ({ ...row, noise: 9 })));
    expect(driftOf(spreads, table, scores)[0]).toMatchObject({
      feature: 'noise',
      level: 'drifted',
    });
  });
});

describe('stabilityIndex', () => {
  it('is as by hand, and finite where a bin is empty', () => {
    const by = (0.6 - 0.5) * Math.log(0.6 / 0.5) + (0.4 - 0.5) * Math.log(0.4 / 0.5);
    expect(stabilityIndex([0.5, 0.5], [0.6, 0.4])).toBeCloseTo(by, 12);
    expect(stabilityIndex([1, 0], [0, 1])).toBeGreaterThan(1);
    expect(Number.isFinite(stabilityIndex([1, 0], [0, 1]))).toBe(true);
  });
});
